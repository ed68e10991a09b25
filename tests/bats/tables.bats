#!/usr/bin/env bats
# Tables: from a CSV file to a model and its predictions; targets that do not fit, and rows that fill no batch.
load common

setup_file() {
    export INPUTS=$BATS_FILE_TMPDIR/inputs
    mkdir -p "$INPUTS" && cd "$INPUTS" || return
    # 600 houses, price = 150000 + 1200*size - 900*age + noise; also as one of three kinds.
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(7)
with open("houses.csv", "w") as f:
    f.write("size,age,price,kind\n")
    for i in range(600):
        size, age = random.uniform(40, 200), random.uniform(0, 80)
        price = 150000 + 1200 * size - 900 * age + random.gauss(0, 8000)
        f.write(f"{size:.2f},{age:.1f},{price:.0f},{'low' if price < 220000 else 'mid' if price < 290000 else 'top'}\n")
PYTHON
    ds-data import csv -q houses.csv --target price --categorical kind -o price.h5
    ds-data split -q price.h5 --val 100 --test 100 --seed 1 -o houses.h5
    cat >numbers.yaml <<'YAML'
inputs: {}
layers:
  - columns: {kind: number}
  - linear: {name: hidden, units: 32, init: he_normal}
  - relu
  - linear: {name: out, units: 1}
loss: mse
YAML
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

refuses() { # STATUS WORDS TOOL WORDS...
    run --separate-stderr "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error "$3"
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}
numbers_model() { # LOSS UNITS: a model of all columns of numbers
    sed "s/^loss: .*/loss: $1/; s/units: 1}/units: $2}/" "$INPUTS/numbers.yaml"
}
import() { ds-data import csv -q "$@"; }

# ----------------------------------------------------------------------------------- targets

@test "binary targets that are not 0 and 1 are refused in training, validation and evaluation" {
    { echo x,y; for i in {1..50}; do echo "$i,$((i % 5 + 1))"; done; } >five.csv
    import five.csv --target y -o five.h5
    sed 's/[345]$/0/; s/2$/1/' five.csv >two.csv
    import two.csv --target y -o two.h5
    numbers_model binary_cross_entropy 1 >binary.yaml
    refuses 65 "five.h5: target 'y' is 2 in row 1 of the file (five.h5[0]), and a binary model takes 0 and 1" \
        ds-train -q ./binary.yaml -d five.h5 -o m.h5
    [ ! -e m.h5 ]
    refuses 65 "five.h5: target 'y' is 2 in row 1" ds-train -q ./binary.yaml -d two.h5 --val five.h5 -o m.h5
    [ ! -e m.h5 ]
    ds-train -q ./binary.yaml -d two.h5 --seed 1 -o m.h5
    refuses 65 "five.h5: target 'y' is 2 in row 1" ds-eval m.h5 -d five.h5
}

@test "names of classes under a squared error, and fractions as classes, are refused" {
    cut -d, -f1,2,4 "$INPUTS/houses.csv" >kinds.csv
    import kinds.csv --target kind -o kinds.h5
    numbers_model mse 1 >line.yaml
    refuses 65 "target 'kind' has names of classes (low, ...)" ds-train -q ./line.yaml -d kinds.h5 -o m.h5
    numbers_model cross_entropy 3 >classes.yaml
    { echo x,y; for i in {1..50}; do echo "$i,$((i % 2)).5"; done; } >half.csv
    import half.csv --target y -o half.h5
    refuses 65 "is 1.5 in row 1 of the file" ds-train -q ./classes.yaml -d half.h5 -o m.h5
}

@test "a column that the data lacks is refused; another one never takes its place" {
    ds-train tabular -q -d "$INPUTS/houses.h5:train" --set depth=0 --steps 2 --seed 1 -o m.h5
    for drop in age size; do
        ds-data select -q "$INPUTS/price.h5" --drop $drop -o less.h5
        refuses 65 "no column for the model's input '$drop'" ds-eval m.h5 -d less.h5
        refuses 65 "no column for the model's input '$drop'" ds-infer m.h5 less.h5
        refuses 65 "no column for the model's input '$drop'" ds-train m.h5 -d less.h5 --steps 1 -o x.h5
    done
    # the target may have another name, where there is one
    sed '1s/price/cost/' "$INPUTS/houses.csv" | ds-data import csv -q - --target cost --categorical kind -o cost.h5
    ds-eval m.h5 -d "$INPUTS/price.h5" | tail -n +2 >here
    ds-eval m.h5 -d cost.h5 | tail -n +2 | cmp - here
    # of a model with two, each must be there
    import "$INPUTS/houses.csv" --target price,size --categorical kind -o two.h5
    ds-train tabular -q -d two.h5 --set depth=0 --steps 2 --seed 1 -o two-model.h5
    import "$INPUTS/houses.csv" --target price --categorical kind --drop size -o one.h5
    refuses 65 "no column for the model's input 'size'" ds-eval two-model.h5 -d one.h5
}

@test "info: metrics at a threshold name it" {
    awk -F, 'NR == 1 {print "size,age,dear"} NR > 1 {print $1 "," $2 "," ($3 > 250000 ? "yes" : "no")}' "$INPUTS/houses.csv" >dear.csv
    import dear.csv --target dear -o dear.h5
    ds-train tabular -q -d dear.h5 --val dear.h5 --set depth=0 --steps 3 --seed 1 -o dear-model.h5
    run -0 ds-info dear-model.h5
    assert_line --regexp '^val_accuracy +0\.[0-9]+  at threshold 0\.5$'
    assert_line --regexp '^val_auc +0\.[0-9]+$'
}

@test "a model file whose layers give no value is refused at its loss" {
    printf 'inputs: {}\nlayers: []\nloss: mse\n' >none.yaml
    refuses 78 'none.yaml:3:7: the layers before the loss give no value' ds-train ./none.yaml -d "$INPUTS/houses.h5:train" -o m.h5
    printf 'inputs: {size: "f32[N]", age: "f32[N]"}\nlayers: []\nloss: mse\n' >two.yaml
    refuses 78 'two.yaml:3:7: the layers before the loss give no value' ds-train ./two.yaml -d "$INPUTS/houses.h5:train" -o m.h5
}

@test "a target of one class only is called that" {
    sed '2,$s/[a-z]*$/mid/' "$INPUTS/houses.csv" | ds-data import csv -q - --target kind -o one.h5
    refuses 65 "have the same 'kind' (mid)" ds-train tabular -d one.h5 -o m.h5
}

@test "a target that the data has not is refused with the nearest name" {
    numbers_model '{kind: mse, target: pric}' 1 >pric.yaml
    refuses 65 "the loss's target 'pric' is no column of the data; did you mean price?" \
        ds-train -q ./pric.yaml -d "$INPUTS/houses.h5:train" -o m.h5
    import "$INPUTS/houses.csv" --categorical kind -o none.h5
    numbers_model mse 1 >any.yaml
    refuses 65 'the data has no target to learn' ds-train -q ./any.yaml -d none.h5 -o m.h5
}

@test "a target that is the same everywhere is refused" {
    { echo x,y; for i in {1..50}; do echo "$i,7"; done; } >same.csv
    import same.csv --target y -o same.h5
    numbers_model mse 1 >any.yaml
    refuses 65 "all 50 samples have the same 'y' (7)" ds-train -q ./any.yaml -d same.h5 -o m.h5
}

# ----------------------------------------------------------------------------------- regression

# The mean absolute error of the model on the split, by the values that ds-infer prints.
mean_error() { # MODEL DATA.csv
    paste -d' ' <(ds-infer -q "$1" "$2" | awk '{print $NF}') <(tail -n +2 "$2" | cut -d, -f3) |
        awk '{d = $1 - $2; s += d < 0 ? -d : d} END {printf "%.0f\n", s / NR}'
}

@test "regression: prices of 250,000 are learned and given in their unit" {
    ds-train -q "$INPUTS/numbers.yaml" -d "$INPUTS/houses.h5:train" --epochs 200 --lr 0.01 --seed 1 -o m.h5
    ds-data export csv -q "$INPUTS/houses.h5:test" -o test.csv
    error=$(mean_error m.h5 test.csv) # the noise alone gives 6400
    [ "$error" -lt 9000 ] || fail "mean error $error"
    run -0 ds-eval -q m.h5 -d "$INPUTS/houses.h5:test" --json
    run -0 jq ".mae | round - $error | fabs < 2" <<<"$output"
    assert_output true
}

@test "regression: prices of 250,000 are learned by the shipped model at its defaults" {
    ds-train -q tabular -d "$INPUTS/houses.h5:train" --seed 1 -o m.h5
    ds-data export csv -q "$INPUTS/houses.h5:test" -o test.csv
    error=$(mean_error m.h5 test.csv)
    [ "$error" -lt 12000 ] || fail "mean error $error"
}

@test "a target column may have any name" {
    sed '1s/price/Price incl. tax.\/EUR/' "$INPUTS/houses.csv" >odd.csv
    name=$(head -n 1 odd.csv | grep -o 'Price.*EUR')
    import odd.csv --target "$name" -o odd.h5
    run -0 ds-train -q "$INPUTS/numbers.yaml" -d odd.h5 --steps 2 --batch 16 --seed 1 -o odd-model.h5
    run -0 ds-eval -q odd-model.h5 -d odd.h5
}

@test "regression: far from zero and tiny, targets are learned as well" {
    for scale in 1e-30 1e6; do
        awk -F, -v OFS=, -v s=$scale 'NR == 1 {print $1, $2, $3} NR > 1 {print $1, $2, ($3 - 250000) * s}' "$INPUTS/houses.csv" >t.csv
        import t.csv --target price -o t.h5
        ds-train -q "$INPUTS/numbers.yaml" -d t.h5 --epochs 60 --lr 0.01 --seed 1 -o m.h5
        run -0 ds-eval -q m.h5 -d t.h5 --max loss=0.1
    done
    awk -F, -v OFS=, 'NR == 1 {print $1, $2, $3} NR > 1 {print $1, $2, 1e9 + $3}' "$INPUTS/houses.csv" >t.csv
    import t.csv --target price -o t.h5
    ds-train -q "$INPUTS/numbers.yaml" -d t.h5 --epochs 60 --lr 0.01 --seed 1 -o m.h5
    run -0 ds-eval -q m.h5 -d t.h5 --max loss=0.1
}

@test "regression: a model that is fine-tuned keeps the unit of its outputs" {
    ds-train -q "$INPUTS/numbers.yaml" -d "$INPUTS/houses.h5:train" --steps 20 --seed 1 -o m.h5
    awk -F, -v OFS=, 'NR == 1 {print $1, $2, $3} NR > 1 {print $1, $2, 2 * $3}' "$INPUTS/houses.csv" >t.csv
    import t.csv --target price -o t.h5
    ds-train -q m.h5 -d t.h5 --steps 1 --lr 0 --seed 1 -o n.h5
    run -0 diff <(ds-infer -q m.h5 t.csv) <(ds-infer -q n.h5 t.csv)
}

# ----------------------------------------------------------------------------------- batches

@test "one sample alone under a batch norm joins the batch before, and that is said" {
    head -34 "$INPUTS/houses.csv" | cut -d, -f1-3 >few.csv # 33 rows: 32 and 1
    import few.csv --target price -o few.h5
    sed 's/  - relu/  - batch_norm\n  - relu/' "$INPUTS/numbers.yaml" >norm.yaml
    run -0 --separate-stderr ds-train ./norm.yaml -d few.h5 --batch 32 --epochs 2 --seed 1 --log log -o m.h5
    [[ $stderr == *"--last-batch merge"* ]] || fail "$stderr"
    run -0 jq -cs '[.[] | select(.loss) | .samples]' log
    assert_output '[33,33]'
    refuses 64 'use --last-batch merge or drop' ds-train -q ./norm.yaml -d few.h5 --batch 32 --last-batch keep --seed 1 -o m.h5
    refuses 64 'use a larger --batch' ds-train -q ./norm.yaml -d few.h5 --batch 1 --seed 1 -o m.h5
    ds-train -q ./norm.yaml -d few.h5 --batch 32 --last-batch drop --epochs 2 --seed 1 --log log -o m.h5
    run -0 jq -cs '[.[] | select(.loss) | .samples]' log
    assert_output '[32,32]'
    ds-train -q ./norm.yaml -d few.h5 --batch 8 --last-batch merge --epochs 2 --seed 1 -o whole.h5 # 8 8 8 9
    ds-train -q ./norm.yaml -d few.h5 --batch 8 --last-batch merge --epochs 2 --seed 1 --stop-after 5 -o part.h5
    ds-train -q --resume part.h5 -d few.h5 -o resumed.h5
    run -0 ds-info whole.h5 --diff resumed.h5
    assert_output ''
}

@test "a batch that nobody asked for is no larger than the data" {
    head -11 "$INPUTS/houses.csv" | cut -d, -f1-3 >few.csv
    import few.csv --target price -o few.h5
    run -0 ds-train -q "$INPUTS/numbers.yaml" -d few.h5 --seed 1 -o m.h5
    refuses 64 '--batch 11 is more than the 10 samples' ds-train -q "$INPUTS/numbers.yaml" -d few.h5 --batch 11 -o m.h5
}

# ----------------------------------------------------------------------------------- from a table to predictions

# 500 people with missing ages, a plan, a city of which Rome stands in the last row only, a day; who churns, how much they
# pay, and which of three kinds they are.
people() {
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(3)
rows = []
for i in range(500):
    plan, age = random.choice(["basic", "pro", "team"]), random.randint(18, 80)
    city = random.choice(["Bern", "Oslo"])
    day = f"2024-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    pay = {"basic": 10, "pro": 40, "team": 90}[plan] + 0.5 * age + random.gauss(0, 3)
    churn = random.random() < (0.9 if plan == "basic" and age < 50 else 0.1)
    rows.append([f"p{i}", plan, "" if random.random() < 0.2 else age, city, day, f"{pay:.2f}", "yes" if churn else "no",
                 "low" if pay < 50 else "mid" if pay < 80 else "high"])
rows[-1][3] = "Rome"
with open("people.csv", "w") as f:
    f.write("key,plan,age,city,since,pay,churn,kind\n")
    for row in rows: f.write(",".join(map(str, row)) + "\n")
PYTHON
}

@test "tabular: a number, yes or no, and a class, each in three commands" {
    people
    metric() { ds-eval -q "$1" -d "$2" --json | jq ".$3"; }
    import people.csv --target pay --id key --drop churn,kind -o pay.h5
    ds-data split -q pay.h5 --val 100 --seed 1 -o p.h5
    ds-train -q tabular -d p.h5:train --val p.h5:val --epochs 40 --seed 1 -o pay-model.h5
    jq -ne "$(metric pay-model.h5 p.h5:val mae) < 6" # half of an unknown age is 4 on the average; the mean alone gives 28
    import people.csv --target churn --id key --drop pay,kind -o churn.h5
    ds-data split -q churn.h5 --val 100 --stratify --seed 1 -o c.h5
    ds-train -q tabular -d c.h5:train --val c.h5:val --epochs 20 --seed 1 -o churn-model.h5
    jq -ne "$(metric churn-model.h5 c.h5:val accuracy) > 0.8"
    import people.csv --target kind --id key --drop pay,churn -o kind.h5
    ds-data split -q kind.h5 --val 100 --stratify --seed 1 -o k.h5
    ds-train -q tabular -d k.h5:train --val k.h5:val --epochs 20 --seed 1 -o kind-model.h5
    jq -ne "$(metric kind-model.h5 k.h5:val top1) > 0.75"
    # The same rows as a table give what they give as data: missing values, dates, names.
    ds-data export csv -q p.h5:val -o /dev/null
    tail -n +2 people.csv | head -50 | sed '1i key,plan,age,city,since,pay,churn,kind' >new.csv
    import new.csv --target pay --id key --drop churn,kind -o new.h5
    for model in pay churn kind; do
        run -0 ds-infer -q $model-model.h5 new.csv
        assert_equal "${#lines[@]}" 50
    done
    diff <(ds-infer -q pay-model.h5 new.csv | sed 's/.*: //') <(ds-infer -q pay-model.h5 new.h5 | sed 's/.*: //')
}

@test "tabular: what no training row had is taken for unseen, a missing number for the mean; other columns do not matter" {
    people
    head -400 people.csv >seen.csv
    import seen.csv --target pay --id key --drop churn,kind,since -o seen.h5
    ds-train -q tabular -d seen.h5 --epochs 30 --seed 1 -o m.h5
    printf 'age;plan;more;city\n30;basic;x;Rome\n;team;y;Bern\nNA;pro;z;Oslo\n' >new.csv
    refuses 65 "new.csv: line 4: column 'age' has 'NA'" ds-infer -q m.h5 new.csv
    sed -i 's/NA//' new.csv
    run -0 ds-infer -q m.h5 new.csv
    assert_equal "${#lines[@]}" 3
    jq -ne "[${lines[0]##* }, ${lines[1]##* }] | (.[0] > 5 and .[0] < 50 and .[1] > 90 and .[1] < 150)"
    # Rome in the validation alone is unseen there, too; a model without a place for it says so before it starts.
    import people.csv --target pay --id key --drop churn,kind -o all.h5
    ds-data split -q all.h5 --by-time since --val 50 -o t.h5
    ds-train -q tabular -d t.h5:train --val t.h5:val --steps 2 --seed 1 -o n.h5
}

@test "tabular: names in too few training rows to learn from are taken for unseen, wherever they stand" {
    # Passengers: each has a ticket of its own, 40 cabins have 1 to 9 rows, and yes or no follows the deck, seldom not.
    awk 'BEGIN { srand(3); print "ticket,cabin,deck,age,saved"
        for (i = 0; i < 400; ++i) { deck = rand() < 0.5 ? "upper" : "lower"
            print "t" i ",c" int(40 * rand() * rand()) "," deck "," int(80 * rand()) "," ((rand() < 0.9) == (deck == "upper") ? "yes" : "no") } }' >ship.csv
    import ship.csv --target saved -o ship.h5
    ds-data split -q ship.h5 --val 100 --seed 1 -o s.h5
    run -0 --separate-stderr ds-train tabular -d s.h5:train --seed 1 -o m.h5
    ds-data export csv -q s.h5:train -o train.csv
    rare=$(cut -d, -f2 train.csv | tail -n +2 | sort | uniq -c | awk '$1 < 5' | wc -l) all=$(cut -d, -f2 train.csv | tail -n +2 | sort -u | wc -l)
    [ "$rare" -gt 3 ] && [ "$rare" -lt "$all" ]
    [[ $stderr == *"column 'cabin': $rare of $all names stand in too few rows to learn from and are taken for unseen (--set rare)"* ]] || fail "$stderr"
    [[ $stderr == *"column 'ticket': 300 of 300 names"* && $stderr != *"column 'deck'"* ]] || fail "$stderr"
    # Tickets teach nothing, so they do no harm; as data and as a table, known or not, they make no difference.
    ds-eval -q m.h5 -d s.h5:val --json | jq -e ".accuracy > 0.8 and .loss < 0.5"
    printf 'ticket,cabin,deck,age\nt1,nowhere,upper,30\nt399,nowhere,upper,30\nnone,nowhere,upper,30\n' >new.csv
    run -0 ds-infer -q m.h5 new.csv
    assert_equal "$(sed 's/.*: //' <<<"$output" | sort -u | wc -l)" 1
    assert_equal "$(ds-infer -q m.h5 s.h5:val | wc -l)" 100
    diff <(ds-data export csv -q s.h5:val -o - | ds-infer -q m.h5 - | sed 's/.*: //') <(ds-infer -q m.h5 s.h5:val | sed 's/.*: //')
    ds-train -q tabular --set rare=1 -d s.h5:train --seed 1 -o all.h5
    ds-train -q tabular --set unseen=0 -d s.h5:train --steps 1 --seed 1 -o none.h5 # no place for them: all are kept
    [ "$(ds-infer -q all.h5 new.csv | sed 's/.*: //' | sort -u | wc -l)" -gt 1 ]
}

