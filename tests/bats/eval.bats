#!/usr/bin/env bats
# ds-eval: metrics of each kind of model, bounds, comparisons, and what it writes.
load common

setup_file() {
    make_inputs
    cd "$INPUTS" || return
    ds-train -q mlp --set width=4 -d data.h5 --steps 1 --seed 5 -o worse.h5
    sed 's/,0$/,no/; s/,1$/,yes/' <(for i in {1..60}; do echo "u$((i % 5)),i$((i % 7)),$i,$((i % 3 == 0))"; done) |
        { echo user,item,age,click; cat; } >words.csv
    ds-data import csv -q words.csv --target click --categorical user,item -o words.h5
    ds-train -q two-input -d words.h5 --steps 5 --batch 16 --seed 1 -o words-model.h5
    { echo user,item,age,click; for i in {1..60}; do echo "u$((i % 5)),i$((i % 7)),$i,$((i % 2))"; done; } >clicks.csv
    ds-data import csv -q clicks.csv --target click --categorical user,item -o clicks.h5
    ds-train -q two-input -d clicks.h5 --steps 5 --batch 16 --seed 1 -o ctr.h5
    ds-data import text -q notes.txt -o text.h5
    ds-train -q gpt-tiny --set width=16 --set depth=1 --set tokens=32 -d text.h5 --steps 5 --batch 4 --seed 1 -o lm.h5
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

eval_json() { ds-eval -q --json "$INPUTS/$1" -d "$INPUTS/$2" "${@:3}"; }

@test "classes: the numbers of the table are those of --json, and they agree with one another" {
    eval_json model.h5 data.h5 >json
    jq -e '.task == "classification" and .samples == 240 and .top5 == 1 and (.classes | length) == 3' json
    jq -e '([.confusion[][]] | add) == 240 and ([range(3) as $k | .confusion[$k][$k]] | add) / 240 == .top1' json
    jq -e '(([.classes[].recall] | add) / 3 - .recall) | fabs < 1e-9' json
    run -0 ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --per-class
    assert_line --regexp "^top1 +$(jq '.top1 | . * 1e4 | round | . / 1e4 | tostring' -r json)"
    assert_line --regexp '^samples +240$'
    assert_line --regexp '^2 +80 '
}

@test "an untrained model's loss is that of its probabilities" {
    eval_json worse.h5 data.h5 --predictions p.csv >json
    assert_equal "$(head -n 1 p.csv)" 'sample,target,predicted,probability'
    assert_equal "$(tail -n +2 p.csv | wc -l)" 240
    awk -F, 'NR > 1 {hit += $2 == $3} END {printf "%.6f\n", hit / 240}' p.csv >top1
    assert_equal "$(cat top1)" "$(jq .top1 json | xargs printf '%.6f')"
    eval_json worse.h5 data.h5 --predictions p.csv --probabilities >/dev/null
    assert_equal "$(log_loss p.csv)" "$(jq .loss json | xargs printf '%.4f')"
}

# A model whose parts are edited, sealed anew: "parameters/NAME: VALUE" sets a parameter (its first element; all of them
# with NAME/*), "DATASET: OLD -> NEW" replaces text.
rebuild() { # FROM TO EDIT...
    /usr/bin/python3 - "$@" <<'PYTHON'
import h5py, numpy, sys
with h5py.File(sys.argv[1], "r") as a, h5py.File(sys.argv[2], "w") as b:
    b.attrs.update(a.attrs)
    for part in a:
        a.copy(part, b)
    for edit in sys.argv[3:]:
        name, what = edit.split(": ", 1)
        if " -> " in what:
            old, new = (side.encode() for side in what.split(" -> "))
            value = bytes(b[name][()])
            assert old in value, (old, value)
            attributes = dict(b[name].attrs)
            del b[name]
            b[name] = numpy.bytes_(value.replace(old, new))
            b[name].attrs.update(attributes)
        elif name.endswith("/*"):
            b[name[:-2]].visititems(lambda _, d: d.__setitem__(..., float(what)) if isinstance(d, h5py.Dataset) else None)
        else:
            b[name][0] = float(what)
PYTHON
    ds-info -q --seal "$2"
}

# The mean of -log p of the true class, from a column for each: sample,target,predicted,probability,probability_A,...
log_loss() {
    awk -F, 'NR == 1 {for (i = 5; i <= NF; ++i) at[substr($i, 13)] = i} NR > 1 {sum -= log($at[$2])} END {printf "%.4f\n", sum / (NR - 1)}' "$1"
}

@test "label smoothing is in the training and in no measurement" {
    ds-data split -q "$INPUTS/data.h5" --val 60 --stratify --seed 1 -o part.h5
    ds-train -q mlp --set width=8 -d part.h5:train --val part.h5:val --epochs 12 --batch 32 --lr 0.01 --seed 1 --label-smoothing 0.3 --log log -o m.h5
    run -0 ds-info m.h5 --graph
    assert_output --partial 'smoothing=0 '
    ds-eval -q m.h5 -d part.h5:val --json --predictions p.csv --probabilities >json
    assert_equal "$(log_loss p.csv)" "$(jq .loss json | xargs printf '%.4f')"
    assert_equal "$(jq -s 'map(select(.val_loss)) | last | .val_loss' log | xargs printf '%.4f')" "$(log_loss p.csv)"
    # Smoothed targets have an entropy that no model gets below; the loss of the steps has it, the measured one has not.
    jq -es 'map(select(.loss)) | last | .loss > 0.6' log
    ds-eval -q m.h5 -d part.h5:val --max loss=0.45
    # A file of before has the smoothing in its graph: measured without it, and gone on with as it was.
    train() { ds-train -q mlp --set width=8 -d part.h5:train --steps 6 --batch 32 --seed 1 --label-smoothing 0.3 "$@"; }
    train -o whole.h5
    train --stop-after 3 -o half.h5
    rebuild half.h5 old.h5 'graph: smoothing=0 -> smoothing=0.3 ' 'run_state: "label_smoothing":0.3 -> "label_smoothing":0.0'
    run -0 ds-info old.h5 --graph
    assert_output --partial 'smoothing=0.3 '
    ds-eval -q old.h5 -d part.h5:val --json --predictions old.csv --probabilities >old.json
    assert_equal "$(log_loss old.csv)" "$(jq .loss old.json | xargs printf '%.4f')"
    ds-train -q --resume old.h5 -o resumed.h5
    run -1 ds-info whole.h5 --diff resumed.h5
    assert_equal "$(grep '^!' <<<"$output")" '! graph' # which keeps its smoothing; every number of the State is the same
    # Fine-tuning has its own.
    ds-train -q old.h5 -d part.h5:train --steps 1 --seed 1 -o tuned.h5
    run -0 ds-info tuned.h5 --graph
    refute_output --partial 'smoothing=0.3'
    run -64 --separate-stderr ds-train -q two-input -d "$INPUTS/clicks.h5" --label-smoothing 0.1 --seed 1 -o x.h5
    assert_one_error ds-train
}

@test "binary targets: accuracy, AUC and the rest; AUC of one class is null and misses every bound" {
    eval_json ctr.h5 clicks.h5 --predictions p.csv >json
    jq -e '.task == "binary" and .accuracy >= 0 and .auc >= 0 and .auc <= 1 and .precision >= 0 and .recall >= 0 and .f1 >= 0' json
    # AUC by its definition: how often a positive stands above a negative
    awk -F, 'NR > 1 {t[NR] = $2; p[NR] = $3 ? $4 : 1 - $4} END {
        for (i in t) for (j in t) if (t[i] == 1 && t[j] == 0) {n++; s += p[i] > p[j] ? 1 : p[i] == p[j] ? 0.5 : 0}
        printf "%.2f\n", s / n}' p.csv >auc
    assert_equal "$(cat auc)" "$(jq .auc json | xargs printf '%.2f')"
    sed 's/,0$/,1/' "$INPUTS/clicks.csv" >ones.csv
    ds-data import csv -q ones.csv --target click --categorical user,item -o ones.h5
    run -0 ds-eval -q --json "$INPUTS/ctr.h5" -d ones.h5
    jq -e '.auc == null and .recall >= 0' <<<"$output"
    run -1 ds-eval -q "$INPUTS/ctr.h5" -d ones.h5 --min auc=0
    assert_line --partial 'missed auc >= 0'
}

