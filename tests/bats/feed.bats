#!/usr/bin/env bats
# How data come to a model: several files as one, windows of a shuffle, encoded pictures, workers.
load common

setup_file() { make_inputs; }
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

refuses() { # STATUS WORDS COMMAND
    shell "$3"
    assert_equal "$3: $status" "$3: $1"
    last=$(tail -1 <<<"$stderr")
    [[ $last == "ds-"*": error: "*"$2"* ]] || fail "$3: no '$2' in: $stderr"
    [ ! -e m.h5 ] || fail "$3: an output was left"
}

@test "several files are one data set: as the joined file, in training, evaluation and prediction" {
    for i in 1 2 10; do
        make_idx i$i.gz l$i.gz $((i * 3 + 60))
        ds-data import idx -q i$i.gz l$i.gz -o shard-$i.h5
    done
    ds-data cat -q 'shard-*.h5' -o all.h5
    train="ds-train -q mlp --set width=8 --batch 32 --seed 1 --lr 0.01 --schedule constant"
    $train --epochs 2 -d 'shard-*.h5' --val 'shard-?.h5' -o a.h5
    $train --epochs 2 -d all.h5 --val shard-1.h5 --val shard-2.h5 -o b.h5
    same_state a.h5 b.h5
    ds-train -q --resume a.h5 --epochs 3 -o a3.h5
    ds-train -q --resume b.h5 --epochs 3 -o b3.h5
    same_state a3.h5 b3.h5
    diff <(ds-eval a.h5 -d 'shard-*.h5' --json | jq 'del(.data)') <(ds-eval a.h5 -d all.h5 --json | jq 'del(.data)')
    cmp <(ds-infer a.h5 'shard-*.h5' | sed 's/.*]: //') <(ds-infer a.h5 all.h5 | sed 's/.*]: //')
    rm shard-10.h5
    refuses 66 'shard-10.h5 is neither here' 'ds-train --resume a.h5 --epochs 4 -o c.h5'
    refuses 65 'not the data that the run was started on' "ds-train --resume a.h5 -d 'shard-*.h5' --epochs 4 -o c.h5"
    mkdir again
    cp ./*.gz again
    (cd again && ds-info --script ../a.h5 >s.sh && sh s.sh 2>/dev/null && cmp a.h5 ../a.h5)
}

@test "several files: what does not fit together, or is not there, is named" {
    cp "$INPUTS/data.h5" a.h5
    cp a.h5 b.h5
    ds-data split -q a.h5 --val 0.2 --seed 1 -o s.h5
    run -0 --separate-stderr ds-train mlp -d '[ab].h5' --steps 1 --dry-run
    assert_regex "$stderr" 'b.h5 holds the same as a.h5; its rows count twice'
    refuses 66 "no file matches 'none-*.h5'" "ds-train mlp -d 'none-*.h5:train' -o m.h5"
    refuses 64 'a.h5 is given twice' "ds-train mlp -d a.h5 -d '?.h5' -o m.h5"
    refuses 64 's.h5:train and a.h5 are not of one split' 'ds-train mlp -d s.h5:train -d a.h5 -o m.h5'
    refuses 65 "a.h5: no split 'train'" "ds-train mlp -d '[as].h5:train' -o m.h5"
    refuses 65 'the first are of all rows, of the second of the split train' 'ds-train mlp -d a.h5 -d s.h5 -o m.h5'
    ds-data import text -q "$INPUTS/notes.txt" -o n.h5
    refuses 65 "not alike" "ds-eval $INPUTS/model.h5 -d a.h5 -d n.h5"
}

# 5000 images of 28x28: 3.7 chunks of 1 MiB, so a window of 2 MiB is about half of them.
make_images() {
    /usr/bin/python3 - <<'PYTHON'
import numpy
rng = numpy.random.default_rng(1)
label = numpy.arange(5000) % 3
numpy.save("y.npy", label.astype("int64"))
numpy.save("x.npy", (rng.integers(0, 120, (5000, 1, 28, 28)) + 60 * label[:, None, None, None]).astype("uint8"))
PYTHON
    ds-data import npy -q x.npy y.npy -o big.h5
}

@test "--shuffle-window: an order of its own, the same wherever the run is stopped, and given back by the script" {
    make_images
    train="ds-train -q mlp --set width=4 -d big.h5 --batch 50 --seed 1 --lr 0.01 --schedule constant"
    $train --epochs 2 --shuffle-window 2MiB -o a.h5
    $train --epochs 2 -o full.h5
    run -1 cmp -s a.h5 full.h5
    run same_state a.h5 full.h5
    [ "$status" != 0 ] || fail 'the window changes nothing'
    for at in 1 50 99 120; do
        $train --epochs 2 --shuffle-window 2MiB --stop-after $at -o part.h5
        ds-train -q --resume part.h5 -o whole.h5
        same_state a.h5 whole.h5
    done
    # 8 MiB hold all of it, and that is another order than none
    $train --epochs 1 --shuffle-window 8MiB -o b.h5
    assert_regex "$(ds-info --script a.h5)" ' --shuffle-window=2097152 '
    refuses 64 'a resumed run keeps its own' 'ds-train --resume a.h5 --shuffle-window 4MiB --epochs 3 -o m.h5'
    refuses 64 'means nothing under --no-shuffle' "$train --no-shuffle --shuffle-window 2MiB --steps 1 -o m.h5"
    assert_regex "$($train --shuffle-window 2MiB --steps 1 --dry-run)" '5000 samples, mixed in windows of 2 MiB'
}

@test "--workers: the same bytes for any number" {
    cp "$INPUTS/data.h5" .
    train="ds-train -q mlp --set width=4 -d data.h5 --steps 6 --batch 32 --seed 1 --crop 2 --rotate 9 --mixup 0.2"
    $train --workers 0 -o a.h5
    $train --workers 3 -o b.h5
    $train -o c.h5
    cmp a.h5 b.h5
    cmp a.h5 c.h5
    ds-train -q --resume a.h5 --workers 2 --steps 8 --schedule constant -o d.h5
    assert_regex "$($train --workers 3 --dry-run)" '240 samples, 3 workers beside the reader'
    assert_regex "$($train --threads 1 --dry-run)" '240 samples, 0 workers beside the reader'
}

@test "--math is kept by a resumed run" {
    cp "$INPUTS/data.h5" .
    train="ds-train -q mlp --set width=4 -d data.h5 --batch 32 --seed 1 --epochs 2"
    $train --math strict --stop-after 3 -o a.h5
    ds-train -q --resume a.h5 --stop-after 5 -o b.h5
    refuses 64 '--math: a resumed run keeps its own, which is strict' 'ds-train --resume b.h5 --math fast -o m.h5'
    ds-train -q --resume b.h5 --math strict -o c.h5
    $train --stop-after 3 -o d.h5
    refuses 64 'which is fast' 'ds-train --resume d.h5 --math strict -o m.h5'
}

@test "the wrong split is told, without advice that would mix what was held back" {
    ds-data split -q "$INPUTS/data.h5" --val 60 --seed 1 -o s.h5
    run -0 --separate-stderr ds-train mlp -d s.h5:val --steps 1 --dry-run
    assert_regex "$stderr" 'of the split train, not of the rows trained on; is :train the split that was meant\?'
    [[ $stderr != *--force* ]]
    run -0 --separate-stderr ds-train mlp -d s.h5:train --steps 1 --dry-run
    [[ $stderr != *'not of the rows'* ]]
}

@test "ds-infer --memory counts the batches that are made ahead of a data file" {
    ds-train -q mlp --set width=2 -d "$INPUTS/data.h5" --steps 1 --seed 1 -o small.h5
    ds-infer small.h5 "$INPUTS/data.h5" --batch 240 --memory 64MiB | tail -1 | grep -q .
    # 240 images of 28x28 are 0.72 MiB as floats; five of them are made ahead, and one lies in the plan
    refuses 69 'of memory' "ds-infer small.h5 $INPUTS/data.h5 --batch 240 --memory 2MiB"
}
