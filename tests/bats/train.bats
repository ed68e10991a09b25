#!/usr/bin/env bats
# ds-train: what it writes, how it ends and goes on, and what it refuses.
load common

setup_file() {
    make_inputs
    ds-data split -q "$INPUTS/data.h5" --val 60 --stratify --seed 1 -o "$INPUTS/part.h5"
    # 16 steps in an epoch of batch 16, 4 epochs: the run that is never stopped
    ds-train -q mlp --set width=8 -d "$INPUTS/part.h5:train" --batch 16 --epochs 4 --seed 1 -o "$INPUTS/whole.h5"
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

train() { # with seed 1 and batches of 16 where nothing else is said: an option is given once
    local usual=()
    [[ " $* " == *' --seed '* ]] || usual+=(--seed 1)
    [[ " $* " == *' --batch '* ]] || usual+=(--batch 16)
    timeout 60 ds-train -q mlp --set width=8 -d "$INPUTS/part.h5:train" "${usual[@]}" "$@"
}
resume() { timeout 60 ds-train -q --resume "$1" -d "$INPUTS/part.h5:train" "${@:2}"; }
same_state() { run -0 ds-info "$1" --diff "$2"; assert_output ''; }
log_of() { jq -rs "$2" "$1"; }

refuses() { # STATUS WORDS ds-train WORDS...
    run --separate-stderr "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error ds-train
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}

# ----------------------------------------------------------------------------------- what is written

@test "--log: legal JSON lines, one a step, one a validation, one for the end" {
    train --val "$INPUTS/part.h5:val" --epochs 2 --log log -o m.h5
    steps=$(log_of log '[.[] | select(.loss)] | length')
    assert_equal "$(wc -l <log)" $((steps + 2 + 1))
    assert_equal "$(log_of log '[.[].step | numbers] | max')" "$steps"
    assert_equal "$(log_of log 'map(select(.loss)) | all(.epoch and .top1 >= 0 and .lr >= 0 and .grad_norm and .seconds and .waited >= 0 and .samples)')" true
    assert_equal "$(log_of log 'map(select(has("val_loss"))) | [length, all(.val_top1 >= 0 and (.best | type) == "boolean")]|tostring')" '[2,true]'
    assert_equal "$(log_of log '.[-1] | [.end, .samples_per_second > 0, .waited_share >= 0] | tostring')" '["done",true,true]'
    run -0 bash -c 'ds-train -q mlp --set width=8 -d "$INPUTS/data.h5" --steps 2 --seed 1 --log - -o m.h5 | jq -c .step'
    assert_output $'1\n2\nnull'
}

@test "--eval-every validates every so many steps and at the end" {
    train --val "$INPUTS/part.h5:val" --steps 8 --eval-every 3 --log log -o m.h5
    assert_equal "$(log_of log '[.[] | select(has("val_loss")) | .step] | tostring')" '[3,6,8]'
}

@test "--dry-run says what the run needs, and writes nothing" {
    run --separate-stderr train --epochs 2 --dry-run -o m.h5
    assert_equal "$status" 0
    assert_line --regexp '^peak memory +[0-9.]+ MiB: arena [0-9.]+, state [0-9.]+'
    assert_line --regexp '^steps +2[0-9], batch 16$'
    [ ! -e m.h5 ]
}

wide() { timeout 60 ds-train -q mlp --set width=512 --seed 1 -d "$INPUTS/part.h5:train" --batch 16 "$@"; }
memory_of() { # PART ds-train WORDS...: MiB that --dry-run says of it
    wide --dry-run "${@:2}" | sed -nE "s/.*$1 +([0-9.]+).*/\1/p"
}

@test "--dry-run counts what validation, accumulated steps and averaged weights need" {
    plain=$(memory_of state)
    [ "$(jq -n "$(memory_of state --accumulate 2) > $plain and $(memory_of state --ema 0.9) > $plain")" = true ]
    # Validation runs in the training's memory, with fewer samples at a time where 256 have no room.
    assert_equal "$(memory_of arena --val "$INPUTS/part.h5:val")" "$(memory_of arena)"
    peak=$(memory_of 'peak memory' --val "$INPUTS/part.h5:val" --ema 0.9)
    refuses 69 'training and validation need' wide --val "$INPUTS/part.h5:val" --ema 0.9 --memory "$(jq -n "$peak - 0.2")MiB" -o m.h5
    wide --val "$INPUTS/part.h5:val" --ema 0.9 --memory "$(jq -n "$peak + 0.2")MiB" --epochs 1 -o m.h5
}

resident() { # ds-train WORDS...: KiB of memory that it had at the most
    /usr/bin/python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@" | tail -n 1
}

# Growth over a run that needs next to nothing. Beside what is promised there is what is no tensor: code that the vendor
# library makes for the sizes, 4 to 13 MiB; and what is promised need not all be there at once.
keeps_promise() { # ds-train WORDS...
    local promised grown
    promised=$("$@" --dry-run -o m.h5 | sed -nE 's/^peak memory +([0-9.]+) MiB.*/\1/p')
    grown=$(($(resident "$@" -o m.h5) - $(resident ds-train -q mlp --set width=8 -d "$INPUTS/data.h5" --batch 8 --steps 1 --seed 1 -o s.h5)))
    echo "promised $promised MiB, grown by $((grown / 1024)) MiB: $*"
    [ "$(jq -n "$promised > 40 and $grown / 1024 > 0.9 * $promised and $grown / 1024 < 1.05 * $promised + 16")" = true ]
}

# Windows of a text are many more than the pieces of its file.
@test "--dry-run promises what a run then has in memory: text, with accumulation, averages and validation" {
    ds-data import text -q "$INPUTS/notes.txt" -o text.h5
    keeps_promise ds-train -q gpt-tiny -d text.h5 --batch 8 --tokens 64 --steps 1 --seed 1
    keeps_promise ds-train -q gpt-tiny -d text.h5 --val text.h5 --batch 8 --tokens 64 --accumulate 2 --ema 0.9 --steps 1 --seed 1
}

@test "--dry-run promises what a run then has in memory: pictures, with a rest of an epoch, and validation" {
    keeps_promise ds-train -q fashion-cnn -d "$INPUTS/data.h5" --val "$INPUTS/data.h5" --batch 200 --epochs 1 --seed 1
}

@test "--dry-run promises what a run then has in memory: rows of numbers, whose batches weigh" {
    /usr/bin/python3 - <<'PYTHON'
import struct
def npy(name, dtype, shape, values):
    head = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (dtype, shape)
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    open(name, "wb").write(b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head.encode() + values)
npy("x.npy", "<f4", (6000, 1000), struct.pack("<1000f", *range(1000)) * 6000)
npy("y.npy", "<i4", (6000,), struct.pack("<2i", 0, 1) * 3000)
PYTHON
    ds-data import npy -q x.npy y.npy -o x.h5
    keeps_promise ds-train -q mlp --set width=64 --set depth=1 -d x.h5 --batch 6000 --steps 2 --seed 1
    ds-train -q mlp --set width=64 --set depth=1 -d x.h5 --batch 6000 --dry-run -o m.h5 | grep -E 'batches 9[0-9]\.'
}

@test "--dry-run promises what a run then has in memory: masks, vectors of pictures, rows in groups" {
    mkdir pictures masks
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(1)
for i in range(24):
    for folder, top in ("pictures", 255), ("masks", 2):
        pixels = bytes(random.randint(0, top) for _ in range(64 * 48))
        open(f"{folder}/{i:02}.pgm", "wb").write(b"P5 48 64 255\n" + pixels)
with open("rows.csv", "w") as f:
    print("query", *[f"x{i}" for i in range(40)], "y", sep=",", file=f)
    for r in range(3000): print(f"q{r // 10}", *[f"{random.random():.4f}" for i in range(40)], r % 4, sep=",", file=f)
PYTHON
    ds-data import images -q pictures --masks masks -o masks.h5
    keeps_promise ds-train -q unet -d masks.h5 --val masks.h5 --batch 24 --steps 1 --seed 1
    keeps_promise ds-train -q embedder -d "$INPUTS/data.h5" --val "$INPUTS/data.h5" --batch 200 --steps 1 --seed 1
    ds-data import csv -q rows.csv --target y --group query -o rows.h5
    keeps_promise ds-train -q tabular --set width=512 -d rows.h5 --val rows.h5 --batch 3000 --steps 1 --seed 1
}

@test "--dry-run promises what a run then has in memory: texts, whose words weigh, and tags" {
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(2)
words = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randint(6, 20))) for _ in range(150000)] * 2
random.shuffle(words)
with open("t.csv", "w") as t, open("t.conll", "w") as c:
    t.write("text,label\n")
    for i in range(0, len(words), 30):
        t.write(" ".join(words[i:i + 30]) + "," + "ab"[i // 30 % 2] + "\n")
        c.writelines(w + " " + "OB"[k % 2] + "\n" for k, w in enumerate(words[i:i + 30])), c.write("\n")
PYTHON
    ds-data import csv -q t.csv --text text --target label --words 200000 -o t.h5
    keeps_promise ds-train -q text-classifier --set width=4 -d t.h5 --batch 8 --steps 1 --seed 1
    keeps_promise ds-train -q text-classifier --set width=4 -d t.h5 --val t.h5 --batch 8 --steps 1 --seed 1
    ds-data import conll -q t.conll --words 200000 -o c.h5
    keeps_promise ds-train -q tagger --set width=4 --set channels=4 -d c.h5 --val c.h5 --batch 8 --steps 1 --seed 1
}

@test "--dry-run counts the small columns that a reader keeps" {
    /usr/bin/python3 - <<'PYTHON'
import struct
for name, start in ("x.npy", 1), ("y.npy", 2): # a million numbers each, 4 bytes a number
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000,), }".ljust(117) + "\n"
    open(name, "wb").write(b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head.encode() + struct.pack("<2f", start, 0) * 500000)
