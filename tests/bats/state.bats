#!/usr/bin/env bats
# Whatever a training run adds to State is stored in its checkpoint, and the resumed run ends as one that never stopped.
load common

setup_file() { make_inputs; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }

assert_resumes() { # OPTION...
    local train=(ds-train -q mlp --set width=8 --set depth=1 -d "$INPUTS/data.h5" --batch 32 --steps 6 --seed 1 "$@")
    "${train[@]}" -o whole.h5
    "${train[@]}" --stop-after 3 -o half.h5
    ds-train -q --resume half.h5 -d "$INPUTS/data.h5" -o resumed.h5
    run -0 ds-info whole.h5 --diff resumed.h5
    assert_output ''
}

@test "accumulated gradients and their count" { assert_resumes --accumulate 2; }
@test "moments of each optimizer" {
    assert_resumes --optimizer sgd --lr 0.1 --nesterov
    assert_resumes --optimizer adam
    assert_resumes --optimizer adamw --weight-decay 0.1 --decay-all
}
@test "averaged weights" { assert_resumes --ema 0.9; }

@test "the script of ds-info --script makes the file again, byte for byte, in another folder" {
    mkdir raw work again
    make_idx raw/images.gz raw/labels.gz 200
    printf 'top\nmiddle\nbottom\n' >raw/names.txt
    (
        cd work
        ds-data import idx -q ../raw/images.gz ../raw/labels.gz -o train.h5
        cp train.h5 test.h5
        ds-data label -q train.h5 test.h5 --names ../raw/names.txt
        ds-data split -q train.h5 --val 40 --stratify --seed 3 -o ../part.h5
        ds-train -q mlp --set width=8 -d ../part.h5:train --val ../part.h5:val --epochs 2 --batch 32 --seed 1 -o model.h5
        ds-info model.h5 --script >../again/again.sh
    )
    cp raw/* again
    run -0 env -C again sh again.sh
    run -0 cmp work/model.h5 again/model.h5
}