@test "yes or no by name: the probability is that of what is predicted, in both tools; --threshold moves the prediction" {
    eval_json words-model.h5 words.h5 --predictions p.csv --probabilities >json
    assert_equal "$(head -n 1 p.csv)" sample,target,predicted,probability,probability_no,probability_yes
    assert_equal "$(log_loss p.csv)" "$(jq .loss json | xargs printf '%.4f')"
    awk -F, 'NR > 1 && ($4 != ($3 == "yes" ? $6 : $5) || ($3 == "yes") != ($6 > 0.5)) {exit 1}' p.csv
    ds-infer "$INPUTS/words-model.h5" "$INPUTS/words.csv" --json >said
    assert_equal "$(jq -r '.[] | .predicted' said)" "$(tail -n +2 p.csv | cut -d, -f3)"
    jq -r '.[].probability' said | paste -d, - <(tail -n +2 p.csv | cut -d, -f4) | awk -F, '($1 - $2)^2 > 1e-10 {exit 1}'
    run -0 ds-infer "$INPUTS/words-model.h5" "$INPUTS/words.csv" --threshold 0
    assert_line --index 0 --regexp '^.*words.csv.0.: yes [0-9.]+ %$'
    run -0 ds-infer "$INPUTS/words-model.h5" "$INPUTS/words.csv" --threshold 1
    refute_output --partial yes
    eval_json words-model.h5 words.h5 --threshold 0 | jq -e '.recall == 1 and .threshold == 0 and .accuracy < 0.4'
    eval_json words-model.h5 words.h5 --threshold auto >auto
    jq -es '.[1].f1 >= .[0].f1 and .[1].auc == .[0].auc' json auto
    t=$(jq .threshold auto)
    assert_equal "$(eval_json words-model.h5 words.h5 --threshold "$t" | jq .f1)" "$(jq .f1 auto)"
    run -0 ds-eval -q "$INPUTS/words-model.h5" -d "$INPUTS/words.h5" --threshold 0.25
    assert_line --regexp '^accuracy +[0-9.]+  at threshold 0.25$'
    for words in '2' 'x' '' '-1'; do
        run -64 --separate-stderr ds-eval -q "$INPUTS/words-model.h5" -d "$INPUTS/words.h5" --threshold="$words"
        assert_one_error ds-eval
    done
    run -64 --separate-stderr ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --threshold 0.3
    assert_one_error ds-eval
}