PYTHON
    ds-data import npy -q x.npy --target y.npy -o big.h5
    ds-data sample -q big.h5 --rows 1000 --seed 1 -o few.h5
    cp big.h5 more.h5
    batches() { ds-train tabular --set depth=0 "${@/#/-d}" --dry-run -o m.h5 | sed -nE 's/.*batches ([0-9.]+).*/\1/p'; }
    [ "$(jq -n "$(batches big.h5) - $(batches few.h5) | . > 7.5 and . < 7.8")" = true ] # 8 MB less 8 kB are 7.62 MiB
    [ "$(jq -n "$(batches big.h5 more.h5) - $(batches few.h5) | . > 15.1 and . < 15.5")" = true ]
}

@test "--memory that is too small names the largest batch, which fits" {
    refuses 69 "error: 'mlp' needs" train --batch 128 --memory 500KiB -o m.h5 # before a step is begun
    [[ $stderr == *'the largest batch that fits is'* ]]
    [[ $stderr =~ fits\ is\ ([0-9]+) ]]
    train --batch "${BASH_REMATCH[1]}" --steps 1 --memory 500KiB -o m.h5
    refuses 69 'not even a batch of 1 fits' train --memory 1KiB -o other.h5
    [ ! -e other.h5 ]
}

@test "--plot draws SVG and PNG" {
    train --epochs 1 --plot c.svg -o m.h5
    grep -q '</svg>' c.svg
    train --epochs 1 --plot c.png -o m.h5
    assert_equal "$(head -c 4 c.png | tail -c 3)" PNG
}

@test "--best is the model of the best validation, --keep numbered files, the last ones" {
    train --val "$INPUTS/part.h5:val" --epochs 3 --best best.h5 --save-every 5 --keep 2 --log log -o m.h5
    best=$(log_of log '[.[] | select(.best)][-1].step')
    assert_equal "$(ds-info best.h5 --json | jq .step)" "$best"
    assert_equal "$(ls -- *step* | xargs)" 'm-step000030.h5 m-step000035.h5'
    ds-info -q --verify m-step000030.h5
    assert_equal "$(ds-info m-step000030.h5 --json | jq .step)" 30
    refuses 64 '--keep needs --save-every' train --keep 2 -o m.h5
    refuses 64 '--best needs --val' train --best best.h5 -o m.h5
}

@test "--keep: the output is saved as well, and a resumed run tidies what the killed one left" {
    run -137 timeout -s KILL 3 ds-train -q mlp --set width=8 --seed 1 -d "$INPUTS/part.h5:train" --batch 16 \
        --schedule constant --steps 1000000 --save-every 5 --keep 2 -o m.h5
    ds-info -q --verify m.h5
    step=$(ds-info m.h5 --json | jq .step)
    [ "$step" -ge 20 ]
    end=$((step + 10))
    resume m.h5 --steps $end --save-every 5 --keep 2 -o m.h5
    assert_equal "$(ls -- m-step* | xargs)" "$(printf 'm-step%06d.h5 m-step%06d.h5' $((end - 5)) $end)"
    assert_equal "$(ds-info m.h5 --json | jq .step)" $end
}