@test "a target of 64 bits whose numbers floats do not tell apart is refused" {
    awk 'BEGIN { print "x,y"; for (i = 0; i < 60; ++i) print i % 17 "," 1700000000 + i % 17 * 7 }' >near.csv
    import near.csv --target y -o near.h5
    refuses 65 "near.h5: target 'y' is 1700000000 to 1700000112, which differ in digits" ds-train tabular -d near.h5 --seed 1 -o m.h5
    awk 'BEGIN { print "x,y"; for (i = 0; i < 60; ++i) print i % 17 "," 1700000000 + i % 17 * 7000000 }' >far.csv
    import far.csv --target y -o far.h5
    ds-train -q tabular -d far.h5 --steps 1 --seed 1 -o m.h5
}

@test "tabular: depth 0 is linear regression" {
    ds-train -q tabular --set depth=0 -d "$INPUTS/houses.h5:train" --epochs 300 --lr 0.05 --weight-decay 0 --seed 1 -o m.h5 2>/dev/null
    ds-data export csv -q "$INPUTS/houses.h5:train" -o t.csv
    ds-eval -q m.h5 -d "$INPUTS/houses.h5:train" --predictions p.csv >/dev/null
    # Least squares of price on size, age and the kinds, by the normal equations.
    /usr/bin/python3 - <<'PYTHON'
import csv
import numpy as np
rows = list(csv.DictReader(open("t.csv")))
y = np.array([float(r["price"]) for r in rows])
x = np.array([[1, float(r["size"]), float(r["age"]), r["kind"] == "low", r["kind"] == "mid"] for r in rows], float)
fit = x @ np.linalg.lstsq(x, y, rcond=None)[0]
ours = np.array([float(r.get("value") or r["predicted"]) for r in csv.DictReader(open("p.csv"))])
r2 = lambda p: 1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum()
assert r2(ours) > r2(fit) - 0.003, (r2(ours), r2(fit))
assert r2(ours) < r2(fit) + 1e-6
PYTHON
}

