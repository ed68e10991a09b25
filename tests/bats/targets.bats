#!/usr/bin/env bats
# What a model may learn, and how much each part of it counts: weights of samples and classes.
load common

setup_file() {
    export INPUTS=$BATS_FILE_TMPDIR/inputs
    mkdir -p "$INPUTS" && cd "$INPUTS" || return
    # 200 rows of three kinds, 140 of them "a"; w is 0, 0.5, 1 or 1.5.
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(5)
with open("rows.csv", "w") as f:
    f.write("x,y,w,kind\n")
    for i in range(200):
        k = 0 if i % 10 < 7 else 1 if i % 10 < 9 else 2
        f.write(f"{random.gauss(k, 1):.4f},{random.gauss(-k, 2):.4f},{i % 4 / 2},{'abc'[k]}\n")
PYTHON
    make_idx images.gz labels.gz 30
    ds-data import idx -q images.gz labels.gz -o pictures.h5
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

refuses() { # STATUS WORDS TOOL WORDS...
    run --separate-stderr "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error "$3"
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}
import() { ds-data import csv -q "$@"; }

# ----------------------------------------------------------------------------------- weights

@test "weights: a step's loss is the weighted mean, a validation's is not" {
    import "$INPUTS/rows.csv" --target kind --weight w -o d.h5
    run -0 ds-data info d.h5
    assert_line --regexp '^column +w: weight f32, 0 to 1.5, mean 0.75$'
    ds-train tabular --set depth=0 -d d.h5 --val d.h5 --lr 0 --weight-decay 0 --epochs 1 --batch 200 --seed 1 \
        --class-weight b=3 --log log -o m.h5 2>said
    grep -q "samples count by their weight 'w'" said
    grep -q "classes of 'kind' count by their weight: a 1, b 3, c 1" said
    ds-eval m.h5 -d d.h5 --predictions p.csv --probabilities 2>said | tail -n +1 >metrics
    grep -q 'every sample counts once' said
    # By hand: -log p of the true class, weighted by w and 3 for b; and not.
    paste -d, p.csv <(cut -d, -f3 "$INPUTS/rows.csv") | awk -F, 'NR > 1 {
        p = $2 == "a" ? $5 : $2 == "b" ? $6 : $7; w = $8 * ($2 == "b" ? 3 : 1)
        s += -w * log(p); n += w; t += -log(p) } END {printf "%.9f %.9f\n", s / n, t / 200}' >by_hand
    read -r weighted plain <by_hand
    jq -se --argjson w "$weighted" --argjson p "$plain" \
        '(map(select(.loss))[0].loss - $w | fabs < 1e-5) and (map(select(.val_loss))[0].val_loss - $p | fabs < 1e-5)
         and ($w - $p | fabs > 0.001)' log
    grep -qE "^loss +$(printf %.4f "$plain")" metrics
}

@test "weights: a run that is resumed goes on with them; --dry-run and the script know them" {
    import "$INPUTS/rows.csv" --target kind --weight w -o d.h5
    train() { ds-train -q tabular -d d.h5 --epochs 2 --batch 32 --seed 1 --class-weight balanced "$@"; }
    train -o whole.h5
    train --stop-after 5 -o part.h5
    ds-train -q --resume part.h5 -o rest.h5
    for run in whole rest part; do ds-infer -q $run.h5 d.h5 --raw $run.npy >/dev/null; done
    cmp whole.npy rest.npy
    ! cmp -s whole.npy part.npy
    refuses 64 'class-weight: a resumed run keeps its own' ds-train --resume part.h5 --class-weight a=1 -o x.h5
    run -0 train --dry-run
    assert_line --regexp '^weights +of samples and classes \(balanced\)$'
    ds-info --script whole.h5 >script
    mkdir again && cp "$INPUTS/rows.csv" again && (cd again && bash ../script 2>/dev/null)
    cmp whole.h5 again/whole.h5
}

