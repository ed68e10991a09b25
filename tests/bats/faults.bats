#!/usr/bin/env bats
# What goes wrong with files under a tool: kill -9, full disks, limits, folders that are closed or vanish, damaged and
# foreign inputs. The old file stays whole, nothing is left behind, one line says what happened.
load common

setup_file() { make_inputs; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }
teardown() { umount -q disk 2>/dev/null || true; }

tiny_training() { # ARGUMENTS: writes many checkpoints
    ds-train -q mlp --set width=16 -d "$INPUTS/data.h5" --batch 32 --seed 1 "$@"
}

# A training that saves after each step, as $job: the tool itself and no shell around it.
start_training() { # OUTPUT ARGUMENT...
    env --default-signal=INT,TERM ds-train -q mlp --set width=16 -d "$INPUTS/data.h5" --batch 32 --seed 1 \
        --epochs 100000 --save-every 1 -o "$@" &
    job=$!
}

drop_privileges() { # COMMAND: as nobody, where the caller is root
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

# Kills a training that writes over out/model.h5 at so many moments.
kill_trainings() { # COUNT
    mkdir out && cp "$INPUTS/model.h5" out/model.h5
    for kills in $(seq "$1"); do
        start_training out/model.h5
        sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
        kill -9 $job && wait $job || true
        run -0 ds-info -q --verify out/model.h5
    done
    tiny_training --epochs 1 -o out/model.h5
    run ls -A out
    assert_output model.h5
}

@test "kill -9 at twenty moments leaves the old checkpoint or a new one, whole" { kill_trainings 20; }

# bats test_tags=nightly
@test "kill -9 at two hundred moments" { kill_trainings 200; }

@test "a full disk at fifty sizes: 73 or 74, one line, no temporary, the old file intact" {
    mkdir disk
    mount -t tmpfs -o size=4k none disk 2>/dev/null || skip "no right to mount a tmpfs"
    local refused=0 size
    size=$(stat -c %s "$INPUTS/data.h5")
    for step in {1..50}; do
        mount -o "remount,size=$((size * step / 40))" disk
        rm -f disk/*
        shell ds-data split -q "$INPUTS/data.h5" --val 60 --seed 1 -o disk/d.h5
        if [ "$status" = 0 ]; then
            run -0 ds-data verify -q disk/d.h5
        else
            [ "$status" = 73 ] || [ "$status" = 74 ]
            assert_one_error ds-data
            assert_equal "$(ls -A disk)" ''
            refused=$((refused + 1))
        fi
    done
    [ "$refused" -gt 5 ] && [ "$refused" -lt 50 ]
}

# A small tmpfs at ./disk; skips where mounting is not allowed.
mount_disk() { # SIZE
    mkdir disk
    mount -t tmpfs -o size="$1" none disk 2>/dev/null || skip "no right to mount a tmpfs"
}

@test "training onto a disk that is full: 74, the old model and the good saves stay" {
    size=$(stat -c %s "$INPUTS/model.h5")
    mount_disk $((size * 3 / 2))
    cp "$INPUTS/model.h5" disk/model.h5
    sum=$(sha256sum <disk/model.h5)
    run --separate-stderr tiny_training --steps 3 -o disk/model.h5
    assert_equal "$status" 74
    assert_one_error ds-train
    [[ $stderr == *disk/model.h5* ]]
    assert_equal "$(ls -A disk)" model.h5
    assert_equal "$(sha256sum <disk/model.h5)" "$sum"
    # saves on the way: the numbered one is the output under another name, the next has no room
    rm disk/model.h5
    run --separate-stderr tiny_training --steps 30 --save-every 10 --keep 5 -o disk/model.h5
    assert_equal "$status" 74
    assert_equal "$(ls -A disk | xargs)" 'model-step000010.h5 model.h5'
    [ disk/model.h5 -ef disk/model-step000010.h5 ]
    run -0 ds-info -q --verify disk/model.h5
}

@test "a log on a full disk: told at once, the whole model, and 74 at the end" {
    mount_disk 8k
    run --separate-stderr tiny_training --steps 200 --log disk/log -o model.h5
    assert_equal "$status" 74
    assert_equal "$stderr" 'ds-train: error: cannot write disk/log: No space left on device; the model was saved, its log is cut short'
    assert_equal "$(ds-info model.h5 --json | jq .step)" 200
    run --separate-stderr ds-train mlp -d "$INPUTS/data.h5" --steps 200 --seed 1 --log disk/log -o model.h5
    assert_regex "$stderr" 'ds-train: cannot write disk/log: No space left on device; the training goes on without its log
'
    # Also when only the last line finds no room, and when the model goes to a pipe.
    run --separate-stderr tiny_training --steps 1 --log /dev/full -o one.h5
    assert_equal "$status" 74
    ds-info -q --verify one.h5
    tiny_training --steps 3 --log /dev/full -o - >piped.h5 2>err && status=0 || status=$?
    assert_equal "$status" 74
    assert_equal "$(ds-info piped.h5 --json | jq .step)" 3
    ds-train -q --resume model.h5 -d "$INPUTS/data.h5" --steps 201 --schedule constant --log /dev/full -o next.h5 2>err && status=0 || status=$?
    assert_equal "$status" 74
    assert_equal "$(ds-info next.h5 --json | jq .step)" 201
}

@test "a plot and a CSV on a full disk: 74" {
    mount_disk 4k
    head -c 4096 /dev/zero >disk/full || true
    run --separate-stderr tiny_training --steps 200 --plot disk/c.svg -o model.h5
    assert_equal "$status" 74
    assert_one_error ds-train
    shell "ds-eval -q $INPUTS/model.h5 -d $INPUTS/data.h5 --predictions disk/p.csv"
    assert_equal "$status" 74
    assert_equal "$(ls -A disk)" full
}

@test "training under a file-size limit: 74, and the old model is intact" {
    cp "$INPUTS/model.h5" m.h5
    sum=$(sha256sum <m.h5)
    shell "ulimit -f 100; ds-train -q mlp --set width=16 -d $INPUTS/data.h5 --steps 2 --seed 1 -o m.h5"
    assert_equal "$status" 74
    assert_one_error ds-train
    assert_equal "$(sha256sum <m.h5)" "$sum"
    assert_equal "$(ls -A | grep -v separate-stderr)" m.h5
}

@test "a folder that vanishes while a model is trained: 73 or 74, one line" {
    mkdir gone
    env --default-signal=INT,TERM ds-train -q mlp --set width=16 -d "$INPUTS/data.h5" --steps 100000000 --seed 1 --log log -o gone/m.h5 2>err &
    job=$!
    for i in {1..500}; do
        if [ -s log ]; then break; fi
        sleep 0.02
    done
    rmdir gone
    kill -TERM $job
    wait $job && status=0 || status=$?
    [ "$status" = 73 ] || [ "$status" = 74 ] || fail "status $status: $(cat err)"
    assert_equal "$(grep -c . err)" 1
    [ ! -e gone ]
}

@test "a file-size limit: 74, and the old file is intact" {
    cp "$INPUTS/data.h5" d.h5
    sum=$(sha256sum <d.h5)
    shell "ulimit -f 8; ds-data split -q '$INPUTS/data.h5' --val 60 --seed 1 -o d.h5"
    assert_equal "$status" 74
    assert_one_error ds-data
    assert_equal "$(sha256sum <d.h5)" "$sum"
    assert_equal "$(ls -A | grep -v separate-stderr)" d.h5
}

@test "a closed folder: 73 or 77" {
    mkdir closed && chmod 555 closed && chmod 755 "$BATS_RUN_TMPDIR" .
    [ "$(id -u)" != 0 ] || command -v setpriv >/dev/null || skip "setpriv is not installed"
    drop_privileges test -r "$INPUTS/data.h5" || skip "nobody cannot read the inputs"
    run --separate-stderr drop_privileges ds-data split -q "$INPUTS/data.h5" --val 60 --seed 1 -o closed/d.h5
    [ "$status" = 73 ] || [ "$status" = 77 ]
    assert_one_error ds-data
    run --separate-stderr drop_privileges ds-train -q mlp --set width=4 -d "$INPUTS/data.h5" --steps 1 --seed 1 -o closed/m.h5
    [ "$status" = 73 ] || [ "$status" = 77 ]
    assert_one_error ds-train
    assert_equal "$(ls -A closed)" ''
}

@test "a missing folder: 73" {
    shell ds-data split -q "$INPUTS/data.h5" --val 60 --seed 1 -o no/such/d.h5
    assert_equal "$status" 73
    assert_one_error ds-data
}

# FILE LENGTHS... COMMAND: each cut is refused with 65 in one line.
refuses_cut() { # COMMAND FILE LENGTH...
    for length in "${@:3}"; do
        head -c "$length" "$2" >cut.h5
        shell "timeout 20 $1 cut.h5"
        assert_equal "$1 of $length bytes: $status" "$1 of $length bytes: 65"
        assert_one_error "${1%% *}"
    done
}

@test "a model and a data file cut at any length: 65" {
    for pair in "ds-info:$INPUTS/model.h5" "ds-data info:$INPUTS/data.h5"; do
        size=$(stat -c %s "${pair#*:}")
        refuses_cut "${pair%%:*}" "${pair#*:}" 0 1 20 511 512 513 4096 5000 $((size / 2)) $((size - 4096)) $((size - 1))
    done
    { cat "$INPUTS/model.h5"; printf x; } >longer.h5
    shell ds-info longer.h5
    assert_equal "$status" 65
}

# FILE COMMAND MODE: flips bits, each of which the command has to find; prints those that it does not. MODE is a number
# of places, or "many" for a bit of every fifth byte (tests/unit/io/seal_test.cpp flips all).
flip_bits() { # FILE MODE COMMAND...
    /usr/bin/python3 - "$@" <<'PYTHON'
import random, subprocess, sys
path, mode, command = sys.argv[1], sys.argv[2], sys.argv[3:]
whole = open(path, "rb").read()
random.seed(1)
if mode == "many": places = [(i, 1 << random.randrange(8)) for i in range(0, len(whole), 5)]
else: places = [(random.randrange(len(whole)), 1 << random.randrange(8)) for _ in range(int(mode))]
places += [(i, 1) for i in (0, 8, 100, 511, 512, 600, 4095, len(whole) - 1)]
known = ("header", "seal", "metadata", "/parameters/", "/state/", "/columns/", "/splits/", "between", "behind", "model or data file")
for at, bit in places:
    damaged = bytearray(whole)
    damaged[at] ^= bit
    with open("flipped.h5", "wb") as f: f.write(damaged)
    done = subprocess.run(command + ["flipped.h5"], capture_output=True, text=True, timeout=60)
    lines = done.stderr.splitlines()
    if done.returncode != 65 or len(lines) != 1 or not any(word in lines[0] for word in known):
        print(at, bit, done.returncode, done.stderr)
PYTHON
}

@test "a flipped bit in a model or a data file: 65, naming the part" {
    run -0 flip_bits "$INPUTS/model.h5" 60 ds-info --verify
    assert_output ''
    run -0 flip_bits "$INPUTS/data.h5" 60 ds-data verify
    assert_output ''
}

# bats test_tags=nightly
@test "a flipped bit in every fifth byte of a small file: 65" {
    printf 'a,b\n1,2\n3,4\n' >t.csv
    ds-data import csv -q t.csv -o t.h5
    run -0 flip_bits t.h5 many ds-data verify
    assert_output ''
}

@test "a damaged tensor is found by each tool that reads it, and nothing is written" {
    cp "$INPUTS/model.h5" d.h5
    printf '\x01' | dd of=d.h5 bs=1 seek=4099 conv=notrunc status=none
    cp "$INPUTS/data.h5" data.h5
    printf 'XXXX' | dd of=data.h5 bs=1 seek=100000 conv=notrunc status=none
    for command in "ds-eval d.h5 -d $INPUTS/data.h5" "ds-infer d.h5 $INPUTS/picture.png" "ds-train -q d.h5 -d $INPUTS/data.h5 --seed 1 -o m.h5" \
        "ds-train -q --resume d.h5 -d $INPUTS/data.h5 -o m.h5" "ds-info --seal d.h5 -o m.h5" "ds-info --params d.h5"; do
        shell "$command"
        assert_equal "$command: $status" "$command: 65"
        assert_one_error "${command%% *}"
        [[ $stderr == */parameters/classifier/bias* ]]
    done
    for command in "ds-eval $INPUTS/model.h5 -d data.h5" "ds-train -q mlp -d data.h5 --seed 1 -o m.h5" "ds-infer $INPUTS/model.h5 data.h5"; do
        shell "$command"
        assert_equal "$command: $status" "$command: 65"
        assert_one_error "${command%% *}"
        [[ $stderr == */columns/image* ]]
    done
    [ ! -e m.h5 ]
}

@test "what is no model is refused in one line, as model and as data" {
    printf 'text\n' >text
    : >empty
    mkdir folder
    for input in text empty folder /dev/null "$INPUTS/picture.png" "$INPUTS/images.gz"; do
        for command in "ds-info $input" "ds-eval $input -d $INPUTS/data.h5" "ds-eval $INPUTS/model.h5 -d $input" \
            "ds-data info $input" "ds-train mlp -d $input --seed 1 -o m.h5" "ds-infer $input $INPUTS/picture.png"; do
            shell "$command" </dev/null
            assert_equal "$command: $status" "$command: 65"
            assert_one_error "${command%% *}"
        done
    done
}

@test "a model from stdin, a FIFO and a redirected file reads as the file does" {
    run -0 ds-info --json "$INPUTS/model.h5"
    expected=$(jq -S 'del(.file, .path, .name)' <<<"$output")
    for how in "cat $INPUTS/model.h5 | ds-info --json -" "ds-info --json - <$INPUTS/model.h5" \
        "ds-info --json <(cat $INPUTS/model.h5)"; do
        shell "$how"
        assert_equal "$status" 0
        assert_equal "$(jq -S 'del(.file, .path, .name)' <<<"$output")" "$expected"
    done
}
