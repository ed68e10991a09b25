#!/usr/bin/env bats
# ds-info: what a file says of itself, where it came from, and whether it is whole.
load common

setup_file() {
    make_inputs
    cd "$INPUTS" || return
    ds-data split -q data.h5 --val 60 --seed 1 -o part.h5
    ds-train -q mlp --set width=8 -d part.h5:train --val part.h5:val --epochs 2 --batch 32 --seed 1 --stop-after 8 -o half.h5
    ds-train -q --resume half.h5 -o full.h5
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

refuses() { # STATUS WORDS ARGUMENTS...
    run --separate-stderr timeout 60 ds-info "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error ds-info
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}
can_h5py() { /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "h5py is not installed"; }

@test "the summary, in words and as JSON" {
    run -0 ds-info "$INPUTS/full.h5"
    assert_line --regexp '^model +mlp, classification$'
    assert_line --regexp '^parameters +6379$'
    assert_line --regexp '^trained +12 of 12 steps$'
    run -0 ds-info --json "$INPUTS/full.h5"
    jq -e '.parameters == 6379 and .task == "classification" and .step == 12 and .metrics.val_loss >= 0 and (.digest | length) == 64' <<<"$output"
    assert_equal "$(jq .bytes <<<"$output")" "$(stat -c %s "$INPUTS/full.h5")"
    # 784*8 + 8*8 + 8*3 multiply-adds
    assert_equal "$(jq .macs_per_sample <<<"$output")" 6360
}

@test "the JSON keys are those of the page" {
    for key in $(ds-info --json "$INPUTS/full.h5" | jq -r 'keys[]'); do
        grep -q "\*$key\*" "$ROOT/man/ds-info.1.scd" || fail "no $key in the page"
    done
    for key in $(ds-info --json --params "$INPUTS/full.h5" | jq -r '.[0] | keys[]') $(ds-info --json --history "$INPUTS/full.h5" | jq -r '.[0] | keys[]'); do
        grep -q "\*$key\*" "$ROOT/man/ds-info.1.scd" || fail "no $key in the page"
    done
    for key in $(ds-data info --json "$INPUTS/part.h5" | jq -r 'keys[], (.columns[] | keys[])'); do
        grep -q "\*$key\*" "$ROOT/man/ds-data.1.scd" || fail "no $key in the page of ds-data"
    done
    for key in $(ds-eval -q --json "$INPUTS/full.h5" -d "$INPUTS/data.h5" --compare "$INPUTS/half.h5" | jq -r 'keys[], (.classes[0], .compare | keys[])'); do
        grep -q "\*$key\*" "$ROOT/man/ds-eval.1.scd" || fail "no $key in the page of ds-eval"
    done
    for key in $(ds-infer --json "$INPUTS/full.h5" "$INPUTS/picture.png" | jq -r '.[0] | keys[], (.top[0] | keys[])'); do
        grep -q "\*$key\*" "$ROOT/man/ds-infer.1.scd" || fail "no $key in the page of ds-infer"
    done
    for key in $(ds-train -q mlp --set width=4 -d "$INPUTS/part.h5:train" --val "$INPUTS/part.h5:val" --seed 1 --log - -o m.h5 | jq -r 'keys[]' | grep -v '^val_'); do
        grep -q "\*$key\*" "$ROOT/man/ds-train.1.scd" || fail "no $key in the page of ds-train"
    done
}

@test "--history: every command since the raw data, as text and as JSON" {
    run -0 ds-info --history "$INPUTS/full.h5"
    assert_line --regexp '^1\. ds-data import idx .*images.gz labels.gz'
    assert_line --regexp '^2\. ds-data split '
    assert_line --regexp '^3\. ds-train .*--stop-after=8'
    assert_line --regexp '^4\. ds-train .*--resume=half.h5'
    run -0 ds-info --history --json "$INPUTS/full.h5"
    jq -e 'length == 4 and all(.tool and .version and .arguments and .inputs) and .[2].seed == 1' <<<"$output"
    refute_output --partial "$INPUTS"
}

@test "--graph parses: it is the model's, and a model file's text reads back" {
    ds-info --graph "$INPUTS/full.h5" >graph
    head -n 1 graph | grep -q '^graph "mlp" {$'
    assert_equal "$(tail -n 1 graph)" '}'
    assert_equal "$(grep -c 'kind=parameter' graph)" 6
    ds-info --dot "$INPUTS/full.h5" >dot
    head -n 1 dot | grep -q '^digraph'
    ! command -v dot >/dev/null || dot -Tsvg dot >/dev/null
}

@test "--params: shape, type, mean, deviation and digest of each tensor" {
    run -0 ds-info --params "$INPUTS/full.h5"
    assert_line --regexp '^hidden0\.weight +f32 +\[8,784\] +[-0-9.e]+ +[0-9.e-]+ +[0-9a-f]{12}$'
    run -0 ds-info --params --json "$INPUTS/full.h5"
    jq -e '[.[] | select(.name == "classifier.weight")][0] | .shape == "[3,8]" and .elements == 24 and .std > 0' <<<"$output"
}

@test "--params: mean and deviation are numpy's" {
    can_h5py
    /usr/bin/python3 - "$INPUTS/full.h5" >expected <<'PYTHON'
import h5py, sys
w = h5py.File(sys.argv[1])["parameters/hidden0/weight"][()].astype("f8")
print("%.6f %.6f" % (w.mean(), w.std()))
PYTHON
    run -0 bash -c 'ds-info --params --json "$INPUTS/full.h5" | jq -r ".[] | select(.name == \"hidden0.weight\") | .mean, .std" | xargs printf "%.6f %.6f\n"'
    assert_output "$(cat expected)"
}

@test "--verify: 0 for a whole file, 65 naming the damaged tensor" {
    run -0 --separate-stderr ds-info --verify "$INPUTS/full.h5"
    assert_equal "$stderr" "ds-info: $INPUTS/full.h5: whole: seal, digests and graph"
    cp "$INPUTS/full.h5" d.h5
    printf '\x01' | dd of=d.h5 bs=1 seek=4099 conv=notrunc status=none
    refuses 65 '/parameters/classifier/bias' --verify d.h5
    run -0 ds-info d.h5 # the description is whole
}

@test "--diff: 0 and nothing for equal models; 1 and the tensors otherwise" {
    run -0 ds-info "$INPUTS/full.h5" --diff "$INPUTS/full.h5"
    assert_output ''
    run -1 ds-info "$INPUTS/full.h5" --diff "$INPUTS/half.h5"
    assert_line '! classifier.weight'
    run -1 ds-info "$INPUTS/full.h5" --diff "$INPUTS/half.h5" --json
    jq -e 'index("! classifier.weight") != null' <<<"$output"
    run -1 ds-info "$INPUTS/full.h5" --diff "$INPUTS/model.h5"
    assert_line '! hidden0.weight f32[8,784] to f32[16,784]'
    assert_line --index 0 "--- $INPUTS/full.h5"
    assert_line --index 1 "+++ $INPUTS/model.h5"
    run -1 ds-info "$INPUTS/model.h5" --diff "$INPUTS/full.h5"
    assert_line '! hidden0.weight f32[16,784] to f32[8,784]'
    refuses 66 nowhere.h5 "$INPUTS/full.h5" --diff nowhere.h5
}

@test "--diff: a damaged file on either side is refused, not equal" {
    cp "$INPUTS/full.h5" d.h5
    printf '\x01' | dd of=d.h5 bs=1 seek=4099 conv=notrunc status=none
    refuses 65 'd.h5: /parameters/classifier/bias is damaged' "$INPUTS/full.h5" --diff d.h5
    refuses 65 'd.h5: /parameters/classifier/bias is damaged' d.h5 --diff "$INPUTS/full.h5"
    refuses 64 'cannot both be stdin' - --diff - <d.h5
}

@test "--verify --json: the verdict, also of a damaged file" {
    run -0 --separate-stderr ds-info --verify --json "$INPUTS/full.h5"
    digest=$(ds-info --json "$INPUTS/full.h5" | jq -r .digest)
    assert_equal "$(jq -c . <<<"$output")" '{"file":"'"$INPUTS"'/full.h5","whole":true,"digest":"'"$digest"'"}'
    cp "$INPUTS/full.h5" d.h5
    printf '\x01' | dd of=d.h5 bs=1 seek=4099 conv=notrunc status=none
    run -65 --separate-stderr ds-info --verify --json d.h5
    assert_one_error ds-info
    assert_equal "$(jq -c '[.file, .whole, (.error | contains("classifier/bias is damaged"))]' <<<"$output")" '["d.h5",false,true]'
    refuses 66 nowhere.h5 --verify --json nowhere.h5
    assert_equal "$output" ''
}

@test "one thing at a time: options that do not go together are named" {
    modes=(--history --script --graph --dot --params --verify --seal)
    for a in "${!modes[@]}"; do
        for ((b = a + 1; b < ${#modes[@]}; ++b)); do
            refuses 64 "${modes[a]} and ${modes[b]} do not go together" "$INPUTS/full.h5" "${modes[b]}" "${modes[a]}"
        done
        refuses 64 '--diff' "$INPUTS/full.h5" "${modes[a]}" --diff "$INPUTS/half.h5"
    done
    for mode in --script --graph --dot --seal; do refuses 64 "$mode and --json" "$INPUTS/full.h5" --json $mode; done
    refuses 64 '-o is for --seal' "$INPUTS/full.h5" -o x.h5
    refuses 64 '-o is for --seal' "$INPUTS/full.h5" --verify -o x.h5
    assert_not_exists x.h5
}

# bats test_tags=slow
@test "--script, run where the raw files lie, gives the same bytes" {
    ds-info --script "$INPUTS/full.h5" >again.sh
    cp "$INPUTS/images.gz" "$INPUTS/labels.gz" .
    sh again.sh 2>/dev/null
    cmp full.h5 "$INPUTS/full.h5"
}

@test "--seal: a copy that h5py wrote is refused, sealed, and then the same model" {
    can_h5py
    /usr/bin/python3 - "$INPUTS/full.h5" foreign.h5 <<'PYTHON'
import h5py, sys
with h5py.File(sys.argv[1]) as a, h5py.File(sys.argv[2], "w") as b:
    for key in a: a.copy(a[key], b, key)
    for name, value in a.attrs.items(): b.attrs[name] = value
PYTHON
    for words in foreign.h5 '--verify foreign.h5'; do refuses 65 '--seal' $words; done
    run -65 --separate-stderr ds-eval -q foreign.h5 -d "$INPUTS/data.h5"
    ds-info -q --seal foreign.h5 -o sealed.h5
    ds-info -q --verify sealed.h5
    run -0 ds-info "$INPUTS/full.h5" --diff sealed.h5
    assert_output ''
    ds-info -q --seal foreign.h5
    cmp foreign.h5 sealed.h5
    run -0 ds-eval -q foreign.h5 -d "$INPUTS/data.h5"
}

@test "without run state a model is used but not resumed" {
    can_h5py
    /usr/bin/python3 - "$INPUTS/full.h5" bare.h5 <<'PYTHON'
import h5py, sys
with h5py.File(sys.argv[1]) as a, h5py.File(sys.argv[2], "w") as b:
    for key in a:
        if key not in ("run_state", "state"): a.copy(a[key], b, key)
    for name, value in a.attrs.items(): b.attrs[name] = value
PYTHON
    ds-info -q --seal bare.h5
    run -0 ds-eval -q bare.h5 -d "$INPUTS/data.h5" --json
    run -65 --separate-stderr ds-train --resume bare.h5 -d "$INPUTS/part.h5:train" -o m.h5
    [[ $stderr == *'no run state'* ]]
}

@test "a data file, and a model, taken for the other: 65 and what it is" {
    refuses 65 "a 'ds-tools data' file" "$INPUTS/data.h5"
    run -65 --separate-stderr ds-data info "$INPUTS/model.h5"
    [[ $stderr == *"a 'ds-tools model' file"* ]]
}