@test "weights: a class without a row has none; what no loss can weigh is refused" {
    import "$INPUTS/rows.csv" --target kind -o d.h5
    run -0 --separate-stderr ds-train tabular --set depth=0 -d d.h5 --steps 1 --seed 1 --class-weight balanced -o m.h5
    [[ $stderr != *'no training row'* ]]
    /usr/bin/python3 - <<'PYTHON'
rows = open("p.csv", "w"); rows.write("x,kind,part\n")
for i in range(60): rows.write(f"{i},{'abc'[i % 3]},{'test' if i % 3 == 2 else 'train'}\n")
PYTHON
    import p.csv --target kind -o p.h5
    ds-data split -q p.h5 --by part -o s.h5
    run -0 --separate-stderr ds-train tabular --set depth=0 -d s.h5:train --steps 1 --seed 1 --class-weight balanced -o m.h5
    [[ $stderr == *"no training row is of c; the 2 classes that occur share the weight"* ]]
    import "$INPUTS/rows.csv" --target x --categorical kind -o n.h5
    refuses 64 'the model'"'"'s task is regression' ds-train -q tabular -d n.h5 --seed 1 --class-weight balanced -o m.h5
    rm m.h5
    refuses 64 'no such class; known: a, b, c' ds-train -q tabular -d d.h5 --seed 1 --class-weight A=2 -o m.h5
    refuses 64 'mixup and --cutmix' ds-train -q mlp -d "$INPUTS/pictures.h5" --seed 1 --mixup 1 --class-weight 1=2 -o m.h5
    [ ! -e m.h5 ]
}

@test "weights: a column of them is held against what weights are" {
    rows() { printf 'x,w,y\n1,%s,a\n2,%s,b\n3,%s,a\n' "$@" >bad.csv; }
    rows 1 -1 2
    refuses 65 "bad.csv: line 3: the weight 'w' is -1" ds-data import csv bad.csv --target y --weight w -o b.h5
    rows 1 '' 2
    refuses 65 "line 3: the weight 'w' is missing" ds-data import csv bad.csv --target y --weight w -o b.h5
    ds-data import csv -q bad.csv --target y --weight w --skip-bad -o ok.h5
    assert_equal "$(ds-data info --json ok.h5 | jq .samples)" 2
    rows 0 0 0
    refuses 65 "all weights in 'w' are 0" ds-data import csv bad.csv --target y --weight w -o b.h5
    rows 1 nan 2
    refuses 65 "line 3: the weight 'w' has 'nan'" ds-data import csv bad.csv --target y --weight w -o b.h5
    rows low high low
    refuses 65 "line 2: the weight 'w' is 'low'" ds-data import csv bad.csv --target y --weight w -o b.h5
    refuses 64 "column 'w' is given two uses" ds-data import csv bad.csv --target y --weight w --drop w -o b.h5
    [ ! -e b.h5 ]
}

# ----------------------------------------------------------------------------------- several targets

several_targets() { # t.csv and t.h5, 300 rows: price of x and y, sold yes or no
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(3)
with open("t.csv", "w") as f:
    f.write("x,y,price,sold,kind\n")
    for i in range(300):
        x, y = random.gauss(0, 1), random.gauss(0, 1)
        price = 200000 + 30000 * x - 20000 * y + random.gauss(0, 5000)
        f.write(f"{x:.4f},{y:.4f},{price:.0f},{'yes' if x + y + random.gauss(0, .5) > 0 else 'no'},{'abc'[(x > 0) + (y > 0)]}\n")
PYTHON
    import t.csv --target price,sold,kind -o t.h5
    ds-data split -q t.h5 --val 60 --test 60 --seed 1 -o s.h5
}