@test "--keep removes files of its own run and no other, and writes over no input" {
    train --steps 10 --save-every 5 --keep 2 -o m.h5
    train --lr 0.5 --steps 3 --save-every 3 --keep 1 -o m.h5
    assert_equal "$(ls -- m-step* | xargs)" 'm-step000003.h5 m-step000005.h5 m-step000010.h5'
    refuses 64 'm-step000010.h5 has a name that --keep may write' ds-train -q m-step000010.h5 -d "$INPUTS/part.h5:train" \
        --batch 16 --seed 1 --save-every 10 --keep 1 -o m.h5
    ds-train -q ./m-step000010.h5 -d "$INPUTS/part.h5:train" --batch 16 --seed 1 --save-every 1 --steps 3 --keep 1 -o n.h5
    assert_equal "$(ls -- m-step* | xargs)" 'm-step000003.h5 m-step000005.h5 m-step000010.h5'
}

@test "a checkpoint saved on the way is, byte for byte, that of a run stopped there" {
    train --val "$INPUTS/part.h5:val" --epochs 2 --eval-every 7 --best best.h5 --save-every 10 --keep 5 -o m.h5
    train --val "$INPUTS/part.h5:val" --epochs 2 --eval-every 7 --stop-after 10 -o stopped.h5
    cmp m-step000010.h5 stopped.h5
    assert_equal "$(ds-info --json stopped.h5 | jq '.metrics | has("val_loss")')" true
    # A run that goes on tells the last validation, whoever made it.
    resume stopped.h5 --val "$INPUTS/part.h5:val" --stop-after 11 -o further.h5
    assert_equal "$(ds-info --json further.h5 | jq .metrics)" "$(ds-info --json stopped.h5 | jq .metrics)"
}

@test "an output that cannot be made is refused before the training" {
    refuses 64 '--plot: a file name that ends in .svg or .png expected' train --steps 1000000 --plot curve.jpg -o m.h5
    refuses 73 '/proc/x.h5' train --steps 1000000 -o /proc/x.h5
    refuses 73 'nowhere' train --steps 1000000 --log nowhere/log -o m.h5
    refuses 73 'is a folder' train --steps 1000000 --best . --val "$INPUTS/part.h5:val" -o m.h5
    [ -z "$(ls -A)" ]
}

@test "--ema keeps averaged weights, which ds-eval --weights averaged measures" {
    train --epochs 2 --ema 0.9 -o m.h5
    run -0 ds-eval -q m.h5 -d "$INPUTS/data.h5" --weights averaged
    averaged=$output
    run -0 ds-eval -q m.h5 -d "$INPUTS/data.h5"
    [ "$output" != "$averaged" ]
    run -65 --separate-stderr ds-eval -q "$INPUTS/whole.h5" -d "$INPUTS/data.h5" --weights averaged
    [[ $stderr == *--ema* ]]
}

@test "--patience ends the run when validations do not get better" {
    train --val "$INPUTS/part.h5:val" --epochs 40 --patience 2 --lr 0 --log log -o m.h5
    assert_equal "$(log_of log '.[-1].end')" 'no better validation in 2 tries'
    assert_equal "$(log_of log '[.[] | select(has("val_loss"))] | length')" 3
    refuses 64 '--patience needs --val' train --patience 2 -o m.h5
}

@test "the same command gives the same bytes, another seed gives others" {
    train --epochs 1 -o a.h5
    train --epochs 1 -o b.h5
    cmp a.h5 b.h5
    train --epochs 1 --seed 2 -o c.h5
    run -1 ds-info a.h5 --diff c.h5
}

@test "a drawn seed is said, kept in the file, and repeats the run" {
    run -0 --separate-stderr ds-train mlp --set width=8 -d "$INPUTS/data.h5" --steps 2 -o a.h5
    [[ $stderr =~ seed\ ([0-9]+) ]]
    seed=${BASH_REMATCH[1]}
    ds-train -q mlp --set width=8 -d "$INPUTS/data.h5" --steps 2 --seed "$seed" -o b.h5
    same_state a.h5 b.h5
    assert_equal "$(ds-info a.h5 --history --json | jq '.[-1].seed')" "$seed"
}

@test "a model written to stdout is the file, and nothing else is there" {
    train --epochs 1 -o a.h5
    run -0 --separate-stderr bash -c 'ds-train mlp --set width=8 --seed 1 -d "$INPUTS/part.h5:train" --batch 16 --epochs 1 -o - | cmp - a.h5'
}

# ------------------------------------------------------------------------------ stopping and going on

@test "stopped and resumed ends as never stopped: at a step, by a time, by a signal" {
    train --epochs 4 --stop-after 13 -o half.h5
    assert_equal "$(ds-info half.h5 --json | jq -c '[.step, .planned_steps]')" '[13,48]'
    resume half.h5 -o m.h5
    same_state "$INPUTS/whole.h5" m.h5
    train --epochs 4 --time 1ms -o half.h5
    resume half.h5 -o m.h5
    same_state "$INPUTS/whole.h5" m.h5
    train --epochs 4 --stop-after 1 -o half.h5
    for i in 9 22 40; do resume half.h5 --stop-after $i -o half.h5; done
    resume half.h5 -o m.h5
    same_state "$INPUTS/whole.h5" m.h5
}

@test "resumed after kill -9 ends as never stopped" {
    long=(ds-train -q mlp --set width=8 --seed 1 -d "$INPUTS/part.h5:train" --batch 16 --steps 3000)
    "${long[@]}" -o whole.h5
    "${long[@]}" --save-every 20 -o half.h5 &
    for i in {1..500}; do
        if [ -e half.h5 ]; then break; fi
        sleep 0.01
    done
    kill -9 $! && wait $! || true
    [ "$(ds-info half.h5 --json | jq .step)" -lt 3000 ]
    resume half.h5 -o half.h5
    same_state whole.h5 half.h5
    assert_equal "$(ls -A)" $'half.h5\nwhole.h5'
}

@test "a resumed run appends to its log" {
    train --epochs 1 --stop-after 5 --log log -o half.h5
    resume half.h5 --log log -o m.h5
    assert_equal "$(log_of log '[.[] | select(.loss) | .step] == [range(1; 13)]')" true
}