@test "a number that is missing is refused by a model that has no place for it, with its row" {
    printf 'size,age,price\n1,2,3\n4,,6\n7,8,9\n' >gap.csv
    import gap.csv --target price -o gap.h5
    refuses 65 "column 'age' is missing in row 2 of the file (gap.h5[1])" ds-train -q "$INPUTS/numbers.yaml" -d gap.h5 --seed 1 -o m.h5
}

@test "info: counts, ranges, missing values, and columns that give the target away" {
    people
    import people.csv --target kind --id key -o p.h5
    run -0 ds-data info p.h5
    assert_line --regexp '^column +age: number f32, 18 to 80, mean [0-9.]+, [0-9]+ missing$'
    assert_line --regexp '^column +plan: category i32, 3 names: basic [0-9]+, pro [0-9]+, team [0-9]+$'
    assert_line --partial "column 'pay' tells the target 'kind' by itself"
    refute_line --partial "column 'age' tells"
    missing=$(tail -n +2 people.csv | awk -F, '$3 == ""' | wc -l)
    assert_equal "$(ds-data info --json p.h5 | jq '.columns[] | select(.name == "age").missing')" "$missing"
    assert_equal "$(ds-data info --json p.h5 | jq '[.columns[] | select(.name == "plan").counts[]] | add')" 500
}