@test "--compare: models of text with windows of other lengths are refused" {
    ds-train -q gpt-tiny --set width=16 --set depth=1 --set tokens=16 -d "$INPUTS/text.h5" --steps 1 --batch 4 --seed 1 -o other.h5
    run -64 --separate-stderr ds-eval "$INPUTS/lm.h5" -d "$INPUTS/text.h5" --compare other.h5
    assert_one_error ds-eval
    [[ $stderr == *'windows of 16 tokens'* ]]
}

@test "NaN in a layer under a rectifier is not taken for 0" {
    rebuild "$INPUTS/model.h5" nan.h5 'parameters/hidden0/weight: nan'
    run -65 --separate-stderr ds-eval -q nan.h5 -d "$INPUTS/data.h5" --min top1=0
    assert_line --partial 'missed top1 >= 0'
    run -65 --separate-stderr ds-infer -q nan.h5 "$INPUTS/picture.png"
    refute_output --partial '%'
}

@test "NaN in an array is refused before a rectifier can make 0 of it" {
    ds-data export npy -q "$INPUTS/data.h5" --column image -o bytes.npy
    /usr/bin/python3 - <<'END'
import struct
raw = open("bytes.npy", "rb").read()
header = 10 + struct.unpack("<H", raw[8:10])[0]
floats = [float(b) for b in raw[header:header + 2 * 784]]
floats[800] = float("nan")
text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 28, 28), }"
text += b" " * (118 - len(text) - 1) + b"\n"
open("nan.npy", "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + struct.pack("<1568f", *floats))
END
    run -65 --separate-stderr ds-infer -q "$INPUTS/model.h5" nan.npy
    assert_equal "$stderr" "ds-infer: error: nan.npy: input 'image' takes finite numbers, and the data has nan; leave such rows out"
    assert_output ''
}