@test "a run resumed from an earlier step than its log knows: each step stands there once" {
    train --val "$INPUTS/part.h5:val" --epochs 1 --eval-every 2 --log whole -o m.h5
    train --val "$INPUTS/part.h5:val" --epochs 1 --eval-every 2 --stop-after 5 -o half.h5
    steps() { jq -c 'select(has("end") | not) | [.step, has("val_loss")]' "$1"; }
    steps whole >wanted
    # As kill -9 leaves it: steps 6 to 8, an end that was not theirs, and half a line.
    { head -n 12 whole && printf '{"end":"a signal"}\n{"step":9,"lo'; } >log
    resume half.h5 --val "$INPUTS/part.h5:val" --log log -o m.h5
    steps log | cmp - wanted
    resume half.h5 --val "$INPUTS/part.h5:val" --log log -o m.h5
    steps log | cmp - wanted
    assert_equal "$(jq -c 'select(.end) | .end' log)" '"done"'
    # What is no log is left as it is.
    printf 'my notes\n' >notes
    printf 'unended' >words
    printf '{"name":"no log"}' >words.json
    for file in notes words words.json; do
        sum=$(sha256sum <$file)
        refuses 65 "$file: not a log of ds-train" resume half.h5 --val "$INPUTS/part.h5:val" --log $file -o n.h5
        assert_equal "$(sha256sum <$file)" "$sum"
    done
    assert_not_exists n.h5
}

@test "resumed with accumulation, augmentation, dropout, averages and sgd: still the same" {
    options=(--set dropout=0.2 --accumulate 3 --flip --crop 2 --cutout 5 --ema 0.9 --optimizer sgd --lr 0.01 --clip 1 --epochs 2)
    train "${options[@]}" -o whole.h5
    train "${options[@]}" --stop-after 5 -o half.h5
    resume half.h5 -o m.h5
    same_state whole.h5 m.h5
}

@test "a resumed run may go on in its own file, and nothing else may take that place" {
    train --steps 4 --stop-after 2 -o half.h5
    refuses 64 'half.h5 is an input, too (--resume)' resume half.h5 --plot ./half.h5.png -o m.h5 --log half.h5
    resume half.h5 -o half.h5
    ds-info -q --verify half.h5
}

@test "resuming a run that is complete says so and changes nothing" {
    train --steps 3 -o whole.h5
    run -0 --separate-stderr ds-train --resume whole.h5 -d "$INPUTS/part.h5:train" -o m.h5
    [[ $stderr == *'the run is complete at step 3; --steps or --epochs set another end'* ]]
    same_state whole.h5 m.h5
}

@test "--resume finds the data by its name, and refuses other data" {
    train --epochs 1 --stop-after 5 -o half.h5
    refuses 66 'part.h5 is neither here nor beside half.h5' ds-train -q --resume half.h5 -o m.h5
    cp "$INPUTS/part.h5" .
    ds-train -q --resume half.h5 -o m.h5
    refuses 65 'not the data that the run was started on' ds-train -q --resume half.h5 -d "$INPUTS/data.h5" -o other.h5
    refuses 65 'not the data that the run was started on' ds-train -q --resume half.h5 -d part.h5:val -o other.h5
    [ ! -e other.h5 ]
}

@test "another end: refused where the schedule depends on the length, fine with a schedule named anew" {
    train --epochs 2 --schedule cosine --stop-after 5 -o half.h5
    refuses 64 'name a --schedule anew' resume half.h5 --epochs 3 -o m.h5
    refuses 64 'name a --schedule anew' resume half.h5 --steps 30 -o m.h5
    resume half.h5 --epochs 3 --schedule constant --log log -o m.h5
    assert_equal "$(ds-info m.h5 --json | jq .step)" 36
    assert_equal "$(log_of log '[.[].lr | numbers] | unique | tostring')" '[0.002]'
    resume half.h5 --steps 7 --schedule constant --lr 0.5 --log log2 -o m.h5
    assert_equal "$(log_of log2 '[.[].lr | numbers] | unique | tostring')" '[0.5]'
    refuses 64 'cannot end at 4' resume half.h5 --steps 4 --schedule constant -o m.h5
    train --epochs 2 --schedule constant --stop-after 5 -o half.h5
    resume half.h5 --epochs 3 -o m.h5
    train --epochs 3 --schedule constant -o whole.h5
    same_state whole.h5 m.h5
}

@test "--resume refuses what it would not heed" {
    train --epochs 1 --stop-after 5 -o half.h5
    for words in '--lr 0.1' '--batch 8' '--seed 3' '--set width=4' '--head 2' '--optimizer sgd' '--flip' '--patience 3' '--ema 0.9' '--tokens 3'; do
        refuses 64 "${words%% *}: a resumed run keeps its own" resume half.h5 $words -o m.h5
    done
    refuses 64 '--resume goes on with a run; it takes no MODEL' ds-train --resume half.h5 mlp -o m.h5
    refuses 64 'no validation' resume half.h5 --val "$INPUTS/part.h5:val" -o m.h5
    refuses 64 'two ends' resume half.h5 --steps 3 --epochs 3 -o m.h5
}

# ------------------------------------------------------------------------------------------- models

@test "--set: parameters of the model file, unknown ones listed" {
    train --set depth=1 --set classes=7 --steps 1 -o m.h5
    ds-info m.h5 --json | jq -e '.outputs[0].type == "f32[N,7]"'
    refuses 64 "known: width, depth, dropout" train --set wdith=4 -o m.h5
    refuses 64 'NAME=VALUE' train --set width -o m.h5
    run -66 --separate-stderr ds-train mlpp -d "$INPUTS/data.h5" -o m.h5
    [[ $stderr == *'known: autoencoder, embedder, fashion-cnn, gpt-tiny, mlp, resnet18, table-autoencoder, tabular, tagger, text-classifier, two-input, two-tower, unet'* ]]
}