@test "csv: a refusal stands alone, also where delimiter and names were guessed; a relevance is offered no classes" {
    printf 'q;a b;none;y\na;1;;2\na;2;;x\nb;3;;1\nb;4;;0\nb;5;;3\n' >bad.csv
    refuses 65 "the target 'y' has 'x' where most are numbers; mend it, leave it out by --skip-bad, or take it for a missing value by --missing ',x'" \
        ds-data import csv bad.csv --target y --group q -o x.h5
    refute [ "$(grep -c -- --categorical <<<"$stderr")" != 0 ]
    refuses 65 "or give --categorical y to take all of them for names" ds-data import csv bad.csv --target y -o x.h5
    refuses 64 "there is no column 'z'" ds-data import csv bad.csv --target z -o x.h5
    sed 's/x$/1/' bad.csv >good.csv
    run -0 --separate-stderr ds-data import csv good.csv --target y --group q -o x.h5
    [[ $stderr == *"fields are taken to end with ';'"*"column 'a b' is called a_b"*"column 'none' is empty"*"target y: relevances from 0 to 3"* ]] || fail "$stderr"
    [[ $stderr != *--categorical* ]] || fail "$stderr"
}

@test "csv: many columns that get other names are one line" {
    printf 'a b,c d,e f,g h,i j,y\n1,2,3,4,5,6\n2,3,4,5,6,7\n' >wide.csv
    run -0 --separate-stderr ds-data import csv wide.csv -o x.h5
    [[ $stderr == *"5 columns get other names: 'a b' is called a_b, 'c d' is called c_d"* ]] || fail "$stderr"
    assert_equal "$(grep -c called <<<"$stderr")" 1
    cut -d, -f1-2 wide.csv >few.csv
    run -0 --separate-stderr ds-data import csv few.csv -o x.h5
    [[ $stderr == *"column 'c d' is called c_d"* ]] || fail "$stderr"
}