@test "several targets: tabular learns all of them, each measured as it would be alone" {
    several_targets
    ds-train -q tabular -d s.h5:train --val s.h5:val --best best.h5 --epochs 15 --seed 1 --log log -o m.h5
    assert_equal "$(ds-info m.h5 --json | jq -r .task)" price:regression:1,sold:binary:1,kind:classification:1
    ds-eval m.h5 -d s.h5:test --min price.r2=0.8 --min sold.auc=0.85 --min kind.top1=0.8 --predictions p.csv --json >e.json
    assert_equal "$(head -1 p.csv)" sample,price.target,sold.target,kind.target,price.predicted,sold.predicted,sold.probability,kind.predicted,kind.probability
    /usr/bin/python3 - <<'PYTHON'
import csv, json, math
rows, e = list(csv.DictReader(open("p.csv"))), json.load(open("e.json"))
assert len(rows) == 60
rmse = math.sqrt(sum((float(r["price.target"]) - float(r["price.predicted"])) ** 2 for r in rows) / 60)
assert abs(rmse - e["price.rmse"]) < 0.01, (rmse, e["price.rmse"])
for name, metric in (("sold", "accuracy"), ("kind", "top1")):
    right = sum(r[name + ".target"] == r[name + ".predicted"] for r in rows) / 60
    assert abs(right - e[f"{name}.{metric}"]) < 1e-9
assert abs(e["loss"] - e["price.loss"] - e["sold.loss"] - e["kind.loss"]) < 1e-9
assert [c["class"] for c in e["targets"]["kind"]["classes"]] == ["a", "b", "c"]
PYTHON
    jq -se 'map(select(.decided_by)) | length == 15 and all(.decided_by == "price.rmse")' log
    ds-eval -q m.h5 -d s.h5:test --compare best.h5 --metric kind.top1 >/dev/null
    # which target decides is said, and another one may
    run -0 --separate-stderr ds-train tabular -d s.h5:train --val s.h5:val --epochs 1 --seed 1 -o said.h5
    [[ $stderr == *'validations are decided by price.rmse, of the first of several targets (price: regression, sold: binary, kind: classification)'* ]] || fail "$stderr"
    run -0 --separate-stderr ds-train tabular -d s.h5:train --val s.h5:val --epochs 1 --seed 1 --metric sold.auc --log - -o said.h5
    [[ $stderr != *'of the first of'* ]]
    jq -se 'map(select(.decided_by))[0].decided_by == "sold.auc"' <<<"$output"
    run -0 ds-info said.h5
    assert_line --regexp '^model +tabular, several targets \(price: regression, sold: binary, kind: classification\)$'
    refuses 64 'for several targets (price: regression, sold: binary, kind: classification); there are: loss, price.loss' \
        ds-train -q tabular -d s.h5:train --val s.h5:val --metric auc --seed 1 -o x.h5
    refuses 64 "there is no metric 'rmse'" ds-eval -q m.h5 -d s.h5:test --min rmse=1
    refuses 64 'replaces the output of a model of one target' ds-train -q m.h5 -d s.h5:train --head 2 --seed 1 -o x.h5
    ds-train -q m.h5 -d s.h5:train --epochs 1 --metric sold.auc --val s.h5:val --seed 2 --class-weight c=2 -o more.h5
}

@test "several targets: predictions of each in words, JSON, CSV and an array" {
    several_targets
    ds-train -q tabular -d t.h5 --epochs 5 --seed 1 -o m.h5
    head -3 t.csv | cut -d, -f1,2 >new.csv
    run -0 ds-infer -q m.h5 new.csv
    assert_line --regexp '^new.csv\[0\]: price [0-9.e+]+; sold (yes|no) [0-9.]+ %; kind [abc] [0-9.]+ %$'
    ds-infer -q m.h5 new.csv --json | jq -e '.[0].targets | (.price.value | length == 1) and .sold.predicted and .kind.top[0].class'
    ds-infer -q m.h5 new.csv -o out.csv --raw out.npy
    assert_equal "$(head -1 out.csv)" x,y,price.predicted,sold.predicted,sold.probability,kind.predicted,kind.probability
    /usr/bin/python3 - <<'PYTHON'
import csv
import numpy as np
a = np.load("out.npy")
assert a.shape == (2, 5), a.shape
for row, r in zip(a, csv.DictReader(open("out.csv"))):
    assert abs(row[0] - float(r["price.predicted"])) < 0.1
    assert ("no", "yes")[int(row[1] > 0)] == r["sold.predicted"] and "abc"[row[2:].argmax()] == r["kind.predicted"]
PYTHON
    # A class that the model does not know is told; what comes again from the history is the same.
    sed '2s/,[^,]*$/,d/' t.csv >other.csv
    import other.csv --target price,sold,kind -o o.h5
    refuses 65 "the model does not know 'd' of column 'kind'" ds-eval -q m.h5 -d o.h5
    ds-info --script m.h5 >script
    mkdir again && cp t.csv again && (cd again && bash ../script 2>/dev/null)
    cmp m.h5 again/m.h5
}

# ----------------------------------------------------------------------------------- labels

labels() { # FILE ROWS: x and y, and the labels that they decide, as in "hot;wet"
    /usr/bin/python3 - "$@" <<'PYTHON'
import random, sys
random.seed(sys.argv[2])
with open(sys.argv[1], "w") as f:
    f.write("x,y,tags\n")
    for i in range(int(sys.argv[2])):
        x, y = random.gauss(0, 1), random.gauss(0, 1)
        tags = [t for t, yes in (("hot", x > 0), ("wet", y > 0), ("bad", x + y < -1)) if yes]
        random.shuffle(tags)
        f.write(f"{x:.4f},{y:.4f},{' ; '.join(tags)}\n")
PYTHON
}

