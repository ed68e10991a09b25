#!/usr/bin/env bats
# Pairs that find each other: two towers learned from a table, measured, and the nearest rows of another file.
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    # 80 users and 40 items, each a point of the plane; a user takes items near to him. Items come again and again; of
    # some users the age is missing; some names come in the test rows alone.
    /usr/bin/python3 - <<'PYTHON'
import numpy as np
rng = np.random.default_rng(4)
user, item = rng.normal(size=(80, 2)), rng.normal(size=(40, 2))
def line(u, i):
    age = "" if u % 7 == 0 else f"{user[u, 0] + rng.normal(0, .02):.3f}"
    return f"u{u:02},{age},{user[u, 1]:.3f},i{i:02},{item[i, 0]:.3f},{item[i, 1]:.3f}\n"
header = "user,user_age,user_income,item,item_price,item_size\n"
for name, users, n in ("train", 74, 900), ("test", 80, 150):
    with open(name + ".csv", "w") as f:
        f.write(header)
        for _ in range(n):
            u = int(rng.integers(0, users))
            near = np.argsort(((item - user[u]) ** 2).sum(1))
            f.write(line(u, int(near[min(39, int(rng.exponential(1.5)))])))
with open("items.csv", "w") as f:
    f.write("item,item_price,item_size,kind\n")
    for i in range(40): f.write(f"i{i:02},{item[i, 0]:.3f},{item[i, 1]:.3f},{'large' if item[i, 1] > 0 else 'small'}\n")
with open("users.csv", "w") as f:
    f.write("user,user_age,user_income\n")
    for u in range(80): f.write(",".join(line(u, 0).split(",")[:3]) + "\n")
PYTHON
    for part in train test; do ds-data import csv -q $part.csv --categorical user,item -o $part.h5; done
    ds-data import csv -q items.csv --categorical item --target kind -o items.h5
    ds-train -q two-tower --set size=8 --set width=16 --set dropout=0 -d train.h5 --val test.h5 --epochs 12 --batch 64 --seed 1 \
        --log log.jsonl -o m.h5
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" && F=$BATS_FILE_TMPDIR || return; }

refuses() { # STATUS WORDS TOOL WORDS...
    run --separate-stderr "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error "$3"
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}

@test "metrics are those that numpy computes from the vectors of both towers" {
    ds-eval "$F/m.h5" -d "$F/test.h5" --json >said.json
    for batch in 1 7; do ds-eval "$F/m.h5" -d "$F/test.h5" --json --batch $batch | cmp - said.json; done
    ds-infer "$F/m.h5" "$F/test.h5" --layer first --raw first.npy >/dev/null
    ds-infer "$F/m.h5" "$F/test.h5" --layer second --raw second.npy >/dev/null
    ds-infer "$F/m.h5" "$F/test.csv" -o pairs.csv 2>/dev/null
    ds-eval "$F/m.h5" -d "$F/test.h5" --predictions p.csv >/dev/null
    assert_equal "$(head -1 p.csv)" sample,similarity
    /usr/bin/python3 - "$F" <<'PYTHON'
import csv, json, sys
import numpy as np
rows = list(csv.DictReader(open(sys.argv[1] + "/test.csv")))
unit = lambda v: v / np.linalg.norm(v, axis=1, keepdims=True)
first, second = (unit(np.load(n + ".npy").astype(float)) for n in ("first", "second"))
# A side is known by all of its columns.
users = [(r["user"], r["user_age"], r["user_income"]) for r in rows]
items = [r["item"] for r in rows]
one_each = list(dict.fromkeys(items))
cosine = first @ second[[items.index(i) for i in one_each]].T
places = []
for s in range(len(rows)):
    own = one_each.index(items[s])
    right = {one_each.index(i) for i, u in zip(items, users) if u == users[s]}
    places.append(1 + sum(cosine[s, p] > cosine[s, own] for p in range(len(one_each)) if p not in right))
places = np.array(places)
said = json.load(open("said.json"))
assert said["task"] == "retrieval" and said["partners"] == len(one_each), said
for name, value in ("mrr", (1 / places).mean()), *((f"recall@{k}", (places <= k).mean()) for k in (1, 10, 100)):
    assert abs(said[name] - value) < 1e-9, (name, said[name], value)
assert said["mrr"] > 0.25 and said["recall@10"] > 0.8, said
for name in "pairs.csv", "p.csv":
    told = [float(r["similarity"]) for r in csv.DictReader(open(name))]
    assert np.allclose(told, (first * second).sum(1), atol=1e-5), name
PYTHON
    jq -se 'map(select(.val_mrr)) | length == 12 and .[-1].decided_by == "mrr" and .[-1].val_mrr > .[0].val_mrr' "$F/log.jsonl"
    ds-eval "$F/m.h5" -d "$F/test.h5" --compare "$F/m.h5" >/dev/null
    run -1 ds-eval "$F/m.h5" -d "$F/test.h5" --min recall@1=0.99
}