@test "a YAML file as model, and what is wrong in one: file, line and key" {
    printf 'inputs: {image: "f32[N,1,28,28]"}\nlayers:\n  - flatten\n  - linear: {name: out, units: 3}\nloss: {kind: cross_entropy, target: label}\n' >tiny.yaml
    ds-train -q tiny.yaml -d "$INPUTS/data.h5" --steps 2 --seed 1 -o m.h5
    ds-info m.h5 --json | jq -e '.parameters == 2355'
    sed 's/units: 3/units: 3, unist: 3/' tiny.yaml >bad.yaml
    run -78 --separate-stderr ds-train bad.yaml -d "$INPUTS/data.h5" --steps 2 -o m.h5
    [[ $stderr == *bad.yaml:4:*unist*units* ]] || fail "$stderr"
    sed '1p' tiny.yaml >bad.yaml
    run -78 --separate-stderr ds-train bad.yaml -d "$INPUTS/data.h5" --steps 2 -o m.h5
    [[ $stderr == *bad.yaml:2:*inputs* ]] || fail "$stderr"
    sed 's/units: 3/units: three/' tiny.yaml >bad.yaml
    run -78 --separate-stderr ds-train bad.yaml -d "$INPUTS/data.h5" --steps 2 -o m.h5
    [[ $stderr == *bad.yaml:4:* ]] || fail "$stderr"
}

@test "what a model file says of its training: options, by its parameters, that the command line overrides" {
    printf '%s\n' 'set: {depth: 2, classes: "${data.classes}"}' 'inputs: {image: "f32[N,1,28,28]"}' \
        'layers: [flatten, {linear: "${classes}"}]' 'loss: cross_entropy' 'train:' \
        '  lr: ${choose(depth > 1, 0.25, 0.5)}' '  batch: ${8 * depth}' '  optimizer: sgd' >own.yaml
    said() { ds-info m.h5 --history --json | jq -r '.[-1].options | "\(.lr) \(.batch) \(.optimizer)"'; }
    ds-train -q ./own.yaml -d "$INPUTS/data.h5" --steps 1 --seed 1 -o m.h5
    assert_equal "$(said)" '0.25 16 sgd'
    ds-train -q ./own.yaml --set depth=1 -d "$INPUTS/data.h5" --steps 1 --seed 1 --optimizer adamw -o m.h5
    assert_equal "$(said)" '0.5 8 adamw'
    sed 's/8 \* depth/classes/' own.yaml >data.yaml
    run -78 --separate-stderr ds-train ./data.yaml -d "$INPUTS/data.h5" --steps 1 --seed 1 -o x.h5
    [[ $stderr == *"data.yaml:7:"*"'classes'"* ]] || fail "$stderr"
    assert_one_error ds-train
    sed 's/0.25/oops/' own.yaml >wrong.yaml
    run -78 --separate-stderr ds-train ./wrong.yaml -d "$INPUTS/data.h5" --steps 1 --seed 1 -o x.h5
    [[ $stderr == *"wrong.yaml:6:"*oops* ]] || fail "$stderr"
    sed 's/8 \* depth/depth \/ 4/' own.yaml >half.yaml
    run -78 --separate-stderr ds-train ./half.yaml -d "$INPUTS/data.h5" --steps 1 --seed 1 -o x.h5
    [[ $stderr == *"half.yaml:7:"*batch*0.5* ]] || fail "$stderr"
}

@test "fine-tuning: a new --head, and what a checkpoint cannot take" {
    # images of five classes
    /usr/bin/python3 - <<'PYTHON'
import gzip, random, struct
open("i.gz", "wb").write(gzip.compress(struct.pack(">IIII", 0x803, 40, 28, 28) + random.Random(1).randbytes(40 * 784)))
open("l.gz", "wb").write(gzip.compress(struct.pack(">II", 0x801, 40) + bytes(i % 5 for i in range(40))))
PYTHON
    ds-data import idx -q i.gz l.gz -o five.h5
    ds-train -q "$INPUTS/whole.h5" -d five.h5 --head 5 --steps 2 --seed 1 -o m.h5
    ds-info m.h5 --json | jq -e '.outputs[0].type == "f32[N,5]" and .step == 2'
    run -1 ds-info "$INPUTS/whole.h5" --diff m.h5
    assert_line --partial '! classifier.weight f32[3,8] to f32[5,8]'
    for n in 2 5; do refuses 64 'has 3 classes' ds-train -q "$INPUTS/whole.h5" -d "$INPUTS/data.h5" --head $n --seed 1 -o x.h5; done
    refuses 64 '--set classes=2' ds-train mlp -d "$INPUTS/data.h5" --head 2 --seed 1 -o x.h5
    refuses 64 'for model files' ds-train "$INPUTS/whole.h5" -d "$INPUTS/data.h5" --set width=4 --seed 1 -o x.h5
}

@test "--config: a recipe, beaten by the environment, beaten by the command line" {
    printf 'model: mlp\ndata: %s\nset: {width: 8}\nsteps: 3\nlr: 0.5\nseed: 1\nlog: log\nschedule: constant\n' "$INPUTS/data.h5" >recipe.yaml
    rates() { log_of log '[.[].lr | numbers] | unique | tostring'; }
    ds-train -q --config recipe.yaml -o m.h5
    assert_equal "$(rates)" '[0.5]'
    DS_LR=0.25 ds-train -q --config recipe.yaml -o m.h5
    assert_equal "$(rates)" '[0.25]'
    DS_LR=0.25 ds-train -q --config recipe.yaml --lr 0.125 -o m.h5
    assert_equal "$(rates)" '[0.125]'
    printf 'lr: 0.5\nlr: 0.25\n' >twice.yaml
    refuses 78 'twice.yaml:2:1' ds-train -q --config twice.yaml
    printf 'steps: many\n' >type.yaml
    refuses 78 'type.yaml:1:' ds-train -q --config type.yaml
    [[ $stderr == *steps* ]]
}

@test "--stop-after a step that is past is refused" {
    train --steps 20 --stop-after 10 -o half.h5
    refuses 64 'at step 10 already; --stop-after 10 is not beyond it' resume half.h5 --stop-after 10 -o m.h5
    resume half.h5 --stop-after 11 -o m.h5
    assert_equal "$(ds-info m.h5 --json | jq .step)" 11
}

# --------------------------------------------------------------------------------- bad options and data

@test "learning rates and batches that cannot be" {
    refuses 64 '--lr' train --lr nan -o m.h5
    refuses 64 '--lr' train --lr=-1 -o m.h5
    refuses 64 '--lr' train --lr inf -o m.h5
    refuses 64 '--batch 1000 is more than the 240 samples of ' ds-train -q mlp -d "$INPUTS/data.h5" --batch 1000 -o m.h5
    refuses 64 '--batch' train --batch 0 -o m.h5
    refuses 64 '--lr: 1e7 is out of range' train --lr 1e7 -o m.h5
    refuses 64 '--ema: 1 is out of range' train --ema 1 -o m.h5
    refuses 64 'two ends' train --steps 3 --epochs 3 -o m.h5
    [ ! -e m.h5 ]
}

