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

@test "parameters are what is learned; running statistics are told apart" {
    cat >normed.yaml <<'YAML'
inputs: {image: "f32[N,1,28,28]"}
layers:
  - conv: {channels: 4, kernel: 3}
  - batch_norm
  - relu
  - max_pool: 4
  - flatten
  - linear: {units: 3}
loss: cross_entropy
YAML
    ds-train -q normed.yaml -d "$INPUTS/data.h5" --steps 1 --seed 1 -o cnn.h5
    run -0 ds-info --json cnn.h5
    info=$output
    counted=$(ds-info --params --json cnn.h5 | jq '[.[] | select(.name | test("mean$|var$|moment") | not) | .elements] | add')
    assert_equal "$(jq .parameters <<<"$info")" "$counted"
    assert_equal "$(jq .statistics <<<"$info")" "$(ds-info --params --json cnn.h5 | jq '[.[] | select(.name | test("mean$|var$") and (startswith("moment") | not)) | .elements] | add')"
    [ "$(jq .statistics <<<"$info")" -gt 0 ]
    run -0 ds-train normed.yaml -d "$INPUTS/data.h5" --dry-run
    assert_line --partial "$counted parameters"
    run -0 ds-info cnn.h5
    assert_line --regexp "^parameters +$counted, and [0-9]+ running statistics$"
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
    modes=(--history --script --model-file --graph --dot --params --verify --seal)
    for a in "${!modes[@]}"; do
        for ((b = a + 1; b < ${#modes[@]}; ++b)); do
            refuses 64 "${modes[a]} and ${modes[b]} do not go together" "$INPUTS/full.h5" "${modes[b]}" "${modes[a]}"
        done
        refuses 64 '--diff' "$INPUTS/full.h5" "${modes[a]}" --diff "$INPUTS/half.h5"
        refuses 64 '--compare' "$INPUTS/full.h5" "$INPUTS/half.h5" "${modes[a]}" --compare
    done
    for mode in --script --model-file --graph --dot --seal; do refuses 64 "$mode and --json" "$INPUTS/full.h5" --json $mode; done
    refuses 64 '-o is for --seal' "$INPUTS/full.h5" -o x.h5
    refuses 64 '-o is for --seal' "$INPUTS/full.h5" --verify -o x.h5
    assert_not_exists x.h5
}

@test "--script: digests of raw inputs stand in it, --check compares them with what lies here" {
    ds-info --script "$INPUTS/full.h5" >again.sh
    cp "$INPUTS/images.gz" .
    run -1 ds-info --script --check "$INPUTS/full.h5"
    assert_output $'same     images.gz\nmissing  labels.gz'
    cp "$INPUTS/labels.gz" .
    run -0 ds-info --script --check "$INPUTS/full.h5"
    cp images.gz labels.gz
    run -1 ds-info --script --check "$INPUTS/full.h5"
    assert_output $'same     images.gz\nother    labels.gz'
    # the digest of the page: SHA-256 over chunks
    for file in images.gz labels.gz; do
        digest=$(/usr/bin/python3 -c '
import hashlib, struct, sys
data = open(sys.argv[1], "rb").read()
assert len(data) <= 1 << 20
print(hashlib.sha256(b"ds-tree-1" + struct.pack("<Q", len(data)) + hashlib.sha256(data).digest()).hexdigest())' "$INPUTS/$file")
        grep -qx "# $digest  $file" again.sh || fail "no $digest for $file"
    done
    refuses 64 '--check is for --script' "$INPUTS/full.h5" --check
}

@test "--script --check: a folder of pictures is compared file by file" {
    mkdir -p shots/one shots/two
    for i in 1 2 3; do for k in one two; do cp "$INPUTS/picture.png" "shots/$k/$i.png"; done; done
    ds-data import images -q shots -o shots.h5
    ds-train -q mlp --set width=4 -d shots.h5 --steps 1 --batch 4 --seed 1 -o shot-model.h5
    run -0 ds-info -q --script --check shot-model.h5
    assert_output 'same     shots'
    mv shots/one/3.png shots/one/4.png
    run -1 ds-info -q --script --check shot-model.h5
    assert_output 'other    shots'
    rm -r shots && mkdir shots
    run -1 ds-info -q --script --check shot-model.h5
    assert_output 'other    shots'
}

# A history is somebody else's text: a copy of the model with another one, sealed.
forge() { # PYTHON: changes the list `history` of dictionaries
    can_h5py
    /usr/bin/python3 - "$INPUTS/full.h5" forged.h5 "$1" <<'PYTHON'
import h5py, json, sys
with h5py.File(sys.argv[1]) as a, h5py.File(sys.argv[2], "w") as b:
    for key in a:
        if key not in ("history", "seal"): a.copy(a[key], b, key)
    for name, value in a.attrs.items(): b.attrs[name] = value
    history = [json.loads(a["history"][key][()]) for key in sorted(a["history"])]
    exec(sys.argv[3])
    for i, record in enumerate(history):
        b.create_dataset("history/%04d" % i, data=json.dumps(record))
PYTHON
    ds-info -q --seal forged.h5 -o "${2:-m.h5}"
}

@test "--script: a forged history runs no command of its own" {
    for tool in rm 'ds-train; touch owned' $'ds-train\ntouch owned'; do
        TOOL=$tool forge 'import os; history[1]["tool"] = os.environ["TOOL"]'
        refuses 65 'no tool of ds-tools' m.h5 --script
    done
}

@test "what a file says is printed without control characters, by every mode" {
    forge '
evil = "x\n\033]0;owned\007\u009b31m$(touch owned)\u202e\x27;touch owned"
for record in history:
    record["arguments"].append("--set=x=" + evil); record["version"] += evil
    for i in record["inputs"]: i["name"] += evil
history[0]["tool"] += evil; history[3]["metrics"] = {evil: 1.5}
del b["labels"]; b["labels"] = ["a" + evil, "b", "c" + evil]' || return
    cp m.h5 $'name\ntouch owned\n\033[31m.h5'
    for words in '' --history --params --graph '--json' '--json --history' --verify '--json --verify'; do
        for file in m.h5 $'name\ntouch owned\n\033[31m.h5'; do
            # shellcheck disable=SC2086
            ds-info $words "$file" >said 2>&1
            ! LC_ALL=C grep -aq $'[\001-\010\013-\037\177]' said || fail "control characters: $words"
            ! grep -q $'\xc2\x9b\|\xe2\x80\xae' said || fail "C1 or bidi: $words"
            ! grep -q '^touch owned\|^;touch\|^]0' said || fail "a line of its own: $words: $(cat said)"
        done
    done
    run -0 ds-info m.h5 --json
    jq -e '.labels[1] == "b"' <<<"$output"
}

@test "labels, names of classes and of files are one line for ds-infer, ds-eval and ds-data" {
    printf 'bag\033[2J\nshoe\xc2\x9b1m\ncoat\n' >names.txt
    cp "$INPUTS/data.h5" named.h5
    ds-data label -q named.h5 --names names.txt
    ds-train -q mlp --set width=4 -d named.h5 --steps 2 --seed 1 -o named-model.h5
    cp "$INPUTS/picture.png" $'p\nmodel.h5: forged.png'
    ds-infer named-model.h5 --top 3 $'p\nmodel.h5: forged.png' >said 2>&1
    assert_equal "$(wc -l <said)" 1
    { ds-eval -q named-model.h5 -d named.h5 --per-class; ds-data info named.h5; ds-infer named-model.h5 $'no\nfile' 2>&1; cat said; } >all || true
    ! LC_ALL=C grep -aq $'[\001-\010\013-\037\177]' all || fail "control characters"
    ! grep -q $'\xc2\x9b' all || fail "C1"
    grep -q 'bag\\u001b\[2J' all
    # on a terminal a CSV is for eyes, too
    /usr/bin/python3 -c 'import pty, sys; pty.spawn(["ds-eval", "-q", "named-model.h5", "-d", "named.h5", "--predictions", "-"])' >seen
    grep -q 'bag\\u001b\[2J' seen
    ! grep -aq $'bag\033' seen || fail "a terminal got an escape sequence"
    for command in 'ds-data export csv named.h5 -o -' 'ds-data export csv named.h5 -o /dev/stdout'; do
        COMMAND=$command /usr/bin/python3 -c 'import os, pty; pty.spawn(os.environ["COMMAND"].split())' >seen
        grep -q 'bag\\u001b' seen || fail "$command: no label: $(head -n 2 seen | cat -v)"
        ! grep -aq $'bag\033' seen || fail "$command: a terminal got an escape sequence"
    done
    ds-eval -q named-model.h5 -d named.h5 --predictions p.csv # a file keeps the bytes
    grep -q $'bag\033' p.csv
}

@test "a model file of one's own is stored, printed, and used by the script whatever lies there now" {
    sed 's/^about.*/about: "it'"'"'s mine; $(touch owned)"/' "$ROOT/share/models/mlp.yaml" >mine.yaml
    cp "$INPUTS/data.h5" .
    ds-train -q mine.yaml --set width=4 -d data.h5 --steps 2 --seed 1 -o own.h5
    cp own.h5 first.h5
    cp mine.yaml kept.yaml
    run -0 ds-info --model-file own.h5
    ds-info --model-file own.h5 | cmp - kept.yaml
    ds-info --script own.h5 | grep -v '^ds-data import' >again.sh
    sed -i 's/relu/gelu/' mine.yaml
    cmp -s mine.yaml kept.yaml && fail "the edit changed nothing"
    rm own.h5
    run -65 sh again.sh
    assert_line --partial 'mine.yaml here is not the one that was used'
    assert_not_exists own.h5
    rm mine.yaml
    sh again.sh 2>/dev/null
    cmp mine.yaml kept.yaml
    cmp own.h5 first.h5
    assert_not_exists owned
    run -0 ds-info --model-file "$INPUTS/full.h5" # a shipped one, too, but the script goes by its name
    assert_output "$(cat "$ROOT/share/models/mlp.yaml")"
    run -0 ds-info --script "$INPUTS/full.h5"
    refute_line --partial 'text_file'
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

# foreign.h5: what PYTHON made of a copy of FILE that h5py wrote; b is the copy.
copied() { # FILE PYTHON
    can_h5py
    /usr/bin/python3 - "$1" foreign.h5 "$2" <<'PYTHON'
import h5py, sys
with h5py.File(sys.argv[1]) as a, h5py.File(sys.argv[2], "w") as b:
    for key in a:
        if key != "seal": a.copy(a[key], b, key)
    for name, value in a.attrs.items(): b.attrs[name] = value
    exec(sys.argv[3])
PYTHON
}

@test "--seal of changed content: a record by an unknown tool with both digests, no metrics" {
    before=$(/usr/bin/python3 -c 'import h5py, sys; print(h5py.File(sys.argv[1]).attrs["content"])' "$INPUTS/full.h5")
    ds-info --json "$INPUTS/full.h5" | jq -e '.metrics.val_loss and .metrics_weights == "trained" and .metrics_step == 12'
    for change in 'b["parameters/hidden0/bias"][0] += 1' 'b["labels"][0] = b"other"' 'del b.attrs["content"]' \
        'del b["history/0003"]' 'b.attrs["metrics_weights"] = "averaged"'; do
        copied "$INPUTS/full.h5" "$change" || return
        run -0 --separate-stderr ds-info --seal foreign.h5
        [[ $stderr == *'not the content'* ]] || fail "$change: $stderr"
        run -0 ds-info --json foreign.h5
        jq -e '.metrics == {} and (has("metrics_weights") | not) and (.made_by | startswith("unknown "))' <<<"$output"
        run -0 bash -c 'ds-info --history --json foreign.h5 | jq -c ".[-1] | [.tool, .options.before, (.options.after | length), .metrics]"'
        [ "$change" = 'del b.attrs["content"]' ] && before_here='' || before_here=$before
        assert_output '["unknown","'"$before_here"'",64,{}]'
        refuses 65 'nobody knows what' foreign.h5 --script
        # sealing again, or copying what was sealed, is no second change
        cp foreign.h5 once.h5
        ds-info -q --seal foreign.h5
        cmp once.h5 foreign.h5
        cp once.h5 twice.h5
        copied twice.h5 ''
        ds-info -q --seal foreign.h5
        cmp once.h5 foreign.h5
    done
    # trained on, the change stays in the history
    ds-train -q once.h5 -d "$INPUTS/part.h5:train" --steps 1 --seed 1 -o on.h5
    run -0 ds-info --history on.h5
    assert_line --regexp '^5\. changed by an unknown tool, and sealed by ds-info '
    assert_line --regexp '^   content before [0-9a-f]{64}$'
}

# What PYTHON makes of a file where it lies; f is the file.
edited() { # FILE PYTHON
    can_h5py
    /usr/bin/python3 - "$@" <<'PYTHON'
import h5py, sys
with h5py.File(sys.argv[1], "r+") as f: exec(sys.argv[2])
PYTHON
}

@test "--seal --edited: a file that h5py changed where it lies, with a record of that" {
    before=$(/usr/bin/python3 -c 'import h5py, sys; print(h5py.File(sys.argv[1]).attrs["content"])' "$INPUTS/full.h5")
    for change in 'f["parameters/hidden0/bias"][0] += 1' 'f["labels"][0] = b"other"' 'f.attrs["note"] = "x" * 2000' \
        'del f["history/0003"]'; do
        cp "$INPUTS/full.h5" e.h5
        edited e.h5 "$change" || return
        cp e.h5 kept.h5
        refuses 65 'e.h5: ' --verify e.h5
        refuses 65 'if another program changed the file where it lies, --seal --edited takes it as it is' --seal e.h5
        cmp e.h5 kept.h5
        run -0 --separate-stderr ds-info --seal --edited e.h5
        [[ $stderr == *'not the content'* ]] || fail "$change: $stderr"
        ds-info -q --verify e.h5
        ds-info --json e.h5 | jq -e '.metrics == {} and (has("metrics_weights") | not) and (.made_by | startswith("unknown "))'
        ds-info --history --json e.h5 | jq -e '.[-1] | .tool == "unknown" and .options.before == "'"$before"'" and (.options.after | length) == 64'
    done
    # opened for writing and closed again: the content is the same, and so is what is said of it
    cp "$INPUTS/full.h5" e.h5
    edited e.h5 'pass'
    ds-info -q --seal --edited e.h5
    run -0 ds-info "$INPUTS/full.h5" --diff e.h5
    ds-info --history --json e.h5 | jq -e 'all(.tool != "unknown")'
}

@test "--edited: is asked for, is of a file, and takes no wreck" {
    refuses 64 '--edited is for --seal' --edited "$INPUTS/full.h5"
    run -64 --separate-stderr ds-info --seal --edited - -o x.h5 <"$INPUTS/full.h5"
    assert_one_error ds-info
    head -c 5000 "$INPUTS/full.h5" >cut.h5
    refuses 65 cut.h5 --seal --edited cut.h5
    [[ $stderr != *'--edited takes'* ]]
    # a flipped bit is refused by all who are not told that it was meant
    cp "$INPUTS/full.h5" bad.h5
    printf '\377' | dd of=bad.h5 bs=1 seek=4200 conv=notrunc status=none
    refuses 65 'is damaged' --verify bad.h5
    refuses 65 'is damaged' --seal bad.h5
    [ ! -e x.h5 ]
}

# The digest of the content by the page's rules, in another language.
@test "the content's digest is that of the page" {
    can_h5py
    /usr/bin/python3 - "$INPUTS/full.h5" <<'PYTHON'
import h5py, hashlib, json, struct, sys
f = h5py.File(sys.argv[1])
sha = lambda b: hashlib.sha256(b).digest()
tree = lambda b: sha(b"ds-tree-1" + struct.pack("<Q", len(b)) + b"".join(sha(b[i:i + (1 << 20)]) for i in range(0, len(b), 1 << 20)))
word = lambda t: json.dumps(t, ensure_ascii=False)
text = lambda v: v if isinstance(v, str) else v.decode()
lines = ["ds-content-1", "kind model"]
lines += ["attribute %s %s" % (word(k), word(v)) for k, v in sorted(f.attrs.items()) if k not in ("format", "format_version", "content")]
def part(name, value): lines.append("%s %s" % (name, sha(value).hex()))
part("graph", f["graph"][()])
lines += ["label " + word(text(t)) for t in f["labels"][()]] if "labels" in f else []
if "preprocessing" in f: part("preprocessing", f["preprocessing"][()])
types = {"float32": "f32", "int64": "i64", "int32": "i32"}
for root, kind in (("parameters", "parameter"), ("state", "state")):
    found = {}
    def visit(path, item):
        if not isinstance(item, h5py.Dataset): return
        attrs = dict(item.attrs)
        name = attrs.pop("name", path)
        shape = "[%s]" % ",".join(map(str, item.shape))
        found[name] = " ".join([kind, word(name), types[str(item.dtype)] + shape, tree(item[()].tobytes()).hex()]
                               + ["%s=%s" % (word(k), word(v)) for k, v in sorted(attrs.items())])
    f[root].visititems(visit)
    lines += [found[n] for n in sorted(found)]
part("run_state", f["run_state"][()])
for key in sorted(f["history"]): part("history", f["history"][key][()])
assert sha(("\n".join(lines) + "\n").encode()).hex() == f.attrs["content"], lines
PYTHON
}

@test "metrics say which weights they measured, and those are used" {
    cp "$INPUTS/part.h5" .
    ds-train -q mlp --set width=8 -d part.h5:train --val part.h5:val --epochs 1 --batch 32 --lr 0.01 --seed 1 --ema 0.9 -o ema.h5
    run -0 ds-info --json ema.h5
    jq -e '.metrics_weights == "averaged" and .metrics_step == 6' <<<"$output"
    val=$(jq '.metrics.val_loss * 1e4 | round' <<<"$output")
    loss() { ds-eval "$@" ema.h5 -d part.h5:val --json | jq '.loss * 1e4 | round'; }
    assert_equal "$(loss -q)" "$val"
    assert_equal "$(loss -q --weights averaged)" "$val"
    [ "$(loss -q --weights trained)" != "$val" ]
    run -0 --separate-stderr ds-eval ema.h5 -d part.h5:val
    [[ $stderr == *'averaged weights are used'* ]]
    ds-infer -q ema.h5 part.h5:val --raw auto.npy >auto.txt
    ds-infer -q ema.h5 part.h5:val --raw averaged.npy --weights averaged >/dev/null
    ds-infer -q ema.h5 part.h5:val --raw trained.npy --weights trained >/dev/null
    cmp auto.npy averaged.npy
    ! cmp -s auto.npy trained.npy
    # not measured: those of the last step
    ds-train -q mlp --set width=8 -d part.h5:train --epochs 1 --batch 32 --lr 0.01 --seed 1 --ema 0.9 -o ema.h5
    assert_equal "$(loss -q)" "$(loss -q --weights trained)"
    # fine-tuned: the metrics were of other weights
    ds-train -q "$INPUTS/full.h5" -d part.h5:train --steps 1 --seed 1 -o tuned.h5
    run -0 ds-info --json tuned.h5
    jq -e 'has("metrics_weights") | not' <<<"$output"
}

@test "a signature is that of OpenSSL, of one content, and gone with the next change" {
    command -v openssl >/dev/null || skip "openssl is not installed"
    for k in mine other; do
        openssl genpkey -algorithm ed25519 -out $k.pem 2>/dev/null
        openssl pkey -in $k.pem -pubout -out $k.pub
    done
    cp "$INPUTS/full.h5" m.h5
    ds-sign -q m.h5 --key mine.pem
    run -0 --separate-stderr ds-info --verify m.h5 --signed-by mine.pub
    [[ $stderr == *'signed by that key'* ]]
    run -1 --separate-stderr ds-info --verify m.h5 --signed-by other.pub
    assert_output 'm.h5: not signed by that key'
    run -1 ds-info -q --verify "$INPUTS/full.h5" --signed-by mine.pub
    run -1 ds-info -q --verify m.h5 --signed-by other.pub --json
    jq -e '.whole and (.signed | not)' <<<"$output"
    # the same model but for the signature; OpenSSL itself agrees
    run -0 ds-info "$INPUTS/full.h5" --diff m.h5
    if can_h5py; then
        /usr/bin/python3 -c '
import h5py, json, sys
f = h5py.File("m.h5")
open("message", "w").write("ds-tools signature 1\n" + f.attrs["content"] + "\n")
open("signature", "wb").write(bytes.fromhex(json.loads(f["signatures"][0])["signature"]))'
        openssl pkeyutl -verify -pubin -inkey mine.pub -rawin -in message -sigfile signature
    fi
    # two signers; each once
    ds-sign -q m.h5 --key other.pem -o both.h5
    ds-sign -q both.h5 --key other.pem
    assert_equal "$(ds-info --json both.h5 | jq -c '[.signatures[].holds]')" '[true,true]'
    ds-info -q --verify both.h5 --signed-by mine.pub
    # survives a copy by h5py that is sealed; not a changed one, nor training
    copied both.h5 ''
    ds-info -q --seal foreign.h5
    ds-info -q --verify foreign.h5 --signed-by mine.pub
    copied both.h5 'b["parameters/hidden0/bias"][0] += 1'
    run -0 --separate-stderr ds-info --seal foreign.h5
    [[ $stderr == *'signatures are left out'* ]]
    run -1 ds-info -q --verify foreign.h5 --signed-by mine.pub
    ds-train -q m.h5 -d "$INPUTS/part.h5:train" --steps 1 --seed 1 -o on.h5
    run -1 ds-info -q --verify on.h5 --signed-by mine.pub
}

@test "ds-sign and --signed-by: what is no key is refused; nothing is written" {
    command -v openssl >/dev/null || skip "openssl is not installed"
    cp "$INPUTS/full.h5" m.h5
    openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2>/dev/null
    openssl genpkey -algorithm ed25519 -aes256 -pass pass:x -out locked.pem 2>/dev/null
    openssl genpkey -algorithm ed25519 -out mine.pem 2>/dev/null
    openssl pkey -in mine.pem -pubout -out mine.pub
    while IFS='|' read -r code words command; do
        run --separate-stderr timeout 20 bash -c "$command"
        assert_equal "$status" "$code"
        [[ $stderr == *"$words"* ]] || fail "$command: $stderr"
        assert_equal "$(grep -c . <<<"$stderr")" 1
    done <<'ROWS'
65|not a private Ed25519 key|ds-sign m.h5 --key rsa.pem
65|not a private Ed25519 key|ds-sign m.h5 --key mine.pub
65|has a passphrase|ds-sign m.h5 --key locked.pem
66|nowhere.pem|ds-sign m.h5 --key nowhere.pem
64|--key|ds-sign m.h5
65|not an Ed25519 key|ds-info --verify m.h5 --signed-by rsa.pem
64|--signed-by is for --verify|ds-info m.h5 --signed-by mine.pub
64|give -o|ds-sign - --key mine.pem <m.h5
ROWS
    cmp m.h5 "$INPUTS/full.h5"
    ds-sign -q - --key mine.pem -o - <m.h5 | ds-info -q --verify - --signed-by mine.pub
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

@test "--compare: the options and metrics that differ, as table, CSV and JSON" {
    for lr in 0.001 0.01; do
        ds-train -q mlp --set width=4 -d "$INPUTS/part.h5:train" --val "$INPUTS/part.h5:val" --steps 6 --lr $lr --seed 1 \
            --json -o "lr-$lr.h5" >"$lr.json"
    done
    run -0 ds-info --compare lr-0.001.h5 lr-0.01.h5
    assert_line --index 0 --regexp '^model +lr +val_loss'
    assert_line --index 1 --regexp "^lr-0.001.h5 +0.001 +$(printf %.4f "$(jq .metrics.val_loss 0.001.json)")"
    refute_output --partial width # the same in both
    refute_output --partial seed
    ds-info --compare lr-0.001.h5 lr-0.01.h5 --csv >table.csv
    python3 - table.csv 0.001.json 0.01.json <<'PYTHON'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1])))
assert [r["model"] for r in rows] == ["lr-0.001.h5", "lr-0.01.h5"] and [float(r["lr"]) for r in rows] == [0.001, 0.01], rows
for row, path in zip(rows, sys.argv[2:]):
    metrics = json.load(open(path))["metrics"]
    differ = [k for k in row if k.startswith("val_")]
    assert "val_loss" in differ and all(float(row[k]) == metrics[k] for k in differ), row
PYTHON
    run -0 ds-info --compare lr-0.001.h5 lr-0.01.h5 "$INPUTS/full.h5" --json
    jq -e 'length == 3 and .[0].options.lr == 0.001 and .[0].options["set.width"] == "4" and .[2].options["resume"] == "half.h5"' <<<"$output"
    run -0 ds-info --compare lr-0.01.h5 lr-0.01.h5
    assert_output ''
    refuses 64 'two models or more' lr-0.01.h5 --compare
    refuses 64 'several models are for --compare' lr-0.01.h5 lr-0.001.h5
    refuses 64 '--csv is for --compare' lr-0.01.h5 --csv
    refuses 66 nowhere.h5 --compare lr-0.01.h5 nowhere.h5
}

@test "--compare shows what parameters are by default, also of runs that were resumed" {
    ds-train -q mlp --set width=4 -d "$INPUTS/part.h5:train" --steps 4 --seed 1 --stop-after 2 -o narrow.h5
    cp "$INPUTS/part.h5" .
    ds-train -q --resume narrow.h5 -o resumed.h5
    ds-train -q mlp --set depth=1 -d "$INPUTS/part.h5:train" --steps 4 --seed 1 -o plain.h5
    width=$(sed -n 's/^  width: *\([0-9]*\).*/\1/p' "$ROOT/share/models/mlp.yaml")
    run -0 ds-info --compare narrow.h5 resumed.h5 plain.h5 --json
    assert_equal "$(jq -r '.[].options["set.width"]' <<<"$output" | xargs)" "4 4 $width"
    refute_output --partial '"set.depth": null'
    printf '%s\n' 'set: {width: 6, twice: "${2 * width}", classes: "${data.classes}"}' 'inputs: {image: "f32[N,1,28,28]"}' \
        'layers: [flatten, {linear: "${twice}"}, relu, {linear: "${classes}"}]' 'loss: cross_entropy' >own.yaml
    ds-train -q ./own.yaml -d "$INPUTS/part.h5:train" --steps 1 --seed 1 -o a.h5
    ds-train -q ./own.yaml --set width=8 --set classes=4 -d "$INPUTS/part.h5:train" --steps 1 --seed 1 -o b.h5
    run -0 ds-info --compare a.h5 b.h5
    assert_line --index 0 --regexp '^model +parameters +set.width +set.twice +set.classes'
    assert_line --index 1 --regexp '^a.h5 +[0-9]+ +6 +12 +\$\{data.classes\}'
    assert_line --index 2 --regexp '^b.h5 +[0-9]+ +8 +16 +4'
}

@test "ds-train --json: one document of what came of the run" {
    cp "$INPUTS/part.h5" .
    run -0 --separate-stderr ds-train -q mlp --set width=4 -d part.h5:train --val part.h5:val --epochs 3 --batch 32 --seed 5 --json -o m.h5
    summary=$output
    jq -e '.model == "mlp" and .step == 18 and .planned_steps == 18 and .stopped == "" and .seed == "5" and .output == "m.h5"' <<<"$summary"
    assert_equal "$(jq -r .digest <<<"$summary")" "$(ds-info --json m.h5 | jq -r .digest)"
    assert_equal "$(jq -cS .metrics <<<"$summary")" "$(ds-info --json m.h5 | jq -cS .metrics)"
    for key in $(jq -r keys[] <<<"$summary"); do grep -q "\*$key\*" "$ROOT/man/ds-train.1.scd" || fail "no $key in the page"; done
    run -0 ds-train -q mlp --set width=4 -d part.h5:train --steps 9 --stop-after 4 --seed 5 --json -o m.h5
    jq -e '.step == 4 and .planned_steps == 9 and .stopped == "--stop-after 4" and .metrics == {}' <<<"$output"
    for words in '--log -' '-o -' '--dry-run' '--explain'; do
        run -64 --separate-stderr ds-train mlp -d part.h5 --json -o m.h5 $words
    done
}

@test "a data file, and a model, taken for the other: 65 and what it is" {
    refuses 65 "a 'ds-tools data' file" "$INPUTS/data.h5"
    run -65 --separate-stderr ds-data info "$INPUTS/model.h5"
    [[ $stderr == *"a 'ds-tools model' file"* ]]
}
