#!/usr/bin/env bats
# Rows of a group in the order of their relevance: imported, divided, learned, measured, used.
load common

setup_file() {
    export INPUTS=$BATS_FILE_TMPDIR/inputs
    mkdir -p "$INPUTS" && cd "$INPUTS" || return
    # 60 queries of 1 to 12 rows, of which the features tell the relevance 0..3 within the query, and a part that is the
    # query's alone; as CSV, its rows in any order, and as LETOR.
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(7)
rows = []
for q in range(60):
    level = random.gauss(0, 3)
    for r in range(1 + q % 12):
        a, b = random.gauss(0, 1), random.gauss(0, 1)
        y = max(0, min(3, round(1 + a - b + random.gauss(0, .3))))
        rows.append((f"q{q:02}", f"d{q}_{r}", a + level, b + level, y))
with open("letor.txt", "w") as f:
    for q, d, a, b, y in rows: f.write(f"{y} qid:{int(q[1:])} 1:{a:.5f} 2:{b:.5f} #{d}\n")
random.shuffle(rows)
with open("rows.csv", "w") as f:
    f.write("query,doc,a,b,y\n")
    for q, d, a, b, y in rows: f.write(f"{q},{d},{a:.5f},{b:.5f},{y}\n")
PYTHON
    ds-data import csv -q rows.csv --target y --group query --id doc -o rows.h5
    ds-data split -q rows.h5 --val 0.25 --seed 3 -o parts.h5 2>said
    ds-train -q tabular --set width=16 --set depth=1 -d parts.h5:train --val parts.h5:val --epochs 30 --batch 64 --seed 1 \
        --log log.jsonl -o m.h5 2>trained
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

refuses() { # STATUS WORDS TOOL WORDS...
    run --separate-stderr "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error "$3"
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}

@test "groups travel: info, split, select, filter, join, cat, export" {
    run -0 ds-data info "$INPUTS/rows.h5"
    assert_line --regexp '^column +query: group u8, 60 groups, the largest of 12 rows$'
    run -0 ds-data info "$INPUTS/parts.h5:val" --json
    n=$(jq .samples <<<"$output") g=$(jq '.columns[] | select(.kind == "group") | .groups' <<<"$output")
    t=$(ds-data info "$INPUTS/parts.h5:train" --json | jq '.columns[] | select(.kind == "group") | .groups')
    assert_equal "$((g + t))" 60 # no query is in both parts
    [ "$n" -gt 80 ] && [ "$n" -lt 115 ]
    ds-data filter -q "$INPUTS/rows.h5" --where 'query == "q11" or a > 100' -o q.h5
    run -0 ds-data export csv q.h5 -o -
    assert_equal "$(grep -c ^q11, <<<"$output")" 12
    printf 'query,country\nq11,ch\nq10,no\n' >places.csv
    ds-data import csv -q places.csv --id query -o places.h5
    ds-data join -q "$INPUTS/rows.h5" places.h5 --on query -o joined.h5
    ds-data select -q joined.h5 --drop doc -o few.h5
    ds-data cat -q few.h5 few.h5 -o twice.h5
    run -0 ds-data info twice.h5
    assert_line --regexp '^column +query: group u8, 2 groups, the largest of 24 rows$'
}

@test "a ranking is learned, measured over whole groups, and remembers how" {
    run -0 ds-eval "$INPUTS/m.h5" -d "$INPUTS/parts.h5:val" --json
    jq -e '.task == "ranking" and .["ndcg@10"] > 0.9 and .groups > 10 and .without_relevant >= 0' <<<"$output"
    for batch in 1 7 1000; do
        assert_equal "$(ds-eval "$INPUTS/m.h5" -d "$INPUTS/parts.h5:val" --json --batch $batch | jq -S 'del(.checks)')" \
            "$(jq -S . <<<"$output")"
    done
    jq -se 'map(select(.["val_ndcg@10"])) | length == 30 and .[-1].decided_by == "ndcg@10"' "$INPUTS/log.jsonl"
    run -1 ds-eval "$INPUTS/m.h5" -d "$INPUTS/parts.h5:val" --min ndcg@10=0.9999
    assert_line --regexp '^missed ndcg@10 >= 0.9999'
    ds-eval "$INPUTS/m.h5" -d "$INPUTS/parts.h5:val" --compare "$INPUTS/m.h5" --curves c.svg >/dev/null
    [ -s c.svg ]
}

@test "--predictions has group, row, relevance, score and rank, from which numpy computes the same metrics" {
    for batch in 1 9 1000; do
        ds-eval "$INPUTS/m.h5" -d "$INPUTS/rows.h5" --batch $batch --predictions p$batch.csv --json >e.json
    done
    cmp p9.csv p1000.csv
    assert_equal "$(head -1 p1.csv)" query,doc,relevance,score,rank
    ds-eval "$INPUTS/m.h5" -d "$INPUTS/rows.h5" --predictions - 2>/dev/null | cmp - p1000.csv
    /usr/bin/python3 - "$INPUTS/rows.csv" <<'PYTHON'
import csv, json, sys
import numpy as np
of = {r["doc"]: r for r in csv.DictReader(open(sys.argv[1]))}
groups, places = {}, []
for p in csv.DictReader(open("p1000.csv")):
    assert p["query"] == of[p["doc"]]["query"] and float(p["relevance"]) == float(of[p["doc"]]["y"]), p
    groups.setdefault(p["query"], []).append((float(p["score"]), float(p["relevance"]), int(p["rank"])))
    places.append(p["doc"])
assert places == list(of)
gain = lambda y, k: ((2 ** y[:k] - 1) / np.log2(np.arange(2, 2 + len(y[:k])))).sum()
found = {name: [] for name in ("ndcg@10", "ndcg@5", "ndcg", "map", "mrr", "recall@10")}
for rows in groups.values():
    score, y, rank = np.array(rows).T
    assert (rank == 1 + (score[None] > score[:, None]).sum(1)).all(), rows
    y = y[np.argsort(rank)]
    hits = np.flatnonzero(y > 0)
    if not len(hits): continue
    for name, k in ("ndcg@10", 10), ("ndcg@5", 5), ("ndcg", len(y)):
        found[name].append(gain(y, k) / gain(np.sort(y)[::-1], k))
    found["map"].append(((np.arange(len(hits)) + 1) / (hits + 1)).mean())
    found["mrr"].append(1 / (hits[0] + 1))
    found["recall@10"].append((hits < 10).mean())
e = json.load(open("e.json"))
assert e["groups"] == len(groups) and e["without_relevant"] == len(groups) - len(found["map"]), e
for name, all in found.items(): assert abs(e[name] - np.mean(all)) < 1e-9, (name, e[name], np.mean(all))
PYTHON
}

@test "columns of --predictions have names of their own, whatever groups and rows are called" {
    sed '1s/query,doc/rank,group/' "$INPUTS/rows.csv" >named.csv
    ds-data import csv -q named.csv --target y --group rank --id group -o named.h5
    ds-eval "$INPUTS/m.h5" -d named.h5 --predictions p.csv >/dev/null
    assert_equal "$(head -1 p.csv)" group_,group,relevance,score,rank
    cut -d, -f1,3- "$INPUTS/rows.csv" | sed '1s/query/sample/' >unnamed.csv
    ds-data import csv -q unnamed.csv --target y --group sample -o unnamed.h5
    ds-eval "$INPUTS/m.h5" -d unnamed.h5 --predictions p.csv >/dev/null
    assert_equal "$(head -1 p.csv)" group,sample,relevance,score,rank
    assert_equal "$(sed -n 2p p.csv | cut -d, -f2)" 0
}

@test "ds-infer says score and rank within the group, of data, tables and pipes" {
    ds-infer -q "$INPUTS/m.h5" "$INPUTS/rows.csv" -o t.csv
    ds-infer -q "$INPUTS/m.h5" - -o u.csv <"$INPUTS/rows.csv"
    cmp t.csv u.csv
    ds-infer -q "$INPUTS/m.h5" "$INPUTS/rows.h5" --json --batch 9 >d.json
    /usr/bin/python3 - <<'PYTHON'
import csv, json
rows = list(csv.DictReader(open("t.csv")))
groups = {}
for r in rows: groups.setdefault(r["query"], []).append(float(r["score"]))
for r in rows: assert int(r["rank"]) == 1 + sum(s > float(r["score"]) for s in groups[r["query"]]), r
told = {d["sample"]: d for d in json.load(open("d.json"))}
for r in rows: assert told[r["doc"]]["rank"] == int(r["rank"]) and abs(told[r["doc"]]["score"] - float(r["score"])) < 1e-4
PYTHON
    cut -d, -f3- "$INPUTS/rows.csv" | head -6 >alone.csv # no groups: all are one
    run -0 ds-infer -q "$INPUTS/m.h5" alone.csv
    assert_equal "$(sed 's/.*rank //' <<<"$output" | sort -n | tr '\n' ' ')" "1 2 3 4 5 "
    sed -i '3s/[^,]*/words/' alone.csv
    ds-infer -q "$INPUTS/m.h5" alone.csv --skip-bad -o b.csv 2>/dev/null
    grep -q '^words,.*,,$' b.csv
}

@test "a run that is stopped and resumed ends with the same bytes; the script gives the file again" {
    train() { ds-train -q tabular --set width=8 --set depth=1 --set loss=ranknet -d "$INPUTS/rows.h5" --batch 32 --seed 4 "$@"; }
    train --epochs 3 -o whole.h5
    train --epochs 3 --stop-after 7 -o part.h5
    ds-train -q --resume part.h5 -d "$INPUTS/rows.h5" -o rest.h5
    ds-infer -q whole.h5 "$INPUTS/rows.h5" --raw whole.npy >/dev/null
    ds-infer -q rest.h5 "$INPUTS/rows.h5" --raw rest.npy >/dev/null
    cmp whole.npy rest.npy
    cp "$INPUTS/rows.csv" .
    ds-info whole.h5 --script >again.sh
    grep -q -- '--group=query' again.sh
}

@test "svmlight and LETOR files become the rows that they say" {
    ds-data import svmlight -q "$INPUTS/letor.txt" -o letor.h5
    run -0 ds-data info letor.h5
    assert_line --regexp '^column +x: number f32\[2\]'
    assert_line --regexp '^column +qid: group u8, 60 groups'
    gzip -c "$INPUTS/letor.txt" | ds-data import svmlight -q - -o piped.h5
    for f in letor piped; do ds-train -q tabular --set depth=0 -d $f.h5 --epochs 1 --seed 1 -o $f-m.h5; ds-infer -q $f-m.h5 $f.h5 --raw $f.npy >/dev/null; done
    cmp letor.npy piped.npy
    printf -- '-1 3:2.5 1:1\n' >order.txt
    refuses 65 'indices ascend' ds-data import svmlight order.txt -o x.h5
    printf -- '-1 1:2.5\n+1 2:1 # two\n\n' >signs.txt
    ds-data import svmlight -q signs.txt --features 4 -o signs.h5
    run -0 ds-data info signs.h5
    assert_line --regexp '^column +x: number f32\[4\]'
    assert_line --regexp '^column +label: target f32, 0 to 1, mean 0.5$'
    ds-data import svmlight -q signs.txt --categorical label -o classes.h5
    run -0 ds-data info classes.h5
    assert_line --regexp 'label: target i32, 2 names: -1 1, 1 1$'
    printf '1 qid:1 1:1\n0 1:1\n' >some.txt
    refuses 65 'line 2: there is no qid' ds-data import svmlight some.txt -o x.h5
    refuses 65 '--features 1' ds-data import svmlight signs.txt --features 1 -o x.h5
    [ ! -e x.h5 ]
}

@test "what cannot be ranked is refused by name" {
    refuses 64 'there is no column' ds-data import csv "$INPUTS/rows.csv" --target y --group nothing -o x.h5
    refuses 64 'two uses' ds-data import csv "$INPUTS/rows.csv" --target y --group y -o x.h5
    refuses 64 '--id and as --group' ds-data import csv "$INPUTS/rows.csv" --id doc --group doc -o x.h5
    printf 'q,x,y\na,1,1\n,2,0\n' >hole.csv
    refuses 65 "line 3: the group 'q' is missing" ds-data import csv hole.csv --target y --group q -o x.h5
    printf 'q,x,y\na,1,1\na,2,-1\nb,1,0\n' >below.csv
    ds-data import csv -q below.csv --target y --group q -o below.h5
    refuses 65 'relevances are numbers from 0 to 31' ds-train tabular -d below.h5 -o x.h5
    printf 'q,x,y\na,1,1\na,2,1\nb,1,0\n' >same.csv
    ds-data import csv -q same.csv --target y --group q -o same.h5
    refuses 65 'there is no order to learn' ds-train tabular -d same.h5 -o x.h5
    ds-data select -q "$INPUTS/rows.h5" --drop query -o ungrouped.h5
    refuses 65 '--group COLUMN' ds-eval "$INPUTS/m.h5" -d ungrouped.h5
    refuses 64 '--shuffle-window' ds-train tabular -d "$INPUTS/rows.h5" --shuffle-window 1MiB -o x.h5
    refuses 65 'is learned alone' ds-train "$(printf '%s\n' 'inputs: {}' 'layers: [{columns: number}, {linear: 1}]' \
        'loss: [{kind: ranknet, name: a}, {kind: mse, name: b}]' >two.yaml; echo ./two.yaml)" -d "$INPUTS/rows.h5" -o x.h5
    [ ! -e x.h5 ]
}

@test "weights, memory and dry runs know groups; a group larger than a batch is cut and told" {
    awk -F, 'NR == 1 {print $0 ",w"; next} {print $0 "," ($1 == "q11" ? 2 : 1)}' "$INPUTS/rows.csv" >w.csv
    ds-data import csv -q w.csv --target y --group query --weight w --drop doc -o w.h5
    ds-train tabular --set depth=0 -d w.h5 --batch 8 --epochs 1 --seed 1 -o w-m.h5 2>said
    grep -q 'have more than the 8 rows of a batch and are cut in training; --batch 12 keeps them whole' said
    grep -q "samples count by their weight 'w'" said
    run -0 ds-train tabular -d w.h5 --dry-run
    assert_line --regexp '^peak memory'
}

@test "pairs: one scorer of both rows learns which is the better one" {
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(2)
score = lambda p: p[0] ** 2 - p[1]
with open("pairs.csv", "w") as f:
    f.write("a1,a2,b1,b2,first\n")
    for _ in range(600):
        a, b = [random.gauss(0, 1), random.gauss(0, 1)], [random.gauss(0, 1), random.gauss(0, 1)]
        f.write(",".join(f"{v:.4f}" for v in a + b) + f",{int(score(a) > score(b))}\n")
PYTHON
    cat >pairs.yaml <<'YAML'
inputs: {a1: "f32[N]", a2: "f32[N]", b1: "f32[N]", b2: "f32[N]"}
layers:
  - reshape: {from: a1, shape: "[N,1]", as: x1}
  - reshape: {from: a2, shape: "[N,1]", as: x2}
  - reshape: {from: b1, shape: "[N,1]", as: y1}
  - reshape: {from: b2, shape: "[N,1]", as: y2}
  - concat: {from: [x1, x2], as: a}
  - concat: {from: [y1, y2], as: b}
  - each: {name: scorer, from: [a, b], to: [u, v], body: [{linear: 16}, relu, {linear: {name: score, units: 1}}]}
  - subtract: {from: [u, v]}
loss: binary_cross_entropy
YAML
    ds-data import csv -q pairs.csv --target first -o pairs.h5
    ds-data split -q pairs.h5 --val 150 --seed 1 -o p.h5
    ds-train -q ./pairs.yaml -d p.h5:train --val p.h5:val --epochs 40 --batch 32 --lr 0.02 --seed 1 -o pm.h5
    ds-eval pm.h5 -d p.h5:val --min auc=0.97
    # Exchanged rows get the opposite answer but for what the columns' own means and deviations differ by.
    ds-infer -q pm.h5 pairs.csv --raw one.npy >/dev/null
    awk -F, 'BEGIN {OFS = ","} NR > 1 {t = $1; $1 = $3; $3 = t; t = $2; $2 = $4; $4 = t} {print}' pairs.csv >other.csv
    ds-infer -q pm.h5 other.csv --raw other.npy >/dev/null
    /usr/bin/python3 -c 'import numpy as np; a, b = np.load("one.npy"), np.load("other.npy"); assert ((a > 0) != (b > 0)).mean() > 0.95'
    run -0 ds-info pm.h5 --graph
    assert_equal "$(grep -c 'slot scorer.score.weight' <<<"$output")" 1
}