@test "a model that gives NaN passes nothing: 65 with the count, null in JSON, and no file" {
    rebuild "$INPUTS/words-model.h5" nan.h5 'parameters/score/bias: nan'
    run -65 --separate-stderr ds-eval -q nan.h5 -d "$INPUTS/words.h5" --min auc=0 --max loss=100 --predictions p.csv --curves c.png
    assert_one_error ds-eval
    [[ $stderr == *'nan.h5: its outputs for 60 of 60 samples are not finite'* ]]
    assert_line 'missed auc >= 0: nan'
    assert_line 'missed loss <= 100: nan'
    assert_not_exist p.csv
    assert_not_exist c.png
    run -65 --separate-stderr ds-eval -q nan.h5 -d "$INPUTS/words.h5" --json
    jq -e '.not_finite == 60 and .auc == null and .loss == null and .accuracy == null' <<<"$output"
    rebuild "$INPUTS/model.h5" nan-classes.h5 'parameters/hidden0/bias: nan'
    run -65 ds-eval -q nan-classes.h5 -d "$INPUTS/data.h5" --per-class
    assert_line --regexp '^loss +nan'
    refute_line --partial 'precision   recall'
    run -65 ds-eval -q nan.h5 -d "$INPUTS/words.h5" --compare "$INPUTS/words-model.h5"
    run -65 ds-eval -q "$INPUTS/words-model.h5" -d "$INPUTS/words.h5" --compare nan.h5
    run -65 --separate-stderr ds-infer -q nan.h5 "$INPUTS/words.csv"
    assert_one_error ds-infer
    [[ $stderr == *"words.csv[0]: what the model nan.h5 gives are no finite numbers"* ]]
    refute_output --partial nan
    run -65 ds-infer -q nan.h5 "$INPUTS/words.csv" --raw raw.npy
    assert_not_exist raw.npy
    rebuild "$INPUTS/model.h5" inf.h5 'parameters/classifier/bias: inf'
    run -65 ds-infer -q inf.h5 "$INPUTS/picture.png"
    refute_output --partial nan
}

@test "--curves draws what the samples have; --metric names what --compare goes by" {
    ds-eval -q "$INPUTS/words-model.h5" -d "$INPUTS/words.h5" --curves c.svg >/dev/null
    grep -q '</svg>' c.svg
    ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --curves c.png >/dev/null
    assert_equal "$(head -c 4 c.png | tail -c 3)" PNG
    run -64 --separate-stderr ds-eval -q "$INPUTS/lm.h5" -d "$INPUTS/text.h5" --curves l.png
    assert_one_error ds-eval
    run -0 ds-eval -q "$INPUTS/words-model.h5" -d "$INPUTS/words.h5" --compare "$INPUTS/words-model.h5" --metric brier
    assert_line --partial 'brier difference +0.0000'
    run -1 ds-eval -q "$INPUTS/worse.h5" -d "$INPUTS/data.h5" --compare "$INPUTS/model.h5" --metric loss
    assert_line --regexp '^loss difference \+.*significantly worse'
    for words in '--metric ece --compare model.h5' '--metric nonsense --compare model.h5' '--metric loss'; do
        run -64 --separate-stderr ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" ${words/model/$INPUTS/model}
        assert_one_error ds-eval
    done
}

