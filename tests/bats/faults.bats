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

@test "kill -9 at twenty moments leaves the old checkpoint or a new one, whole" {
    mkdir out && cp "$INPUTS/model.h5" out/model.h5
    for i in {1..20}; do
        start_training out/model.h5
        sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
        kill -9 $job && wait $job || true
        run -0 ds-info -q --verify out/model.h5
    done
    tiny_training --epochs 1 -o out/model.h5
    run ls -A out
    assert_output model.h5
}

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
}

@test "a missing folder: 73" {
    shell ds-data split -q "$INPUTS/data.h5" --val 60 --seed 1 -o no/such/d.h5
    assert_equal "$status" 73
    assert_one_error ds-data
}

@test "a cut model: 65, naming what is wrong" {
    for length in 0 1 20 511 512 4096 5000; do
        head -c "$length" "$INPUTS/model.h5" >cut.h5
        shell ds-info cut.h5
        assert_equal "$status" 65
        assert_one_error ds-info
    done
}

@test "a flipped bit: 65, naming header, metadata or tensor" {
    size=$(stat -c %s "$INPUTS/model.h5")
    for place in 100 600 4100 $((size / 2)) $((size - 100)); do
        /usr/bin/python3 - "$INPUTS/model.h5" "$place" <<'PYTHON'
import sys
bytes = bytearray(open(sys.argv[1], "rb").read())
bytes[int(sys.argv[2])] ^= 16
open("flipped.h5", "wb").write(bytes)
PYTHON
        shell ds-info --verify flipped.h5
        assert_equal "$status" 65
        assert_one_error ds-info
        [[ $stderr =~ header|metadata|/parameters/|/state/|between ]]
    done
}

@test "what is no model is refused in one line, as model and as data" {
    printf 'text\n' >text
    : >empty
    mkdir folder
    for input in text empty folder /dev/null "$INPUTS/picture.png" "$INPUTS/images.gz"; do
        for command in "ds-info $input" "ds-eval $input -d $INPUTS/data.h5" "ds-eval $INPUTS/model.h5 -d $input" \
            "ds-data info $input"; do
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