@test "the nearest rows are those of numpy, by their ids or places, with their labels" {
    ds-infer "$F/m.h5" "$F/users.csv" --nearest "$F/items.h5" --top 3 >near.csv
    ds-infer "$F/m.h5" - --nearest "$F/items.h5" --top 3 --batch 7 -o again.csv <"$F/users.csv"
    diff <(cut -d, -f2- near.csv) <(cut -d, -f2- again.csv)
    cut -d, -f1-3 "$F/items.csv" >plain.csv # rows by their ids
    ds-data import csv -q plain.csv --categorical item -o plain.h5
    ds-infer "$F/m.h5" "$F/users.csv" --layer first --raw first.npy >/dev/null
    ds-infer "$F/m.h5" plain.csv --layer second --raw second.npy >/dev/null
    ds-infer "$F/m.h5" "$F/users.csv" --nearest plain.h5 --top 100 --json >all.json
    /usr/bin/python3 - "$F" <<'PYTHON'
import csv, json, sys
import numpy as np
first, second = (np.load(n + ".npy").astype(float) for n in ("first", "second"))
unit = lambda v: v / np.linalg.norm(v, axis=1, keepdims=True)
cosine = (unit(first) @ unit(second).T).astype(np.float32)
order = np.argsort(-cosine, 1, kind="stable")
kinds = [r["kind"] for r in csv.DictReader(open(sys.argv[1] + "/items.csv"))]
rows = list(csv.DictReader(open("near.csv")))
assert list(rows[0]) == ["query", "rank", "neighbour", "label", "similarity"] and len(rows) == 240
for n, r in enumerate(rows):
    u, k = divmod(n, 3)
    i = order[u, k]
    assert r["query"].endswith(f"users.csv[{u}]") and int(r["rank"]) == k + 1, r
    assert r["neighbour"].endswith(f"items.h5[{i}]") and r["label"] == kinds[i], (r, i)
    assert np.float32(r["similarity"]) == cosine[u, i] or abs(float(r["similarity"]) - cosine[u, i]) < 1e-6
told = json.load(open("all.json"))
assert len(told) == 80 and all(len(t["nearest"]) == 40 for t in told) and "label" not in told[0]["nearest"][0]
assert [n["neighbour"] for n in told[5]["nearest"]] == [f"plain.h5[{i}]" for i in order[5]]
PYTHON
}

@test "--nearest lists an item once, takes patterns, and prints nothing where it fails" {
    ds-infer "$F/m.h5" "$F/users.csv" --nearest "$F/train.h5" --top 100 --json >all.json # rows are pairs: items come again
    ds-infer "$F/m.h5" "$F/train.csv" --layer second --raw second.npy >/dev/null 2>&1
    /usr/bin/python3 - "$F" <<'PYTHON'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1] + "/train.csv")))
first = {}
for n, r in enumerate(rows): first.setdefault(r["item"], n)
for t in json.load(open("all.json")):
    found = [int(n["neighbour"].split("[")[1][:-1]) for n in t["nearest"]]
    assert sorted(found) == sorted(first.values()), found
PYTHON
    head -20 "$F/items.csv" >a.csv
    (head -1 a.csv && tail -n +21 "$F/items.csv") >b.csv
    for p in a b; do ds-data import csv -q $p.csv --categorical item --target kind -o shard-$p.h5; done
    ds-infer "$F/m.h5" "$F/users.csv" --nearest 'shard-*.h5' --top 3 >near.csv
    ds-infer "$F/m.h5" "$F/users.csv" --nearest "$F/items.h5" --top 3 >whole.csv
    diff <(cut -d, -f1,2,4- near.csv) <(cut -d, -f1,2,4- whole.csv)
    grep -q 'shard-b.h5\[0\]' near.csv
    ! grep -q 'more\[' near.csv
    refuses 66 "no file matches 'none-*.h5'" ds-infer "$F/m.h5" "$F/users.csv" --nearest 'none-*.h5'
    run --separate-stderr ds-infer "$F/m.h5" nowhere.csv --nearest "$F/items.h5"
    assert_equal "$status,$output" '66,'
}