@test "a file of splits: which rows were measured is said" {
    ds-data split -q "$INPUTS/data.h5" --val 60 --seed 1 -o part.h5
    run -0 --separate-stderr ds-eval "$INPUTS/model.h5" -d part.h5 --progress never
    assert_line --regexp '^data +part.h5$'
    [[ $stderr == *'part.h5 has the splits train, val; all of its 240 samples are measured'* ]]
    run -0 --separate-stderr ds-eval "$INPUTS/model.h5" -d part.h5:val --progress never
    assert_line --regexp '^data +part.h5:val$'
    assert_equal "$stderr" ''
}

@test "text: perplexity is that of the true bytes' probabilities" {
    # A text of one byte, which the model is sure of after some steps; one of another it has never seen.
    head -c 2000 /dev/zero | tr '\0' a >a.txt
    ds-data import text -q a.txt -o a.h5
    ds-train -q gpt-tiny --set width=16 --set depth=1 --set tokens=32 -d a.h5 --epochs 40 --batch 8 --lr 0.01 --seed 1 -o a-model.h5
    ds-eval -q a-model.h5 -d a.h5 --json | jq -e '.perplexity < 1.2 and .bits_per_byte < 0.3 and .top1 == 1'
    # Without weights every byte is as likely: 256 of them, 8 bits.
    rebuild a-model.h5 even.h5 'parameters/*: 0'
    ds-eval -q even.h5 -d a.h5 --json >json
    jq -e '(.bits_per_byte - 8 | fabs) < 1e-6 and (.perplexity - 256 | fabs) < 1e-3 and (.top1 - 1 / 256 | fabs) < 1e-9' json
}

@test "text: bits per byte follow from the loss" {
    eval_json lm.h5 text.h5 >json
    jq -e '.task == "text" and (((.loss | exp) / .perplexity - 1) | fabs) < 1e-6' json
    jq -e '(.loss / (2 | log) - .bits_per_byte) | fabs < 1e-6' json
}

@test "--min and --max: 0 when held, 1 when missed, all of them reported" {
    run -0 ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --min top1=0 --max loss=100
    assert_line --partial 'held   top1 >= 0'
    run -1 ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --min top1=2 --min top5=0.5 --max loss=0 --max top1=2
    assert_line --partial 'missed top1 >= 2'
    assert_line --partial 'held   top5 >= 0.5'
    assert_line --partial 'missed loss <= 0'
    assert_line --partial 'held   top1 <= 2'
    run -1 ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --min top1=2 --json
    jq -e .top1 <<<"$output"
    for words in '--min top1' '--min top1=' '--min top1=x' '--max =1' '--min top1=nan'; do
        run -64 --separate-stderr ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" $words
        assert_one_error ds-eval
    done
    run -64 --separate-stderr ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --min tpo1=0
    [[ $stderr == *"no metric 'tpo1'"*'there are: loss, top1, top5'* ]]
}

@test "--json lists the checks, and what a task cannot answer is refused before the work" {
    run -1 ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --min top1=0.5 --max loss=0 --json
    jq -e '.checks | length == 2 and .[0].held and (.[1].held | not) and .[1].bound == "max"' <<<"$output"
    jq -e '.checks[0].measured == .top1 and .checks[0] == {metric: "top1", bound: "min", value: 0.5, measured: .top1, held: true}' <<<"$output"
    run -1 --separate-stderr ds-eval "$INPUTS/model.h5" -d "$INPUTS/data.h5" --max loss=0 --predictions -
    assert_line --index 0 'sample,target,predicted,probability'
    [[ $stderr == *'missed loss <= 0: '* ]]
    run -64 ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --min top3=1
    assert_output --partial "there is no metric 'top3' for classification"
}