@test "labels: a cell of several becomes a target that tabular learns; metrics are those of the predictions" {
    labels t.csv 400
    labels v.csv 200
    run -0 --separate-stderr ds-data import csv t.csv --target tags --label-separator ';' -o t.h5
    [[ $stderr == *'target tags: any of 3 labels: bad, hot, wet'* ]]
    import v.csv --target tags --label-separator ';' -o v.h5
    ds-train -q tabular -d t.h5 --val v.h5 --epochs 20 --seed 1 --log log -o m.h5
    assert_equal "$(ds-info m.h5 --json | jq -r .task)" multi-label
    jq -se 'map(select(.decided_by)) | all(.decided_by == "map")' log
    ds-eval m.h5 -d v.h5 --min map=0.95 --min f1_macro=0.85 --predictions p.csv --probabilities --json >e.json
    assert_equal "$(head -1 p.csv)" sample,target,predicted,probability_bad,probability_hot,probability_wet
    /usr/bin/python3 - <<'PYTHON'
import csv, json
rows, e = list(csv.DictReader(open("p.csv"))), json.load(open("e.json"))
sets = [(set(filter(None, r["target"].split(";"))), set(filter(None, r["predicted"].split(";")))) for r in rows]
given = [set(filter(None, (t.strip() for t in r["tags"].split(";")))) for r in csv.DictReader(open("v.csv"))]
assert [t for t, _ in sets] == given
assert abs(sum(t == p for t, p in sets) / 200 - e["exact"]) < 1e-9
hit, all_of = sum(len(t & p) for t, p in sets), sum(len(t) + len(p) for t, p in sets)
assert abs(2 * hit / all_of - e["f1_micro"]) < 1e-9
for r, (_, p) in zip(rows, sets):
    assert p == {k for k in ("bad", "hot", "wet") if float(r["probability_" + k]) > 0.5}
assert [c["class"] for c in e["classes"]] == ["bad", "hot", "wet"]
PYTHON
    run -0 ds-eval -q m.h5 -d v.h5 --per-class --threshold auto --curves c.svg
    assert_line --regexp '^bad +[0-9]+ +[01]\.'
    run -0 ds-infer -q m.h5 v.csv --threshold 0.999999
    assert_line 'v.csv[0]: none'
    run -0 ds-infer -q m.h5 v.csv --threshold 0
    assert_line --regexp '^v.csv\[0\]: bad .* %, hot .* %, wet .* %$'
    refuses 64 'for targets that are one of some classes' ds-train -q tabular -d t.h5 --seed 1 --class-weight balanced -o x.h5
}

@test "labels: those of other data are matched by name, and what is no label is refused" {
    labels t.csv 300
    import t.csv --target tags --label-separator ';' -o t.h5
    ds-train -q tabular -d t.h5 --epochs 5 --seed 1 -o m.h5
    # The same rows, without those that are bad: two labels, in other places.
    grep -v bad t.csv >two.csv
    import two.csv --target tags --label-separator ';' -o two.h5
    assert_equal "$(ds-data info two.h5 --json | jq -c '.columns[2].shape')" '[2]'
    ds-eval -q m.h5 -d t.h5 --predictions all.csv >/dev/null
    ds-eval -q m.h5 -d two.h5 --predictions two_said.csv >/dev/null
    diff <(cut -d, -f2- two_said.csv) <(awk -F, 'NR == 1 || $2 !~ /bad/' all.csv | cut -d, -f2-)
    sed 's/wet/dry/' t.csv >dry.csv
    import dry.csv --target tags --label-separator ';' -o dry.h5
    refuses 65 "the model does not know 'dry' of column 'tags'" ds-eval -q m.h5 -d dry.h5
    printf 'x,t\n1,a\n2,\n' >one.csv
    refuses 65 "the cells of 't' have 1 labels between ';'" ds-data import csv one.csv --target t --label-separator ';' -o x.h5
    printf 'inputs: {}\nlayers:\n  - columns\n  - linear: 3\nloss: binary_cross_entropy\n' >three.yaml
    sed 's/,[^,]*$/,1/; 1s/1$/tags/; 2s/1$/0/' t.csv >yes.csv
    import yes.csv --target tags -o yes.h5
    refuses 78 "takes one logit per sample for 'tags', not f32[N,3]" ds-train -q ./three.yaml -d yes.h5 --seed 1 -o x.h5
    refuses 64 'label-separator is for the cells of --target' ds-data import csv t.csv --label-separator ';' -o x.h5
    refuses 64 'label-separator takes one character' ds-data import csv t.csv --target tags --label-separator ';;' -o x.h5
    [ ! -e x.h5 ]
    ds-info --script m.h5 >script
    mkdir again && cp t.csv again && (cd again && bash ../script 2>/dev/null)
    cmp m.h5 again/m.h5
}