@test "one item, or one user, is nothing to learn" {
    sed '2,$s/,i[0-9]*,.*/,i01,1,1/' "$F/train.csv" >one.csv
    ds-data import csv -q one.csv --categorical user,item -o one.h5
    refuses 65 'one.h5: the seconds of all 900 pairs are the same one; there is nothing to tell apart' ds-train two-tower -d one.h5 --epochs 1 -o x.h5
    sed '2,$s/^u[0-9]*,[^,]*,[^,]*,/u01,1,1,/' "$F/train.csv" >one.csv
    ds-data import csv -q one.csv --categorical user,item -o one.h5
    refuses 65 'the firsts of all 900 pairs are the same one' ds-train two-tower -d one.h5 --epochs 1 -o x.h5
    assert_not_exists x.h5
}

@test "embeddings and layers have neighbours: labels, splits, ids, equal rows in their order" {
    printf 'name,a,b,kind\nn1,1,0,x\nn2,0,1,y\nn3,2,0,x\nn4,-1,1,y\nn5,1,0,"x, too"\n' >d.csv
    ds-data import csv -q d.csv --id name --target kind -o d.h5
    printf '%s\n' 'inputs: {a: "f32[N]", b: "f32[N]"}' 'layers:' '  - reshape: {from: a, shape: "[N,1]", as: x}' \
        '  - reshape: {from: b, shape: "[N,1]", as: y}' '  - concat: {name: both, from: [x, y]}' \
        '  - relu: {name: positive}' '  - linear: {name: v, units: 2}' 'loss: contrastive' >m.yaml
    ds-train -q ./m.yaml -d d.h5 --epochs 1 --batch 5 --seed 1 -o e.h5 2>/dev/null
    ds-infer e.h5 d.h5 --nearest d.h5 --top 2 -o near.csv
    head -2 near.csv | tail -1 | grep -q '^n1,1,n1,x,1$' # itself
    ds-infer e.h5 d.h5 --nearest d.h5 --top 5 --layer both >near.csv
    # The columns are standardised by mean and deviation, so that n1 and n5 are one direction, and in the data's order.
    grep -q '^n5,1,n1,x,1$' near.csv && grep -q '^n5,2,n5,"x, too",1$' near.csv
    ds-data split -q d.h5 --val 2 --seed 1 -o s.h5
    ds-infer e.h5 d.h5 --nearest s.h5:val --top 5 >part.csv
    assert_equal "$(wc -l <part.csv)" 11
}

@test "vectors without a direction are refused by their rows, or left out; NaN, too" {
    printf 'a,b\n3,1\n-9,-9\n1,2\n' >d.csv
    ds-data import csv -q d.csv -o d.h5
    printf '%s\n' 'inputs: {a: "f32[N]", b: "f32[N]"}' 'layers:' '  - reshape: {from: a, shape: "[N,1]", as: x}' \
        '  - reshape: {from: b, shape: "[N,1]", as: y}' '  - concat: {from: [x, y]}' '  - relu: {name: positive, as: p}' \
        '  - linear: {name: v, units: 2, as: q}' 'loss: {kind: info_nce, from: p, target: q}' >m.yaml
    ds-train -q ./m.yaml -d d.h5 --epochs 1 --batch 3 --seed 1 -o z.h5
    refuses 65 'row 2 of the file (d.h5[1]) is zero' ds-infer z.h5 d.csv --nearest d.h5 --layer positive -o x.csv
    [ ! -e x.csv ]
    ds-infer z.h5 d.csv --nearest d.h5 --layer positive --skip-bad -o x.csv 2>said
    assert_equal "$(cut -d, -f1,2,3 x.csv | tr '\n' ' ')" 'query,rank,neighbour d.csv[0],1,d.h5[0] d.csv[2],1,d.h5[2] '
    grep -q 'd.csv\[1\]: what the model z.h5 makes of it is zero and points nowhere; left out' said
    grep -q '2 predicted, 1 bad ones left out' said
    sed 2q d.csv | ds-data import csv -q - -o good.h5
    refuses 65 'd.csv[1]: what the model z.h5 makes of it is zero' ds-infer z.h5 d.csv --nearest good.h5 --layer positive -o x2.csv
    [ ! -e x2.csv ]
    printf 'a,b\n-9,-9\n' | ds-data import csv -q - -o none.h5
    refuses 65 'is zero' ds-infer z.h5 d.csv --nearest none.h5 --layer positive
    run -65 ds-infer z.h5 d.csv --nearest none.h5 --layer positive --skip-bad
    assert_output --partial 'none of its 1 rows can be compared'
}

