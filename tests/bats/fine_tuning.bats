#!/usr/bin/env bats
# Fine-tuning with a new head: every kind of output that has another size under other data, and what has none.
load common

setup_file() {
    export INPUTS=$BATS_FILE_TMPDIR/inputs
    mkdir -p "$INPUTS" && cd "$INPUTS" || return
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(2)
def table(name, head, row, n=60):
    with open(name, "w") as f:
        f.write(head + "\n")
        for i in range(n): f.write(row(i, random.gauss(0, 1), random.gauss(0, 1)) + "\n")
table("three.csv", "x,z,kind", lambda i, x, z: f"{x + i % 3:.3f},{z:.3f},{'abc'[i % 3]}")
table("five.csv", "x,z,kind", lambda i, x, z: f"{x + 3 * (i % 5):.3f},{z:.3f},{'pqrst'[i % 5]}")
table("two.csv", "x,z,kind", lambda i, x, z: f"{x + i % 2:.3f},{z:.3f},{['no', 'yes'][i % 2]}")
table("small.csv", "x,z,price", lambda i, x, z: f"{x:.3f},{z:.3f},{10 + x:.4f}")
table("large.csv", "x,z,price", lambda i, x, z: f"{x:.3f},{z:.3f},{10000 + 300 * x:.4f}")
for labels in (3, 4):
    table(f"labels{labels}.csv", "x,z,marks", lambda i, x, z: f"{x:.3f},{z:.3f}," + ";".join(c for k, c in enumerate("abcd"[:labels]) if i >> k & 1))
for name in ("three", "two", "five"):
    with open(f"{name}-texts.csv", "w") as f:
        f.write("said,kind\n")
        for i in range(60):
            k = {"three": "abc", "two": ["no", "yes"], "five": "pqrst"}[name][i % {"three": 3, "two": 2, "five": 5}[name]]
            f.write(f"word{i % 7} about {k} again,{k}\n")
for name, tags in (("few", ["O", "B-X", "I-X"]), ("many", ["O", "B-X", "I-X", "B-Y", "I-Y"])):
    with open(f"{name}.conll", "w") as f:
        for i in range(30):
            f.write("".join(f"word{k} {t}\n" for k, t in enumerate(tags)) + "\n")
PYTHON
    for t in three five two; do ds-data import csv -q $t.csv --target kind -o $t.h5; done
    for t in small large; do ds-data import csv -q $t.csv --target price -o $t.h5; done
    for n in 3 4; do ds-data import csv -q labels$n.csv --target marks --label-separator ';' -o labels$n.h5; done
    for t in three two five; do ds-data import csv -q $t-texts.csv --text said --target kind -o $t-texts.h5; done
    for t in few many; do ds-data import conll -q $t.conll -o $t.h5; done
    for t in three two small labels3; do ds-train -q tabular --set width=8 -d $t.h5 --epochs 1 --seed 1 -o t-$t.h5; done
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

refuses() { # STATUS WORDS TOOL WORDS...
    run --separate-stderr "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error "$3"
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}
# Which parameters of B.h5 are those of A.h5, to the bit, which are others, and which have another shape.
beside() { # A.h5 B.h5
    /usr/bin/python3 - "$@" <<'PYTHON'
import h5py, sys
a, b = (h5py.File(name)["parameters"] for name in sys.argv[1:])
def show(name, item):
    if isinstance(item, h5py.Dataset):
        what = a[name].shape == item.shape and ("kept" if (a[name][()] == item[()]).all() else "new")
        print(name, what or "%s to %s" % (list(a[name].shape), list(item.shape)))
b.visititems(show)
PYTHON
}
still() { ds-train -q "$@" --lr 0 --weight-decay 0 --epochs 1 --seed 4; } # nothing moves but what starts anew

@test "--head: of a sum of layers both get the new classes, and nothing else is touched" {
    still "$INPUTS/t-three.h5" -d "$INPUTS/five.h5" --head 5 -o m.h5
    run -0 beside "$INPUTS/t-three.h5" m.h5
    assert_line 'output/weight [3, 8] to [5, 8]'
    assert_line 'direct/weight [3, 2] to [5, 2]'
    assert_line 'direct/bias [3] to [5]'
    assert_equal "$(grep -c ' kept$' <<<"$output")" "$(($(wc -l <<<"$output") - 4))"
    ds-info m.h5 --json | jq -e '.outputs[0].type == "f32[N,5]" and .labels == ["p", "q", "r", "s", "t"]'
    ds-train -q "$INPUTS/t-three.h5" -d "$INPUTS/five.h5" --head 5 --epochs 60 --batch 10 --lr 0.02 --seed 1 -o m.h5
    ds-eval -q m.h5 -d "$INPUTS/five.h5" --min top1=0.8 >/dev/null
    ds-info -q --verify m.h5
}

@test "--head, and what is known without one: of the target that the model learns, not of others beside it" {
    printf 'x,kind,sold\n%s\n' "$(seq 30 | awk '{print $1 "," substr("abc", $1 % 3 + 1, 1) "," ($1 % 2 ? "yes" : "no")}')" >t.csv
    ds-data import csv -q t.csv --target kind,sold -o t.h5
    printf 'inputs: {}\nlayers:\n  - columns: number\n  - linear: {name: out, units: 2}\nloss: {kind: cross_entropy, target: sold}\n' >sold.yaml
    ds-train -q ./sold.yaml -d t.h5 --epochs 1 --seed 1 -o m.h5
    ds-train -q m.h5 -d t.h5 --epochs 1 --seed 1 -o n.h5
    ds-train -q m.h5 -d t.h5 --head 2 --epochs 1 --seed 1 -o n.h5
    ds-info n.h5 --json | jq -e '.labels == ["no", "yes"]'
    refuses 64 "'sold' of t.h5 has 2 classes" ds-train -q m.h5 -d t.h5 --head 3 --seed 1 -o x.h5
}

@test "--head of as many outputs as before begins them anew" {
    still "$INPUTS/t-two.h5" -d "$INPUTS/two.h5" --head 1 -o m.h5
    run -0 beside "$INPUTS/t-two.h5" m.h5
    assert_line 'output/weight new'
    assert_line 'direct/weight new'
    assert_line 'input/weight kept'
}

@test "--head: labels, texts, tags of words, pixels, pictures, vectors" {
    still "$INPUTS/t-labels3.h5" -d "$INPUTS/labels4.h5" --head 4 -o m.h5
    ds-info m.h5 --json | jq -e '.outputs[0].type == "f32[N,4]"'
    # the mean loss is over all of the new labels, by hand
    ds-infer -q m.h5 "$INPUTS/labels4.h5" --raw out.npy >/dev/null
    ds-eval -q m.h5 -d "$INPUTS/labels4.h5" --json >e.json
    /usr/bin/python3 - "$INPUTS/labels4.h5" <<'PYTHON'
import h5py, json, sys
import numpy as np
x = np.load("out.npy").astype(np.float64)
f = h5py.File(sys.argv[1])
t = next(d[()] for d in f["columns"].values() for d in [d if isinstance(d, h5py.Dataset) else d["values"]] if d.shape == (60, 4))
loss = np.mean(np.log1p(np.exp(x)) - x * t)
assert abs(loss - json.load(open("e.json"))["loss"]) < 1e-5, (loss, json.load(open("e.json"))["loss"])
PYTHON
    ds-train -q text-classifier --set width=8 -d "$INPUTS/three-texts.h5" --epochs 1 --seed 1 -o t.h5
    still t.h5 -d "$INPUTS/five-texts.h5" --head 5 -o m.h5
    still t.h5 -d "$INPUTS/two-texts.h5" --head 2 -o m.h5
    ds-train -q tagger --set width=8 --set channels=8 -d "$INPUTS/few.h5" --epochs 1 --seed 1 -o t.h5
    still t.h5 -d "$INPUTS/many.h5" --head 5 -o m.h5
    run -0 beside t.h5 m.h5
    assert_line 'output/weight [3, 8] to [5, 8]'
    make_masks 6 photos masks
    ds-data import images -q photos --masks masks --size 16x16 -o p.h5
    ds-train -q unet --set width=2 --set depth=1 -d p.h5 --epochs 1 --batch 3 --seed 1 -o t.h5
    still t.h5 -d p.h5 --head 3 --batch 3 -o m.h5
    run -0 beside t.h5 m.h5
    assert_line 'classifier/weight new'
    make_idx i.gz l.gz 30
    ds-data import idx -q i.gz l.gz -o i.h5
    for model in fashion-cnn resnet18 mlp; do
        ds-train -q $model --set width=4 -d i.h5 --steps 1 --batch 10 --seed 1 -o t.h5
        still t.h5 -d i.h5 --head 3 --batch 10 -o m.h5
        run -0 beside t.h5 m.h5
        assert_line 'classifier/weight new'
        assert_line 'classifier/bias new'
        assert_equal "$(grep ' new$' <<<"$output" | grep -cv /norm)" 2 # but for running statistics
    done
    ds-train -q embedder --set width=4 --set size=8 -d i.h5 --steps 1 --batch 10 --seed 1 -o t.h5
    still t.h5 -d i.h5 --head 6 --batch 10 -o m.h5
    ds-info m.h5 --json | jq -e '.outputs[0].type == "f32[N,6]"'
    refuses 64 'vectors, which have two numbers or more' ds-train -q t.h5 -d i.h5 --head 1 --seed 1 -o x.h5
}

@test "--head: a new one of numbers works in the unit of the data, an old one in its own, and that is told" {
    ds-train -q "$INPUTS/t-small.h5" -d "$INPUTS/large.h5" --head 1 --epochs 40 --batch 10 --lr 0.01 --seed 1 -o m.h5
    ds-eval -q m.h5 -d "$INPUTS/large.h5" --max rmse=150 >/dev/null
    ds-info m.h5 --params --json | jq -e 'map(select(.name == "loss.price.mean"))[0].mean | . > 9000'
    run -0 --separate-stderr ds-train -q "$INPUTS/t-small.h5" -d "$INPUTS/large.h5" --epochs 1 --seed 1 -o m.h5
    [[ $stderr == *"warning: 'price' stays in the unit of $INPUTS/t-small.h5 (mean "*'--head 1 makes a new head'* ]] || fail "$stderr"
    ds-info m.h5 --params --json | jq -e 'map(select(.name == "loss.price.mean"))[0].mean | . < 11'
    run -0 --separate-stderr ds-train -q "$INPUTS/t-small.h5" -d "$INPUTS/small.h5" --epochs 1 --seed 1 -o m.h5
    assert_equal "$stderr" ''
    run -0 --separate-stderr ds-train "$INPUTS/t-small.h5" -d "$INPUTS/small.h5" --epochs 1 --seed 1 -o m.h5
    [[ $stderr == *"'price' stays in the unit of"* ]]
}

@test "--head: a number that the data contradicts, and what cannot have a new one" {
    for n in 4 6; do refuses 64 "'kind' of $INPUTS/five.h5 has 5 classes" ds-train -q "$INPUTS/t-three.h5" -d "$INPUTS/five.h5" --head $n --seed 1 -o x.h5; done
    refuses 64 'has 2 classes' ds-train -q "$INPUTS/t-three.h5" -d "$INPUTS/two.h5" --head 5 --seed 1 -o x.h5
    refuses 64 'is yes or no' ds-train -q "$INPUTS/t-two.h5" -d "$INPUTS/two.h5" --head 2 --seed 1 -o x.h5
    refuses 64 'has 3 classes, and the model tells yes from no' ds-train -q "$INPUTS/t-two.h5" -d "$INPUTS/three.h5" --head 3 --seed 1 -o x.h5
    refuses 64 'has 1 number a row' ds-train -q "$INPUTS/t-small.h5" -d "$INPUTS/small.h5" --head 2 --seed 1 -o x.h5
    refuses 64 'has 4 labels' ds-train -q "$INPUTS/t-labels3.h5" -d "$INPUTS/labels4.h5" --head 3 --seed 1 -o x.h5
    refuses 65 "does not know the class 'p'; --head 5" ds-train -q "$INPUTS/t-three.h5" -d "$INPUTS/five.h5" --seed 1 -o x.h5
    ds-train -q table-autoencoder -d "$INPUTS/three.h5" --epochs 1 --seed 1 -o t.h5
    refuses 64 'held to another value of its own' ds-train -q t.h5 -d "$INPUTS/three.h5" --head 2 --seed 1 -o x.h5
    printf 'user,item\n%s\n' "$(for i in {1..40}; do echo "u$((i % 5)),i$((i % 8))"; done)" >pairs.csv
    ds-data import csv -q pairs.csv -o pairs.h5
    ds-train -q two-tower -d pairs.h5 --epochs 1 --batch 20 --seed 1 -o t.h5
    refuses 64 'held to another value of its own' ds-train -q t.h5 -d pairs.h5 --head 8 --seed 1 -o x.h5
    printf 'One line of text and a second one.\n%.0s' {1..20} >notes.txt
    ds-data import text -q notes.txt -o notes.h5
    ds-train -q gpt-tiny --set width=8 --set depth=1 --set tokens=16 -d notes.h5 --steps 1 --seed 1 -o t.h5
    refuses 64 'are the tokens that it reads' ds-train -q t.h5 -d notes.h5 --head 9 --seed 1 -o x.h5
    [ ! -e x.h5 ]
}

@test "--head: an output that no layer makes, and one that others hang on" {
    /usr/bin/python3 - <<'PYTHON'
import numpy as np
np.save("x.npy", np.arange(24, dtype=np.float32).reshape(8, 3))
np.save("y.npy", np.random.default_rng(1).normal(size=(8, 3)).astype(np.float32))
PYTHON
    ds-data import npy -q x.npy --target y.npy -o xy.h5
    printf 'inputs: {x: "f32[N,3]"}\nlayers:\n  - linear: {name: out, units: 3}\n  - layer_norm: {name: norm}\nloss: mse\n' >normed.yaml
    ds-train -q ./normed.yaml -d xy.h5 --epochs 1 --seed 1 -o normed.h5
    refuses 64 "not from a layer" ds-train -q normed.h5 -d xy.h5 --head 3 --seed 1 -o x.h5
    [ ! -e x.h5 ]
}
