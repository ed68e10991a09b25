#!/usr/bin/env bats
# ds-eval: metrics of each kind of model, bounds, comparisons, and what it writes.
load common

setup_file() {
    make_inputs
    cd "$INPUTS" || return
    ds-train -q mlp --set width=4 -d data.h5 --steps 1 --seed 5 -o worse.h5
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

@test "text: perplexity and bits per byte follow from the loss" {
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