@test "--nearest is refused where it says nothing, and its vectors are counted" {
    ds-train -q tabular --set depth=0 -d "$F/items.h5" --epochs 1 --seed 1 -o t.h5
    refuses 64 'name a layer whose values they are' ds-infer t.h5 "$F/items.csv" --nearest "$F/items.h5"
    for option in '--raw x.npy' '--probabilities' '--threshold 0.3' '--overlay x.png'; do
        # shellcheck disable=SC2086
        refuses 64 '--nearest gives rows of data' ds-infer "$F/m.h5" "$F/users.csv" --nearest "$F/items.h5" $option
    done
    refuses 64 '--nearest is for INPUT files' ds-infer "$F/m.h5" --prompt x --nearest "$F/items.h5"
    refuses 66 'nothing.h5' ds-infer "$F/m.h5" "$F/users.csv" --nearest nothing.h5
    # 40,000 rows of 8 numbers and what else is kept of them are 1.8 MiB.
    /usr/bin/python3 -c '
print("item,item_price,item_size")
for i in range(40000): print(f"i{i % 40:02},{i % 97},{i % 89}")' >many.csv
    ds-data import csv -q many.csv --categorical item -o many.h5
    ds-infer "$F/m.h5" "$F/users.csv" --nearest "$F/items.h5" --memory 1MiB >/dev/null
    refuses 69 'memory' ds-infer "$F/m.h5" "$F/users.csv" --nearest many.h5 --memory 1MiB
    ds-infer "$F/m.h5" "$F/users.csv" --nearest many.h5 --memory 8MiB >/dev/null
}

@test "a run that is stopped and resumed ends with the same towers; the script gives the file again" {
    train() { ds-train -q two-tower --set size=4 --set width=8 --set id=item -d "$F/train.h5" --batch 64 --seed 4 "$@"; }
    train --epochs 2 -o whole.h5
    train --epochs 2 --stop-after 9 -o part.h5
    ds-train -q --resume part.h5 -d "$F/train.h5" -o rest.h5
    ds-info --diff whole.h5 rest.h5
    ds-info whole.h5 --script | grep -q -- '--set=id=item'
    ds-info whole.h5 --graph | grep -q 'alike/user_age/user_income/user//item'
}

@test "what makes no two towers is refused by name" {
    refuses 64 "'people*' names no column of the data that can be taken" ds-train two-tower --set 'first=people*' -d "$F/train.h5" -o x.h5
    refuses 64 "column 'user' is an input of other layers already" ds-train two-tower --set 'second=item*,user' -d "$F/train.h5" -o x.h5
    refuses 65 "there is no column 'sku'" ds-train two-tower --set id=sku -d "$F/train.h5" -o x.h5
    ds-data select -q "$F/test.h5" --drop user_age -o few.h5
    refuses 65 "user_age" ds-eval "$F/m.h5" -d few.h5
    refuses 64 "no metric 'loss'" ds-eval "$F/m.h5" -d "$F/test.h5" --max loss=1
    [ ! -e x.h5 ]
}

@test "pictures and captions: towers of inputs that are no single numbers have pairs of their own" {
    /usr/bin/python3 - <<'PYTHON'
import numpy as np
rng = np.random.default_rng(1)
code = rng.normal(size=(120, 3)).astype(np.float32)
picture = np.clip(128 + 60 * np.einsum("nk,khw->nhw", code, rng.normal(size=(3, 6, 6))) / 2, 0, 255).astype(np.uint8)[:, None]
np.savez("pairs.npz", picture=picture, caption=code @ rng.normal(size=(3, 5)).astype(np.float32))
PYTHON
    ds-data import npy -q pairs.npz --column picture --column caption -o pairs.h5
    ds-data split -q pairs.h5 --val 40 --seed 1 -o p.h5
    printf '%s\n' 'inputs: {picture: "f32[N,1,6,6]", caption: "f32[N,5]"}' 'layers:' '  - flatten: {from: picture}' \
        '  - linear: {name: a, units: 4, as: a}' '  - linear: {name: b, from: caption, units: 4, as: b}' \
        'loss: {kind: info_nce, from: a, target: b}' >clip.yaml
    ds-train -q ./clip.yaml -d p.h5:train --val p.h5:val --epochs 60 --batch 40 --lr 0.02 --seed 1 -o clip.h5
    ds-eval clip.h5 -d p.h5:val --min mrr=0.5 --min recall@10=0.9
    ds-data export npy p.h5:val --column picture -o images.npy
    ds-infer clip.h5 images.npy --nearest p.h5:val --top 1 | tail -n +2 |
        awk -F'[][]' '{n += $2 == $4} END {exit !(n >= 12)}' # many find their own captions
}

@test "0 and -0 are one item" {
    printf 'user,item\n' >zero.csv
    for i in {1..6}; do printf 'u%s,0\nu%s,-0\nu%s,5\n' $i $i $i; done >>zero.csv
    ds-data import csv -q zero.csv --categorical user -o zero.h5
    ds-train two-tower -q -d zero.h5 --steps 1 --seed 1 -o zero-model.h5
    run -0 ds-eval zero-model.h5 -d zero.h5 --json
    assert_equal "$(jq .partners <<<"$output")" 2
}