@test "options that would be ignored are refused, unless a stronger choice overrides them" {
    refuses 64 '--gamma means nothing under --schedule one-cycle; it is for step' train --gamma 0.5 -o m.h5
    refuses 64 '--momentum means nothing under --optimizer adam; it is for sgd' train --optimizer adam --momentum 0.5 -o m.h5
    refuses 64 '--beta1 means nothing' train --optimizer sgd --beta1 0.5 -o m.h5
    refuses 64 '--lr-floor means nothing' train --schedule constant --lr-floor 0.5 -o m.h5
    refuses 64 '--eval-every needs --val' train --eval-every 5 -o m.h5
    refuses 64 '--tokens is for text' train --tokens 5 -o m.h5
    refuses 64 'must be smaller than the images of 28x28' train --crop 28 -o m.h5
    refuses 64 'are for images' ds-train -q gpt-tiny -d <(ds-data import text -q "$INPUTS/notes.txt" -o -) --flip --steps 1 --seed 1 -o m.h5
    refuses 64 '--set width is given twice' train --set width=3 -o m.h5
    printf 'optimizer: sgd\nmomentum: 0.5\n' >recipe.yaml
    train --config recipe.yaml --optimizer adam --steps 1 -o m.h5
    refuses 64 '--momentum means nothing' env DS_MOMENTUM=0.5 ds-train -q mlp -d "$INPUTS/data.h5" --seed 1 -o n.h5
    [ ! -e n.h5 ]
    refuses 64 '--magnitude is how strong the operations of --randaugment are' train --magnitude 5 -o n.h5
    refuses 64 '--magnitude is how strong' train --randaugment 0 --magnitude 5 -o n.h5
    refuses 64 '--time: 0s is out of range' train --time 0s -o n.h5
    refuses 64 '--warmup 100: the run has 6 steps' train --batch 60 --epochs 2 --warmup 100 -o n.h5
    train --batch 60 --epochs 2 --warmup 6 -o m.h5
    refuses 64 '--lr: given twice, as "1" and "2"' train --lr 1 --lr=2 -o n.h5
    refuses 64 '--shuffle: given together with --no-shuffle' train --shuffle --no-shuffle -o n.h5
    printf 'x,y\n%s\n' "$(seq 20 | awk '{print $1 "," $1 % 5}')" >t.csv
    ds-data import csv -q t.csv --target y -o t.h5
    refuses 64 '--workers is for images, and t.h5 has none' ds-train -q tabular -d t.h5 --workers 2 --seed 1 -o n.h5
    DS_WORKERS=2 ds-train -q tabular -d t.h5 --epochs 1 --seed 1 -o m.h5 # of the machine, not of this run
    run -64 ds-eval -q m.h5 -d t.h5 --per-class
    assert_output --partial '--per-class needs classes or labels; the model'"'"'s task is regression'
    [ ! -e n.h5 ]
}

@test "a warmup that a model file brings along may be longer than a short run" {
    ds-data import text -q "$INPUTS/notes.txt" -o notes.h5
    ds-train -q gpt-tiny --set width=8 --set depth=1 --set tokens=16 -d notes.h5 --steps 2 --seed 1 -o m.h5
    refuses 64 '--warmup 50: the run has 2 steps' ds-train -q gpt-tiny --set width=8 --set depth=1 --set tokens=16 -d notes.h5 --steps 2 --warmup 50 --seed 1 -o n.h5
    run -0 ds-train gpt-tiny --set width=8 --set depth=1 --set tokens=16 -d notes.h5 --dry-run
    assert_line --regexp '^data +notes.h5, [0-9]+ windows of 16 tokens, '
}

@test "limits of parameters: what the layers of a shipped model would take another way" {
    printf 'x,y\n%s\n' "$(seq 20 | awk '{print $1 "," $1 % 5}')" >t.csv
    ds-data import csv -q t.csv --target y -o t.h5
    refuses 64 "parameter 'depth' cannot be -1; it lies from 0 to 1000" ds-train -q tabular --set depth=-1 -d t.h5 --seed 1 -o n.h5
    refuses 64 "parameter 'stem' cannot be 'foo'; it is one of imagenet, cifar" ds-train -q resnet18 --set stem=foo -d "$INPUTS/data.h5" --seed 1 -o n.h5
    [ ! -e n.h5 ]
}

@test "numbers to learn that floats cannot work with are refused for what they are" {
    printf 'x,y\n1,2\n2,3e38\n3,4\n' >t.csv
    ds-data import csv -q t.csv --target y -o t.h5
    refuses 65 'in row 2 of the file (t.h5[1]), and numbers beyond 1e37 are too large to learn' ds-train -q tabular -d t.h5 --seed 1 -o n.h5
}

