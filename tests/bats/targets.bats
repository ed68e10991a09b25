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
    grep -q 'classes count by their weight: a 1, b 3, c 1' said
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
