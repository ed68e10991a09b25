#!/usr/bin/env bats
# ds-plot: logs of runs as a picture.
load common

setup_file() {
    make_inputs
    cd "$INPUTS" || return
    for lr in 0.001 0.01; do
        mkdir "lr-$lr"
        ds-train -q mlp --set width=4 -d data.h5 --val data.h5 --epochs 4 --batch 32 --lr $lr --seed 1 --log "lr-$lr/log.jsonl" -o m.h5
    done
}
setup() { cd "$BATS_TEST_TMPDIR" || return; }

refuses() { # STATUS WORDS ARGUMENTS...
    run --separate-stderr timeout 60 ds-plot "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error ds-plot
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}

@test "runs by their shortest names that differ, a panel for loss, validation and what decides" {
    ds-plot "$INPUTS"/lr-*/log.jsonl -o runs.png
    # three panels of 480 points
    assert_equal "$(python3 -c 'import struct; b = open("runs.png", "rb").read(24); print(b[1:4].decode(), struct.unpack(">I", b[16:20])[0] % 1440)')" 'PNG 0'
    ds-plot "$INPUTS"/lr-*/log.jsonl --metric loss --metric val_top1 --x seconds --log-y -o runs.svg
    grep -q '<svg' runs.svg
}

# A curve of known points is drawn at them: the path of the SVG is taken back through the axes.
@test "points stand where their values are, also on logarithmic axes" {
    for i in 1 10 100 1000; do echo "{\"step\":$i,\"loss\":$((10000 / i))}"; done >known.jsonl
    ds-plot known.jsonl --log-x --log-y --smooth 1 -o known.svg
    python3 - known.svg <<'PYTHON'
import re, sys
paths = [re.findall(r"[ML] ([\d.]+) ([\d.]+)", p) for p in re.findall(r'd="(M[^"]*)"', open(sys.argv[1]).read())]
curves = [[(float(x), float(y)) for x, y in p] for p in paths if len(p) == 4 and all(float(x) > 50 for x, y in p)]
assert len(curves) == 1, paths
steps = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(curves[0], curves[0][1:])]
for dx, dy in steps: # decades are equally far apart, to the right and down
    assert abs(dx - 400 / 3) < 0.5 and abs(dy - 250 / 1.08 / 3) < 0.5, steps
PYTHON
}

@test "smoothing is the mean of the values around a point" {
    for i in 1 2 3 4 5; do echo "{\"step\":$i,\"loss\":$((i % 2))}"; done >saw.jsonl
    ds-plot saw.jsonl --smooth 5 -o wide.svg
    ds-plot saw.jsonl --smooth 1 -o narrow.svg
    ! cmp -s wide.svg narrow.svg
}

@test "a run that goes on is drawn up to its last whole line; null is left out" {
    printf '{"step":1,"loss":2}\n{"step":2,"loss":null}\n{"step":3,"loss":1}\n{"st' >on.jsonl
    ds-plot on.jsonl -o on.svg
    ds-plot - -o on.svg <on.jsonl
}

@test "what is no log, has no such metric or no place on the axis is refused, nothing is written" {
    printf '{"step":1,"loss":2}\nnonsense\n{"step":3,"loss":1}\n' >bad.jsonl
    printf '{"step":1,"loss":0}\n{"step":2,"loss":-1}\n' >zero.jsonl
    : >empty.jsonl
    refuses 65 'bad.jsonl: line 2' bad.jsonl -o x.svg
    refuses 65 'empty.jsonl: no step' empty.jsonl -o x.svg
    refuses 65 'line 1' "$INPUTS/notes.txt" -o x.svg
    refuses 64 'did you mean val_top1' "$INPUTS/lr-0.01/log.jsonl" --metric val_top -o x.svg
    refuses 64 'above 0' zero.jsonl --log-y -o x.svg
    refuses 64 '.svg' zero.jsonl -o x.pdf
    refuses 66 nowhere.jsonl nowhere.jsonl -o x.svg
    assert_not_exists x.svg
}
