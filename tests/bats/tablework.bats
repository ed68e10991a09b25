#!/usr/bin/env bats
# ds-data select, filter and join, held against SQLite on the same tables.
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(4)
with open("people.csv", "w") as f:
    f.write("key,age,income,city,since,shop,pay\n")
    for i in range(400):
        age = "" if random.random() < 0.2 else random.randint(18, 70)
        city = random.choice(["Rome", "Oslo", "St. Gallen", ""])
        f.write(f"p{i},{age},{random.choice(['', random.randint(0, 9)])},{city},2024-{random.randint(1,12):02}-{random.randint(1,28):02},{random.randint(1, 30)},{random.random():.3f}\n")
with open("shops.csv", "w") as f:
    f.write("shop,size,kind\n")
    for i in range(1, 26): f.write(f"{i},{random.choice(['', round(random.random() * 10, 2)])},{random.choice('abc')}\n")
PYTHON
    ds-data import csv -q people.csv --id key --target pay -o people.h5
    ds-data import csv -q shops.csv -o shops.h5
    ds-data split -q people.h5 --val 100 --seed 1 -o split.h5
}
setup() {
    mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return
    cp "$BATS_FILE_TMPDIR"/*.h5 "$BATS_FILE_TMPDIR"/*.csv .
}

refuses() { # STATUS WORDS COMMAND
    shell "timeout 60 $3"
    assert_equal "$3: $status" "$3: $1"
    assert_one_error ds-data
    [[ $stderr == *"$2"* ]] || fail "$3: no '$2' in: $stderr"
    assert_file_not_exists out.h5
}
keys() { ds-data export csv -q "$1" -o - | tail -n +2 | cut -d, -f1; }
info() { ds-data info --json "$1" | jq -rc "$2"; }

@test "filter keeps the rows that SQLite keeps, missing values among them" {
    while IFS='|' read -r ours theirs; do
        ds-data filter -q people.h5 --where "$ours" -o f.h5
        keys f.h5 >found
        /usr/bin/python3 - "$theirs" >wanted <<'PYTHON'
import csv, sqlite3, sys
db = sqlite3.connect(":memory:")
db.execute("create table t (key, age real, income real, city, since, shop real, pay real)")
for r in csv.reader(open("people.csv")):
    if r[0] != "key": db.execute("insert into t values (?,?,?,?,?,?,?)", [r[0], r[1] or None, r[2] or None, *r[3:]])
for (key,) in db.execute(f"select key from t where {sys.argv[1]} order by rowid"): print(key)
PYTHON
        [ -s wanted ] || fail "no row: $theirs"
        diff found wanted || fail "$ours"
    done <<'ROWS'
age > 30 and city == "Rome"|age > 30 and city == 'Rome'
not age > 30|not age > 30
age != 30|age != 30
not (age > 30 or income < 5)|not (age > 30 or income < 5)
missing(age) or income >= 7.5|age is null or income >= 7.5
missing(city)|city = ''
city == "St. Gallen" and not missing(income)|city = 'St. Gallen' and income is not null
since >= "2024-06-30" and '01.09.2024' > since|since >= '2024-06-30' and since < '2024-09-01'
age < shop|age < shop
key == "p7" or key == 'p9'|key in ('p7', 'p9')
income == -0 or pay > .999e0 or pay <= +1e-2|income = 0 or pay > 0.999 or pay <= 0.01
pay <= 0.017 or pay == 0.018|pay <= 0.017 or pay = 0.018
ROWS
}

@test "filter: splits and statistics are of what is left; the file trains" {
    ds-data filter -q split.h5 --where 'not missing(age)' -o f.h5
    ds-data filter -q split.h5:train --where 'not missing(age)' -o t.h5
    assert_equal "$(keys f.h5:train | sort)" "$(keys t.h5 | sort)"
    assert_equal "$(info f.h5 '.statistics_of, (.splits | keys | join(","))' | xargs)" 'train train,val'
    statistics() { /usr/bin/python3 -c 'import h5py, json, sys; print(json.loads(h5py.File(sys.argv[1])["meta"][()])["statistics"])' "$1"; }
    [ -n "$(statistics f.h5)" ]
    assert_equal "$(statistics f.h5)" "$(statistics t.h5)"
    assert_equal "$(info t.h5 '[.columns[] | select(.name == "age").missing]')" '[null]'
    ds-data export csv -q f.h5:train -o t.csv
    /usr/bin/python3 - <<'PYTHON'
import csv, h5py, json, statistics
ages = [float(r["age"]) for r in csv.DictReader(open("t.csv"))]
found = json.loads(h5py.File("f.h5")["meta"][()])["statistics"]["age"]
assert abs(found["mean"][0] - statistics.mean(ages)) < 1e-6 and abs(found["std"][0] - statistics.pstdev(ages)) < 1e-6
PYTHON
    shell "ds-data filter people.h5 --where \"city == 'Roma'  or key == 'p1'\" -o r.h5"
    [[ $stderr == *"no row has the city 'Roma'; did you mean Rome?"* ]] || fail "$stderr"
    ds-train -q tabular -d f.h5:train --val f.h5:val --steps 2 --seed 1 -o m.h5
}

@test "filter: what cannot be read or compared" {
    while IFS='|' read -r status words where; do
        refuses "$status" "$words" "ds-data filter split.h5 --where '$where' -o out.h5"
    done <<'ROWS'
64|cannot be read at '~= 3': a comparison|age ~= 3
64|there is no column 'agee'; did you mean age?|agee > 3
64|there is no column 'Rome'|city == Rome
64|column 'city' has names, which are not less or greater|city < "b"
64|column 'age' has numbers, and 'old' is none|age == "old"
64|column 'since' has dates, and 'June' is none|since > "June"
64|one has names and one numbers|city == age
65|for none of its 400 rows does age > 99 hold|age > 99
ROWS
    ds-data import idx -q <(printf '\0\0\010\003\0\0\0\2\0\0\0\1\0\0\0\1ab') -o i.h5
    refuses 64 "column 'image' has arrays or text, which are not compared" "ds-data filter i.h5 --where 'image > 3' -o out.h5"
    sed 1d people.csv | head -3 | sed '1i key,age,income,city,since,shop,pay' >few.csv
    ds-data import csv -q few.csv --id key -o few.h5
    ds-data split -q few.h5 --val 2 --seed 1 -o two.h5
    key=$(keys two.h5:val | head -1)
    refuses 65 'nothing is left of the split train, whose rows its statistics are of' "ds-data filter -q two.h5 --where 'key == \"$key\"' -o out.h5"
}

@test "select: columns in order, or all but some; rows, splits, statistics and digests stay" {
    ds-data select -q split.h5 --columns pay,city --columns age -o s.h5
    assert_equal "$(info s.h5 '[.columns[].name]')" '["pay","city","age"]'
    assert_equal "$(ds-data export csv -q s.h5:val -o -)" "$(ds-data export csv -q split.h5:val -o - | awk -F, 'BEGIN { OFS = "," } { print $7, $4, $2 }')"
    ds-data select -q split.h5 --drop key,income,since,shop -o d.h5
    assert_equal "$(info d.h5 '[.columns[].name]')" '["age","city","pay"]'
    assert_equal "$(info d.h5 '.splits, .statistics_of' | xargs)" "$(info split.h5 '.splits, .statistics_of' | xargs)"
    /usr/bin/python3 - <<'PYTHON'
import h5py, json
old, new = (json.loads(h5py.File(f)["meta"][()]) for f in ("split.h5", "d.h5"))
assert new["statistics"] == {"age": old["statistics"]["age"]} and new["missing_words"] == old["missing_words"]
PYTHON
    refuses 64 "there is no column 'citi'; did you mean city?" 'ds-data select split.h5 --columns citi -o out.h5'
    refuses 64 'give one of them' 'ds-data select split.h5 --columns city --drop age -o out.h5'
    refuses 64 'named twice' 'ds-data select split.h5 --columns city,age,city -o out.h5'
    refuses 64 'no column is left' 'ds-data select shops.h5 --drop shop,size,kind -o out.h5'
    refuses 64 '--columns to keep, or --drop' 'ds-data select shops.h5 -o out.h5'
}

@test "join gives what SQLite gives, with and without rows that have no partner" {
    for left in '' --left; do
        shell "ds-data join $left split.h5 shops.h5 --on shop -o j$left.h5"
        assert_equal "$status" 0
        [[ $stderr == *'rows of split.h5 have no partner in shops.h5'* ]] || fail "$stderr"
        ds-data export csv -q j$left.h5 -o found.csv
        /usr/bin/python3 - "${left:+left}" <<'PYTHON'
import csv, sqlite3, sys
db = sqlite3.connect(":memory:")
for name in ("people", "shops"):
    rows = list(csv.reader(open(name + ".csv")))
    db.execute(f"create table {name} ({','.join(rows[0])})")
    for row in rows[1:]: db.execute(f"insert into {name} values ({','.join('?' * len(row))})", row)
wanted = db.execute(f"select key, coalesce(size, ''), coalesce(kind, '') from people {sys.argv[1]} join shops using (shop) order by people.rowid").fetchall()
found = [(r["key"], r["size"], r["kind"]) for r in csv.DictReader(open("found.csv"))]
assert len(found) == len(wanted), (len(found), len(wanted))
for a, b in zip(found, wanted): assert a[0] == b[0] and a[2] == b[2] and (a[1] == b[1] == "" or float(a[1]) == float(b[1])), (a, b)
PYTHON
        # Statistics are over the training rows alone, each counted as often as it stands there.
        ds-data export csv -q j$left.h5:train -o t.csv
        /usr/bin/python3 - j$left.h5 <<'PYTHON'
import csv, h5py, json, statistics, sys
rows = list(csv.DictReader(open("t.csv")))
meta = json.loads(h5py.File(sys.argv[1])["meta"][()])
for name in ("age", "size"):
    values, found = [float(r[name]) for r in rows if r[name]], meta["statistics"][name]
    assert abs(found["mean"][0] - statistics.mean(values)) < 1e-6 and abs(found["std"][0] - statistics.pstdev(values)) < 1e-6
    assert found.get("missing", 0) == sum(r[name] == "" for r in rows)
labels = list(h5py.File(sys.argv[1])["labels/kind"].asstr())
assert [k for k, l in enumerate(labels) if l not in {r["kind"] for r in rows}] == meta["unseen"].get("kind", [])
assert meta["statistics_of"]["split"] == "train"
PYTHON
    done
    ds-train -q tabular -d j--left.h5:train --val j--left.h5:val --steps 2 --seed 1 -o m.h5
    mkdir again && cp people.csv shops.csv again && cd again && ds-info --script ../m.h5 >script && sh -e script 2>/dev/null
    cmp m.h5 ../m.h5
}

@test "join: names, ids and numbers are keys for one another; what is no key, and what clashes" {
    printf 'key,x\np3,1\np1,2\nnobody,3\n' >x.csv
    ds-data import csv -q x.csv --categorical key -o names.h5
    ds-data import csv -q x.csv --id key -o ids.h5
    for file in names ids; do
        ds-data join -q people.h5 $file.h5 --on key -o j.h5
        assert_equal "$(ds-data export csv -q j.h5 -o - | cut -d, -f1,8 | xargs)" 'key,x p1,2 p3,1'
    done
    ds-data join -q people.h5 ids.h5 --on key --left -o j.h5
    assert_equal "$(info j.h5 '[.samples, (.columns[] | select(.name == "x").missing)]')" '[400,398]'
    printf 'key,x\np3,1\np1,2\np3,9\n' >twice.csv
    ds-data import csv -q twice.csv --id key -o twice.h5
    refuses 65 "'p3' stands twice in column 'key', in rows 1 and 3" 'ds-data join people.h5 twice.h5 --on key -o out.h5'
    ds-data filter -q twice.h5 --where 'x < 9' -o once.h5
    ds-data join -q people.h5 once.h5 --on key -o j.h5
    refuses 65 "both people.h5 and people.h5 have a column 'age'" 'ds-data join people.h5 people.h5 --on key -o out.h5'
    refuses 64 "there is no column 'sho' to join on; did you mean shop?" 'ds-data join people.h5 shops.h5 --on sho -o out.h5'
    printf 'pay,z\n0.5,1\n' >z.csv
    ds-data import csv -q z.csv -o z.h5
    refuses 65 "keys are whole numbers, names or ids" 'ds-data join people.h5 z.h5 --on pay -o out.h5'
    printf 'key,x\nq,1\n' >none.csv
    ds-data import csv -q none.csv --id key -o none.h5
    refuses 65 "no 'key' of people.h5 is one of none.h5" 'ds-data join people.h5 none.h5 --on key -o out.h5'
    ds-data import csv -q x.csv --id key --target x -o target.h5
    refuses 65 "column 'x' cannot be missing" 'ds-data join people.h5 target.h5 --on key --left -o out.h5'
    refuses 64 'join takes two files, not 3' 'ds-data join people.h5 shops.h5 z.h5 --on key -o out.h5'
}

@test "whole numbers beyond what 32-bit floats hold stay what they are, from import to every comparison" {
    first=$((1 << 24)) # 16777216, which a float takes for 16777217 as well
    { echo id,x,y; for i in {0..199}; do echo "$((first + i / 2)),$((i % 7)),$((i % 5))"; done; } >big.csv
    { echo id,z; for i in {0..99}; do echo "$((first + i)),$i"; done; } >right.csv
    ds-data import csv big.csv --target y -o big.h5
    ds-data import csv -q right.csv -o right.h5
    assert_equal "$(info big.h5 '.columns[0].dtype, .columns[1].dtype' | xargs)" 'f64 f32'
    diff <(ds-data export csv -q big.h5 -o -) big.csv
    [[ $(ds-data info big.h5) == *'number f64, 16777216 to 16777315, '* ]]
    ds-data join -q big.h5 right.h5 --on id -o j.h5
    awk -F, -v first=$first 'NR > 1 && $1 - first != $4 { exit 1 }' <(ds-data export csv -q j.h5 -o -)
    ds-data filter -q big.h5 --where 'id == 16777217' -o one.h5
    assert_equal "$(keys one.h5 | xargs)" '16777217 16777217'
    ds-data filter -q j.h5 --where 'id == 16777217 or id >= 16777315' -o some.h5
    assert_equal "$(keys some.h5 | xargs)" '16777217 16777217 16777315 16777315'
    ds-data split -q big.h5 --group id --val 100 --seed 1 -o s.h5
    assert_equal "$(info s.h5 '.splits.val')" 100
    [ -z "$(comm -12 <(keys s.h5:train | sort -u) <(keys s.h5:val | sort -u))" ]
    # A model sees their differences, and the same of a table as of a data file.
    ds-train tabular -q -d s.h5:train --steps 20 --seed 1 -o m.h5
    ds-eval -q m.h5 -d s.h5:val --predictions eval.csv
    ds-data export csv -q s.h5:val -o val.csv && ds-infer -q m.h5 val.csv -o infer.csv
    diff <(cut -d, -f3 eval.csv | tail -n +2) <(cut -d, -f4 infer.csv | tail -n +2) || head -n 3 eval.csv infer.csv
    awk -F, 'NR > 1 && !seen[$4]++ { n++ } END { exit n < 50 }' infer.csv
}

@test "numbers that are not kept to the last digit are told on import, and are no keys" {
    printf 'id,x\n9007199254740992,1\n9007199254740993,2\n' >huge.csv
    printf 'id,z\n1,1\n' >right.csv && ds-data import csv -q right.csv -o right.h5
    run -0 --separate-stderr ds-data import csv huge.csv -o huge.h5
    [[ $stderr == *"warning: column 'id' has '9007199254740993' in line 3, whose last digits a number of 64 bits does not hold; --id id or --categorical id keeps such numbers as they are written"* ]]
    refuses 65 "huge.h5: column 'id' is f64 and has 9007199254740992 in row 1, whose last digits may be lost" \
        'ds-data join huge.h5 right.h5 --on id -o out.h5'
    refuses 65 "huge.h5: column 'id' is f64 and has 9007199254740992 in row 1" 'ds-data split huge.h5 --group id --val 1 -o out.h5'
    refuses 64 "huge.h5: column 'id' is f64, which does not hold 9007199254740993 to the last digit" \
        "ds-data filter huge.h5 --where 'id == 9007199254740993' -o out.h5"
    ds-data filter -q huge.h5 --where 'id > 1' -o both.h5
    for option in --id --categorical; do
        ds-data import csv huge.csv $option id -o names.h5
        ds-data filter -q names.h5 --where 'id == "9007199254740993"' -o one.h5
        assert_equal "$(ds-data export csv -q one.h5 -o - | tail -n 1)" 9007199254740993,2
    done
    # Arrays of integers hold all 64 bits.
    /usr/bin/python3 - <<'PYTHON'
import numpy as np
ids = np.array([2**62, 2**62 + 1, 2**62 + 2])
np.savez("ids.npz", id=ids, x=np.arange(3.0)); np.savez("other.npz", id=ids[::-1], z=np.arange(3.0))
np.savez("floats.npz", id=(ids / 2**38).astype("f4"), x=np.arange(3.0))
PYTHON
    for name in ids other floats; do ds-data import npy -q $name.npz --column id --column $([ $name = other ] && echo z || echo x) -o $name.h5; done
    ds-data join -q ids.h5 other.h5 --on id -o j.h5
    assert_equal "$(ds-data export csv -q j.h5 -o - | xargs)" \
        'id,x,z 4611686018427387904,0,2 4611686018427387905,1,1 4611686018427387906,2,0'
    ds-data filter -q ids.h5 --where 'id == 4611686018427387905' -o one.h5
    assert_equal "$(keys one.h5)" 4611686018427387905
    ds-data split -q ids.h5 --group id --val 1 --seed 1 -o s.h5
    assert_equal "$(info s.h5 '.splits.val')" 1
    refuses 65 "floats.h5: column 'id' is f32 and has 16777216 in row 1, whose last digits may be lost; import it anew" \
        'ds-data join floats.h5 other.h5 --on id -o out.h5'
    refuses 64 "column 'id' is f32, which does not hold 16777217 to the last digit; import it anew" \
        "ds-data filter floats.h5 --where 'id == 16777217' -o out.h5"
}

@test "join: a number that is missing is no key: it has no partner, and is nobody's" {
    printf 'id,x\n16777217,1\n,2\n5,3\n' >a.csv && printf 'id,z\n,7\n16777217,8\n' >b.csv
    for name in a b; do ds-data import csv -q $name.csv -o $name.h5; done
    ds-data join -q a.h5 b.h5 --on id -o j.h5
    assert_equal "$(ds-data export csv -q j.h5 -o - | xargs)" 'id,x,z 16777217,1,8'
    run -0 --separate-stderr ds-data join a.h5 b.h5 --on id --left -o j.h5
    [[ $stderr == *"2 rows of a.h5 have no partner"* ]] || fail "$stderr"
    assert_equal "$(ds-data export csv -q j.h5 -o - | tr '\n' ' ')" 'id,x,z 16777217,1,8 "",2,"" 5,3,"" '
}

@test "files in which a column has 32 and 64 bits are one data set" {
    printf 'id,x\n1,0.1\n2,0.2\n' >a.csv && printf 'id,x\n16777217,0.1\n,20000001.5\n' >b.csv
    for name in a b; do ds-data import csv -q $name.csv -o $name.h5; done
    ds-data cat -q a.h5 b.h5 -o ab.h5 && ds-data cat -q b.h5 a.h5 -o ba.h5
    assert_equal "$(info ab.h5 '[.columns[].dtype] | join(",")')" f64,f64
    assert_equal "$(keys ab.h5 | tr '\n' ' ')" '1 2 16777217 "" '
    assert_equal "$(keys ba.h5 | tr '\n' ' ')" '16777217 "" 1 2 '
    ds-data filter -q ab.h5 --where 'id == 2 or id == 16777217' -o f.h5
    assert_equal "$(keys f.h5 | xargs)" '2 16777217'
}

@test "times of the day are kept to the second, and columns of other widths are compared" {
    printf 't,a,b\n2024-02-29 12:00:30,0.1,0.1\n2024-02-29 12:00:31,20000001,0.2\n' >t.csv
    ds-data import csv -q t.csv -o t.h5
    ds-data filter -q t.h5 --where 't == "2024-02-29 12:00:31"' -o f.h5
    assert_equal "$(info f.h5 .samples)" 1
    ds-data filter -q t.h5 --where 'a == b' -o f.h5
    assert_equal "$(ds-data export csv -q f.h5 -o - | tail -n 1 | cut -d, -f2)" 0.1
}