@test "decimal commas are told with the option that reads them, and predictions read them in the same way" {
    { echo 'size;age;kind;price'; for i in {1..60}; do echo "$((i % 9)),5;$((i % 7));$([ $((i % 2)) = 0 ] && echo a || echo b);$((i % 9 * 2)),25"; done; } >comma.csv
    tr ',;' '.,' <comma.csv >point.csv
    run -0 --separate-stderr ds-data import csv comma.csv -o names.h5
    [[ $stderr == *"warning: column 'size' is taken for names, and '1,5' in line 2 looks like a number with a decimal comma; --decimal ',' reads such numbers"* ]]
    assert_equal "$(grep -c 'decimal comma' <<<"$stderr")" 2
    { cat point.csv; echo '"2,5",1,a,1'; } >slip.csv
    refuses 65 "slip.csv: line 62: column 'size' has '2,5' where most are numbers; read decimal commas by --decimal ','," \
        ds-data import csv slip.csv -o x.h5
    refuses 64 "--decimal takes what stands before fractions, . or , and not ';'" ds-data import csv point.csv --decimal ';' -o x.h5
    import comma.csv --decimal , --target price -o comma.h5
    import point.csv --target price -o point.h5
    diff <(ds-data export csv -q comma.h5 -o -) <(ds-data export csv -q point.h5 -o -)
    for data in comma point; do ds-train tabular -q -d $data.h5 --steps 5 --seed 1 -o $data-m.h5; done
    diff <(ds-infer -q comma-m.h5 comma.csv | sed 's/.*: //') <(ds-infer -q point-m.h5 point.csv | sed 's/.*: //')
    printf 'size;age;kind\n1.5;2;a\n' >p.csv && printf 'size;age;kind\n1,5;2;a\n' >c.csv
    refuses 65 "p.csv: line 2: column 'size' has '1.5', which is no finite number; the model takes fractions behind a comma" ds-infer comma-m.h5 p.csv
    refuses 65 "c.csv: line 2: column 'size' has '1,5', which is no finite number; the model takes fractions behind a point" ds-infer point-m.h5 c.csv
    # Rows of both kinds of files are numbers alike; what is read then are points.
    ds-data cat -q comma.h5 point.h5 -o both.h5
    ds-train tabular -q -d both.h5 --steps 1 --seed 1 -o both-m.h5
    ds-infer -q both-m.h5 point.csv -o -
}

@test "an empty cell is refused with the words that a model takes for missing; the option that takes both is told" {
    { echo x,y; for i in {1..40}; do echo "$([ $((i % 5)) = 0 ] && echo NA || echo $i),$((i % 3))"; done; } >na.csv
    import na.csv --missing NA --target y -o na.h5
    ds-train tabular -q -d na.h5 --steps 2 --seed 1 -o m.h5
    printf 'x\n1\n\n""\n' >new.csv
    refuses 65 "new.csv: line 4: column 'x' is empty, and the model takes 'NA' for a missing value; write that there" ds-infer m.h5 new.csv
    echo ',1' >>na.csv
    run --separate-stderr ds-data import csv na.csv --missing NA --target y -o x.h5
    [[ $stderr == *"--missing 'NA,'"* ]] || fail "$stderr"
}