@test "--compare: worse is 1, better and equal are 0, and JSON has the interval" {
    run -1 ds-eval -q "$INPUTS/worse.h5" -d "$INPUTS/data.h5" --compare "$INPUTS/model.h5"
    assert_line --regexp '^top1 difference -0.*significantly worse'
    run -0 ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --compare "$INPUTS/worse.h5"
    run -0 ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --compare "$INPUTS/model.h5" --json
    jq -e '.compare == {metric: "top1", difference: 0, low: 0, high: 0, held: true}' <<<"$output"
    run -1 ds-eval -q "$INPUTS/worse.h5" -d "$INPUTS/data.h5" --compare "$INPUTS/model.h5" --json
    jq -e '.compare | .low <= .difference and .difference <= .high and .high < 0' <<<"$output"
}

@test "--predictions - is the CSV and nothing else; beside --json it is refused" {
    run -0 --separate-stderr ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --predictions -
    assert_equal "${#lines[@]}" 241
    run -1 --separate-stderr ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --predictions - --min top1=2
    assert_equal "${#lines[@]}" 241
    run -64 --separate-stderr ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --predictions - --json
    assert_one_error ds-eval
    run -64 --separate-stderr ds-eval -q "$INPUTS/lm.h5" -d "$INPUTS/text.h5" --predictions p.csv
    assert_one_error ds-eval
}

@test "--confusion draws a picture" {
    ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --confusion c.png >/dev/null
    assert_equal "$(head -c 4 c.png | tail -c 3)" PNG
    ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --confusion c.svg >/dev/null
    grep -q '</svg>' c.svg
    run -64 --separate-stderr ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --confusion c.gif
    assert_one_error ds-eval
}

@test "the batch, passes, threads and --eager change nothing but the last digits" {
    round() { jq -c '[.loss, .top1] | map(. * 1e5 | round)'; }
    expected=$(eval_json worse.h5 data.h5 | round)
    for words in '--batch 7' '--batch 1000' --eager '--no-pass fuse' '--threads 2' --check-numerics; do
        assert_equal "$words $(eval_json worse.h5 data.h5 $words | round)" "$words $expected"
    done
}

@test "a split, a pipe and a FIFO" {
    ds-data split -q "$INPUTS/data.h5" --val 60 --stratify --seed 1 -o part.h5
    assert_equal "$(ds-eval -q --json "$INPUTS/model.h5" -d part.h5:val | jq .samples)" 60
    run -0 bash -c 'ds-train -q mlp --set width=8 -d part.h5:train --epochs 1 --seed 1 -o - | ds-eval -q - -d part.h5:val --json | jq .samples'
    assert_output 60
    run -0 bash -c 'ds-eval -q <(cat "$INPUTS/model.h5") -d "$INPUTS/data.h5" --json'
    assert_equal "$(jq -c . <<<"$output")" "$(eval_json model.h5 data.h5 | jq -c .)"
}

@test "data that does not fit the model: 65, naming column and shapes" {
    fits_not() { # WORDS DATA
        run -65 --separate-stderr ds-eval -q "$INPUTS/model.h5" -d "$2"
        assert_one_error ds-eval
        [[ $stderr == *"$1"* ]] || fail "$stderr"
    }
    fits_not "no column for the model's input 'image'" "$INPUTS/clicks.h5"
    ds-data import idx -q <(printf '\0\0\010\03\0\0\0\01\0\0\0\02\0\0\0\02abcd') <(printf '\0\0\010\01\0\0\0\01\01') -o small.h5
    fits_not 'rows of shape [1,2,2]' small.h5
    cp "$INPUTS/data.h5" named.h5
    ds-data label -q named.h5 --names <(printf 'a\nb\nc\n')
    fits_not "does not know 'a'" named.h5
}

@test "--memory that is too small: 69 and the largest batch" {
    run -69 --separate-stderr ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --memory 400KiB
    assert_one_error ds-eval
    [[ $stderr =~ largest\ batch\ that\ fits\ is\ ([0-9]+) ]]
    ds-eval -q "$INPUTS/model.h5" -d "$INPUTS/data.h5" --memory 400KiB --batch "${BASH_REMATCH[1]}"
}
