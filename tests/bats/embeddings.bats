#!/usr/bin/env bats
# Vectors that lie near each other where classes are alike: learned, measured on classes never seen, written.
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    # Pictures of 12x12: a bar of one of eight angles in noise. Six classes are trained on, two are only measured.
    /usr/bin/python3 - <<'PYTHON'
import numpy as np
rng = np.random.default_rng(3)
y, x = np.mgrid[0:12, 0:12] - 5.5
def pictures(classes, n):
    label = rng.permutation(np.repeat(classes, n))
    angle = label * np.pi / 8 + rng.normal(0, .05, len(label))
    across = np.abs(np.cos(angle)[:, None, None] * x + np.sin(angle)[:, None, None] * y)
    image = np.clip(200 * (across < 1.5) + rng.normal(30, 20, (len(label), 12, 12)), 0, 255).astype(np.uint8)
    return image[:, None], label
for name, classes, n in ("train", range(6), 40), ("same", range(6), 12), ("new", (6, 7), 20):
    image, label = pictures(list(classes), n)
    np.save(f"{name}.npy", image)
    np.save(f"{name}-y.npy", label)
PYTHON
    for part in train same new; do ds-data import npy -q $part.npy $part-y.npy -o $part.h5; done
    ds-train -q embedder --set width=4 --set size=6 -d train.h5 --val new.h5 --epochs 20 --batch 60 --seed 1 -o m.h5
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" && F=$BATS_FILE_TMPDIR || return; }

refuses() { # STATUS WORDS TOOL WORDS...
    run --separate-stderr "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error "$3"
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}

@test "neighbours are those that numpy finds, also of classes that training had not" {
    for part in same new; do
        ds-eval "$F/m.h5" -d "$F/$part.h5" --json >$part.json
        ds-eval "$F/m.h5" -d "$F/$part.h5" --json --batch 7 | jq -S . >again.json
        ds-infer "$F/m.h5" "$F/$part.h5" --raw $part.npy >/dev/null
    done
    /usr/bin/python3 - "$F" <<'PYTHON'
import json, sys
import numpy as np
for part in "same", "new":
    z, y = np.load(part + ".npy").astype(float), np.load(f"{sys.argv[1]}/{part}-y.npy")
    assert np.allclose((z**2).sum(1), 1, atol=1e-5)
    s = z @ z.T
    np.fill_diagonal(s, -9)
    order = np.argsort(-s, 1)[:, :-1]
    hit = y[order] == y[:, None]
    ap = [(np.cumsum(h)[h] / (np.flatnonzero(h) + 1)).mean() for h in hit]
    said = json.load(open(part + ".json"))
    for name, value in ("top1", hit[:, 0].mean()), ("hit@10", hit[:, :10].any(1).mean()), ("map", np.mean(ap)):
        assert abs(said[name] - value) < 1e-3, (part, name, said[name], value)
    assert said["without_partner"] == 0 and said["top1"] > (0.9 if part == "same" else 0.8), said
PYTHON
    run -1 ds-eval "$F/m.h5" -d "$F/same.h5" --min map=1
    ds-eval "$F/m.h5" -d "$F/same.h5" --compare "$F/m.h5" --metric map --curves c.png >/dev/null
    [ -s c.png ]
}

@test "vectors come as columns, JSON and an array" {
    ds-infer -q "$F/m.h5" "$F/new.h5:" -o v.csv 2>/dev/null || ds-infer -q "$F/m.h5" "$F/new.h5" -o v.csv
    assert_equal "$(head -1 v.csv)" "sample,vector_0,vector_1,vector_2,vector_3,vector_4,vector_5"
    assert_equal "$(wc -l <v.csv)" 41
    ds-infer -q "$F/m.h5" "$F/new.h5" --json | jq -e 'length == 40 and (.[0].vector | length == 6)'
    run -0 ds-infer -q "$F/m.h5" "$F/new.h5"
    assert_line --index 0 --regexp 'vector -?[0-9.]+ -?[0-9.]+ -?[0-9.]+ -?[0-9.]+ ... \(6 numbers\)$'
    ds-eval "$F/m.h5" -d "$F/new.h5" --predictions p.csv >/dev/null
    head -1 p.csv | grep -q '^sample,target,vector_0,'
}

@test "a run that is stopped and resumed ends with the same vectors" {
    train() { ds-train -q embedder --set width=2 --set size=3 -d "$F/train.h5" --epochs 2 --batch 60 --seed 4 "$@"; }
    train -o whole.h5
    train --stop-after 3 -o part.h5
    ds-train -q --resume part.h5 -d "$F/train.h5" -o rest.h5
    for run in whole rest; do ds-infer -q $run.h5 "$F/new.h5" --raw $run.npy >/dev/null; done
    cmp whole.npy rest.npy
}

@test "what makes no embedding is refused by name" {
    sed 's/size: 64/size: 1/' "$ROOT/share/models/embedder.yaml" >one.yaml
    refuses 78 'a vector for each sample' ds-train ./one.yaml -d "$F/train.h5" -o x.h5
    sed 's/kind: contrastive/kind: cross_entropy/' "$ROOT/share/models/embedder.yaml" >other.yaml
    refuses 78 'temperature is for the loss contrastive or info_nce' ds-train ./other.yaml -d "$F/train.h5" -o x.h5
    refuses 64 "no metric 'loss'" ds-eval "$F/m.h5" -d "$F/new.h5" --max loss=1
    [ ! -e x.h5 ]
}

@test "--memory counts the vectors that measuring keeps" {
    ds-eval -q "$F/m.h5" -d "$F/same.h5" --memory 64MiB >/dev/null
    refuses 69 'memory' ds-eval "$F/m.h5" -d "$F/same.h5" --memory 1KiB
}