@test "a value of --set that cannot be is the fault of --set" {
    words=(ds-train -q mlp -d "$INPUTS/data.h5" --seed 1 -o m.h5)
    refuses 64 "mlp.yaml:16:47: units of linear cannot be -5" "${words[@]}" --set width=-5
    refuses 64 "--set depth=x: " "${words[@]}" --set width=8 --set depth=x
    long=$(printf '1+%.0s' {1..200})
    refuses 64 '+...: ' "${words[@]}" --set "width=$long"
    [ ${#stderr} -lt 500 ]
}

@test "a perceptron takes arrays as well as images" {
    /usr/bin/python3 - <<'PYTHON'
import random, struct
random.seed(1)
labels = [i % 3 for i in range(300)]
def npy(name, kind, shape, body):
    head = ("{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (kind, shape)).ljust(117) + "\n"
    open(name, "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + body)
npy("x.npy", "<f4", "(300, 5)", b"".join(struct.pack("<5f", *[random.gauss(3 * (j == y), 1) for j in range(5)]) for y in labels))
npy("y.npy", "<i8", "(300,)", struct.pack("<300q", *labels))
PYTHON
    ds-data import npy -q x.npy y.npy -o v.h5
    ds-train -q mlp --set width=16 -d v.h5 --batch 32 --epochs 10 --seed 1 -o m.h5
    ds-eval -q m.h5 -d v.h5 --min top1=0.9
}

@test "a file with splits of which none is named: all of it is trained on, and that is told" {
    run -0 --separate-stderr ds-train mlp --set width=8 -d "$INPUTS/part.h5" --batch 16 --steps 1 --seed 1 -o m.h5
    [[ $stderr == *'part.h5 has the splits train, val; all of its 240 samples are trained on'* ]]
    run -0 --separate-stderr ds-train mlp --set width=8 -d "$INPUTS/part.h5:train" --batch 16 --steps 1 --seed 1 -o m.h5
    [[ $stderr != *'has the splits'* ]]
}

@test "validation rows that are trained on, too, are told" {
    for data in "$INPUTS/part.h5" "$INPUTS/part.h5:val"; do
        run -0 --separate-stderr ds-train mlp --set width=8 -d "$data" --val "$INPUTS/part.h5:val" --batch 16 --steps 1 --seed 1 -o m.h5
        assert_regex "$stderr" 'the rows of --val .*part.h5:val are trained on, too'
    done
    run -0 --separate-stderr ds-train mlp --set width=8 -d "$INPUTS/part.h5:train" --val "$INPUTS/part.h5:val" --batch 16 --steps 1 --seed 1 -o m.h5
    [[ $stderr != *'trained on, too'* ]]
}

@test "data that cannot be learned from: one class only, another size, no column, an empty or unknown split" {
    printf 'a,b,click\n' >one.csv
    for i in {1..20}; do echo "$i,$((i % 3)),1"; done >>one.csv
    ds-data import csv -q one.csv --target click --categorical a,b -o one.h5
    sed 's/a,b,/user,item,/' one.csv >users.csv
    ds-data import csv -q users.csv --target click --categorical user,item -o users.h5
    refuses 65 "all 20 samples have the same 'click'" ds-train -q two-input -d users.h5 --batch 4 --seed 1 -o m.h5
    ds-data import idx -q <(printf '\0\0\010\03\0\0\0\01\0\0\0\02\0\0\0\02abcd') <(printf '\0\0\010\01\0\0\0\01\01') -o small.h5
    refuses 78 fashion-cnn.yaml:23:5 ds-train -q fashion-cnn -d small.h5 --batch 1 --seed 1 -o m.h5
    refuses 65 "no split 'vall'; its splits: train, val" train --val "$INPUTS/part.h5:vall" -o m.h5
    refuses 65 small.h5 train --val small.h5 -o m.h5
    [[ $stderr != *'holds the model'* ]]
    refuses 65 'no column of images or arrays' ds-train -q mlp -d users.h5 --set classes=2 --seed 1 -o m.h5
    refuses 65 "no category column 'user'" ds-train -q two-input -d "$INPUTS/data.h5" --seed 1 -o m.h5
    ds-data import text -q <(printf 'short') -o text.h5
    refuses 65 'too few for one window' ds-train -q gpt-tiny --set width=16 --set depth=1 -d text.h5 --steps 1 --seed 1 -o m.h5
    [ ! -e m.h5 ]
}

@test "a metric that the validation cannot have decides nothing: refused before the first step, or told" {
    { echo a,click; for i in {1..40}; do echo "$((i % 7)),$((i % 2))"; done; } >both.csv
    { echo a,click; for i in {1..9}; do echo "$i,1"; done; } >ones.csv
    for f in both ones; do ds-data import csv -q $f.csv --target click -o $f.h5; done
    click() { ds-train tabular -q -d both.h5 --val "$1" --epochs 1 --seed 1 -o m.h5 "${@:2}"; }
    for asked in '--best b.h5' '--patience 3'; do
        refuses 65 'auc is not defined on the targets of ones.h5, which are all alike' click ones.h5 $asked
    done
    [ ! -e m.h5 ]
    click ones.h5 --best b.h5 --metric loss
    run -0 --separate-stderr ds-train tabular -d both.h5 --val ones.h5 --epochs 1 --seed 1 -o m.h5
    [[ $stderr == *'warning: auc is not defined on the targets of ones.h5'* ]]
    click both.h5 --best b.h5
}

@test "a loss that is no number: 65, step and node, and the last good model is kept" {
    refuses 65 'the loss or its gradient is not finite: node' train --lr 1e6 --optimizer sgd --schedule constant --epochs 9 -o m.h5
    [[ $stderr =~ step\ ([0-9]+):.*m.h5\ holds\ the\ model\ of\ step\ ([0-9]+) ]]
    failed=${BASH_REMATCH[1]} kept=${BASH_REMATCH[2]}
    assert_equal "$failed" $((kept + 1))
    ds-info -q --verify m.h5
    assert_equal "$(ds-info m.h5 --json | jq .step)" "$kept"
}

# ------------------------------------------------------------------------------------- the compiler

@test "--profile says where the time of training, measuring and using went" {
    train --steps 3 --profile -q -o m.h5 2>table
    run cat table
    assert_line --regexp '^   ms/run .* kernel$'
    assert_line --regexp 'hidden1  cpu\.'
    assert_line --regexp 'ms a run over 3 runs$'
    ds-eval m.h5 -d "$INPUTS/data.h5" --profile -q 2>table >/dev/null
    grep -q 'ms a run over 1 runs' table
    ds-infer m.h5 "$INPUTS/picture.png" --profile -q 2>table >/dev/null
    grep -q 'ms a run over 1 runs' table
}

@test "--explain names each node's kernel and why those before it refused" {
    run -0 --separate-stderr train --steps 1 --explain -o m.h5
    assert_line --regexp '^hidden0.* \(.*\): (cpu|reference)\.'
    [ ! -e m.h5 ]
}

@test "--math strict passes over algorithms that trade accuracy, in the open; --math fast asks them" {
    cnn() { timeout 60 ds-train -q fashion-cnn -d "$INPUTS/data.h5" --batch 8 --steps 1 --seed 1 "$@"; }
    run -0 cnn --math strict --explain -o m.h5
    assert_output --partial '.winograd: trades accuracy for speed (--math strict)'
    refute_output --regexp '\): cpu[^ ]*\.winograd'
    run -0 cnn --explain -o m.h5
    assert_output --partial '.winograd' # chosen, or refused with its reason
    refute_output --partial 'trades accuracy'
    run -0 cnn --math strict -o m.h5
    assert_equal "$(ds-info m.h5 --history --json | jq '.[-1].arguments | index("--math=strict") != null')" true
    refuses 64 '--math' cnn --math exact -o m.h5
}

@test "--no-pass and --eager agree with the compiled plan; unknown passes are listed" {
    losses() { log_of log '[.[].loss | numbers | . * 1e4 | round] | tostring'; }
    train --epochs 1 --log log -o m.h5
    compiled=$(losses)
    for words in '--no-pass fuse' '--no-pass fuse --no-pass cse --no-pass join' --eager --check-numerics; do
        train --epochs 1 $words --log log -o m.h5
        assert_equal "$words $(losses)" "$words $compiled"
    done
    refuses 64 "no pass 'fuze' can be switched off; there are:" train --no-pass fuze -o m.h5
    refuses 64 "no pass 'fuze' can be printed; there are:" train --print-after fuze -o m.h5
}

@test "--print-after prints a graph that differs when the pass is left out" {
    run -0 --separate-stderr train --steps 1 --print-after fuse -o m.h5
    [[ $stderr == '# after fuse'*'graph "mlp" {'*fused* ]]
    run -0 --separate-stderr train --steps 1 --print-after dce --no-pass fuse -o m.h5
    [[ $stderr == '# after dce'* && $stderr != *fused* ]]
}

@test "--check-numerics stops at the first node that makes no number" {
    refuses 65 "made" train --lr 1e6 --optimizer sgd --schedule constant --epochs 9 --check-numerics -o m.h5
    [[ $stderr =~ step\ [0-9]+:\ node\ \'[a-z0-9]+\'.*inputs:\ .*finite ]]
}

# ----------------------------------------------------------------------------------- fine-tuning

weights_of() { # FILE NAME: a digest of a parameter's bytes
    /usr/bin/python3 -c 'import h5py,hashlib,sys; print(hashlib.sha256(h5py.File(sys.argv[1])["parameters/" + sys.argv[2].replace(".", "/")][()].tobytes()).hexdigest())' "$1" "$2"
}

@test "--freeze keeps what it names, for the whole run or its first epochs" {
    first=hidden0.weight layer=hidden0
    tune() { timeout 60 ds-train -q "$INPUTS/whole.h5" -d "$INPUTS/part.h5:train" --batch 16 --seed 2 "$@"; }
    tune --epochs 1 --freeze "$layer" -o frozen.h5
    assert_equal "$(weights_of frozen.h5 "$first")" "$(weights_of "$INPUTS/whole.h5" "$first")"
    tune --epochs 2 --freeze "$layer=1" -o thawed.h5
    [ "$(weights_of thawed.h5 "$first")" != "$(weights_of "$INPUTS/whole.h5" "$first")" ]
    tune --epochs 2 --freeze "$layer=1" --stop-after 9 -o part.h5
    resume part.h5 -o resumed.h5
    same_state thawed.h5 resumed.h5
    refuses 64 "names no parameter" tune --freeze nothing -o x.h5
    refuses 64 "is no number of epochs" tune --freeze "$layer=some" -o x.h5
    refuses 64 "leaves nothing to be trained" tune --freeze '*' -o x.h5
    refuses 64 "--freeze: a resumed run keeps its own" resume part.h5 --freeze "$layer" -o x.h5
    [ ! -e x.h5 ]
}

@test "--lr-scale trains what it names at another rate" {
    train --steps 2 --lr 0.005 --schedule constant --weight-decay 0 -o b.h5
    train --steps 2 --lr-scale '*=0.5' --lr 0.01 --schedule constant --weight-decay 0 -o c.h5
    same_state b.h5 c.h5
    refuses 64 "is no factor from 0 to 1e6" train --lr-scale '*=-1' -o x.h5
    refuses 64 "use --freeze" train --lr-scale '*=0' -o x.h5
    refuses 64 "names no parameter" train --lr-scale 'nothing=2' -o x.h5
}

@test "--init-from takes the weights that fit, says so, and notes where they are from" {
    run --separate-stderr timeout 60 ds-train mlp --set width=16 --seed 4 -d "$INPUTS/part.h5:train" \
        --batch 16 --steps 1 --lr 0 --init-from "$INPUTS/whole.h5" -o m.h5
    assert_equal "$status" 0
    [[ $stderr == *' weights ('*' numbers) are those of '*'whole.h5'* ]] || fail "$stderr"
    [[ $stderr == *'of another shape there, so they start anew: hidden0.weight (f32[16,'*', there f32[8,'* ]] || fail "$stderr"
    run -0 ds-info m.h5 --history --json
    assert_output --partial 'whole.h5'
    train --epochs 1 --seed 9 --lr 0 --weight-decay 0 --init-from "$INPUTS/whole.h5" -o same.h5
    assert_equal "$(weights_of same.h5 hidden0.weight)" "$(weights_of "$INPUTS/whole.h5" hidden0.weight)"
}

eval_refuses() { # STATUS WORDS ARGUMENT...
    run --separate-stderr ds-eval "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error ds-eval
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}

@test "--bind: sizes that a model leaves open come from the data, or from the command line" {
    cat >open.yaml <<'E'
inputs: {image: "f32[N,1,H,W]"}
layers:
  - conv: {name: conv, channels: 4, kernel: 3}
  - relu
  - global_avg_pool
  - linear: {name: classifier, units: 10}
loss: {kind: cross_entropy, target: label}
E
    timeout 60 ds-train -q open.yaml -d "$INPUTS/part.h5:train" --batch 16 --steps 2 --seed 1 -o m.h5
    ds-eval m.h5 -d "$INPUTS/part.h5:val" >/dev/null
    eval_refuses 65 "and the model's H is" m.h5 -d "$INPUTS/part.h5:val" --bind H=5
    eval_refuses 64 "the model has no such size" m.h5 -d "$INPUTS/part.h5:val" --bind HH=28
    eval_refuses 64 "what --batch says" m.h5 -d "$INPUTS/part.h5:val" --bind N=5
    eval_refuses 64 "leaves no size open" "$INPUTS/whole.h5" -d "$INPUTS/part.h5:val" --bind H=5
    eval_refuses 64 "is no size" m.h5 -d "$INPUTS/part.h5:val" --bind H=0
    timeout 60 ds-train -q open.yaml -d "$INPUTS/part.h5:train" --batch 16 --steps 2 --stop-after 1 --seed 1 -o s.h5
    timeout 60 ds-train -q --resume s.h5 -d "$INPUTS/part.h5:train" -o r.h5
    same_state m.h5 r.h5
}
