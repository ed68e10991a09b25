#!/usr/bin/env bats
# Sentences whose words have tags: imported, divided, learned, measured, used.
load common

setup_file() {
    export INPUTS=$BATS_FILE_TMPDIR/inputs
    mkdir -p "$INPUTS" && cd "$INPUTS" || return
    # 300 sentences: persons are capitals behind a title, places are two words behind "in", the rest is small.
    /usr/bin/python3 - <<'PYTHON'
import random
random.seed(9)
names = ["Smith", "Baker", "Miller", "Cooper", "Fisher", "Weaver"]
places = [("New", "York"), ("Old", "Town"), ("San", "Marino")]
common = "the man saw a dog and then went home with some bread".split()
def sentence():
    words = []
    for _ in range(random.randint(2, 6)):
        words.append((random.choice(common), "O"))
        if random.random() < .3: words += [("Mr.", "B-PER"), (random.choice(names), "I-PER")]
        if random.random() < .2: words += [("in", "O"), *zip(random.choice(places), ("B-LOC", "I-LOC"))]
    return words + [(".", "O")]
with open("all.conll", "w") as f:
    f.write("-DOCSTART- X O\n\n")
    for _ in range(300): f.write("".join(f"{w} X {t}\n" for w, t in sentence()) + "\n")
PYTHON
    cat >conlleval.py <<'PYTHON'
def parse(tag): return ("O", "") if tag in "O_" else tuple(tag.split("-", 1))
def end_of_chunk(p, t, pt, tt):
    return p in "ES" or (p in "BI" and t in "BSO") or (p != "O" and pt != tt)
def start_of_chunk(p, t, pt, tt):
    return t in "BS" or (p in "ES" and t in "EI") or (p == "O" and t in "EI") or (t != "O" and pt != tt)
def evaluate(rows):
    found = correct = true = right = words = 0
    for row in rows:
        inside, lc, lg = False, ("O", ""), ("O", "")
        truth, said = row["target"].split(" "), row["predicted"].split(" ")
        assert len(truth) == len(said), row
        for c, g in zip(map(parse, truth + ["O"]), map(parse, said + ["O"])):
            if inside:
                ec, eg = end_of_chunk(lc[0], c[0], lc[1], c[1]), end_of_chunk(lg[0], g[0], lg[1], g[1])
                if ec and eg and lg[1] == lc[1]: inside, correct = False, correct + 1
                elif ec != eg or g[1] != c[1]: inside = False
            sc, sg = start_of_chunk(lc[0], c[0], lc[1], c[1]), start_of_chunk(lg[0], g[0], lg[1], g[1])
            if sc and sg and g[1] == c[1]: inside = True
            true, found = true + sc, found + sg
            lc, lg = c, g
        words, right = words + len(truth), right + sum(a == b for a, b in zip(truth, said))
    p, r = correct / found if found else 0, correct / true if true else 0
    return {"accuracy": right / words, "precision": p, "recall": r, "f1": 2 * p * r / (p + r) if p + r else 0}
PYTHON
    ds-data import conll -q all.conll -o all.h5
    ds-data split -q all.h5 --val 60 --seed 1 -o parts.h5
    ds-train -q tagger --set width=16 --set written=8 --set channels=16 --set depth=1 -d parts.h5:train --val parts.h5:val \
        --epochs 15 --batch 8 --seed 1 --log log.jsonl -o m.h5
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

refuses() { # STATUS WORDS TOOL WORDS...
    run --separate-stderr "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error "$3"
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}

@test "ds-data knows the words and the tags, and gives them back" {
    run -0 ds-data info "$INPUTS/parts.h5"
    assert_line --regexp '^column +tokens: document u8, [0-9]+ bytes of text, [0-9]+ words known, up to [0-9]+ in a text$'
    assert_line --regexp '^column +tags: target i32, [0-9]+ elements in all, 5 names: B-LOC, B-PER, I-LOC, I-PER, O'
    ds-data info "$INPUTS/parts.h5" --plot p.svg >/dev/null
    ds-data export conll -q "$INPUTS/all.h5" -o back
    diff <(grep -v DOCSTART "$INPUTS/all.conll" | sed '1d; s/ X /\t/') back
    ds-data import conll -q back -o again.h5
    ds-data export conll -q again.h5 -o again
    cmp back again
    ds-data export csv -q "$INPUTS/parts.h5:val" -o val.csv
    assert_equal "$(head -1 val.csv)" "tokens,tags"
    ds-data cat -q "$INPUTS/parts.h5:val" "$INPUTS/parts.h5:val" -o two.h5
    ds-data sample -q two.h5 -n 5 --seed 1 -o few.h5
    ds-data export conll -q few.h5 -o - | awk '/^$/ {++n} END {exit n != 5}'
    refuses 64 'no texts whose words stand apart' ds-data export conll <(ds-data import csv -q val.csv --text tokens -o -) -o x
    refuses 65 'needs a target of classes' ds-data split "$INPUTS/all.h5" --val 10 --stratify -o x.h5
}

@test "spans are counted as conlleval counts them, by an independent program" {
    ds-eval "$INPUTS/m.h5" -d "$INPUTS/parts.h5:val" --json >e.json
    ds-train -q tagger --set width=4 --set written=4 --set channels=4 --set depth=1 -d "$INPUTS/parts.h5:train" --steps 60 --batch 8 --seed 2 -o bad.h5
    ds-eval bad.h5 -d "$INPUTS/parts.h5:val" --json --predictions p.csv >bad.json
    ds-eval "$INPUTS/m.h5" -d "$INPUTS/parts.h5:val" --predictions good.csv >/dev/null
    PYTHONPATH=$INPUTS /usr/bin/python3 - <<'PYTHON'
import csv, json
from conlleval import evaluate
for table, report in ("p.csv", "bad.json"), ("good.csv", "e.json"):
    ours, theirs = json.load(open(report)), evaluate(csv.DictReader(open(table)))
    for name, value in theirs.items(): assert abs(ours[name] - value) < 1e-9, (table, name, ours[name], value)
e = json.load(open("e.json"))
assert e["task"] == "tagging" and e["f1"] > 0.9, e
PYTHON
}

@test "ds-eval draws what is taken for what, word by word, and holds bounds" {
    run -0 ds-eval "$INPUTS/m.h5" -d "$INPUTS/parts.h5:val" --confusion c.svg --per-class --min f1=0.9
    [ -s c.svg ]
    assert_line --regexp '^class +words +precision'
    jq -se 'map(select(.val_f1)) | .[-1].decided_by == "f1"' "$INPUTS/log.jsonl"
    ds-eval "$INPUTS/m.h5" -d "$INPUTS/parts.h5:val" --compare "$INPUTS/m.h5" >/dev/null
    refuses 64 'probabilities' ds-eval "$INPUTS/m.h5" -d "$INPUTS/parts.h5:val" --predictions x.csv --probabilities
}

@test "ds-infer prints CoNLL, of files, pipes, lines, tables and data" {
    printf 'the\nman\nMr.\nBaker\n\nin\nNew\nYork\n' >new.conll
    run -0 ds-infer -q "$INPUTS/m.h5" new.conll
    assert_output "$(printf 'the\tO\nman\tO\nMr.\tB-PER\nBaker\tI-PER\n\nin\tO\nNew\tB-LOC\nYork\tI-LOC\n')"
    expected=$output
    assert_equal "$(ds-infer -q "$INPUTS/m.h5" - <new.conll)" "$expected"
    assert_equal "$(printf 'the man  Mr. Baker\nin New York\n' | ds-infer -q "$INPUTS/m.h5" --lines -)" "$expected"
    printf 'tokens\n"the\nman\nMr.\nBaker"\n"in\nNew\nYork"\n' >new.csv
    assert_equal "$(ds-infer -q "$INPUTS/m.h5" new.csv)" "$expected"
    ds-data import conll -q new.conll --column 1 -o new.h5
    assert_equal "$(ds-infer -q "$INPUTS/m.h5" new.h5)" "$expected"
    ds-infer -q "$INPUTS/m.h5" new.csv -o t.csv
    assert_equal "$(tail -1 t.csv)" 'York",O B-LOC I-LOC'
    run -0 ds-infer -q "$INPUTS/m.h5" new.h5 --json
    jq -e '.[1].words == ["in", "New", "York"] and .[1].predicted == ["O", "B-LOC", "I-LOC"]' <<<"$output"
    # what it says of the data is what ds-eval measures, and can be imported again
    ds-infer -q "$INPUTS/m.h5" "$INPUTS/parts.h5:val" >said.conll
    ds-data import conll -q said.conll -o said.h5
    ds-eval "$INPUTS/m.h5" -d said.h5 --min f1=1 >/dev/null
    refuses 64 'classes of samples' ds-infer "$INPUTS/m.h5" new.h5 --top 2
}

@test "words behind the cut have no tag, and are counted" {
    yes the | head -300 >long.conll
    run -0 --separate-stderr ds-infer "$INPUTS/m.h5" long.conll
    [[ $stderr == *"1 of 1 texts have more than"*"words"* ]]
    assert_equal "${#lines[@]}" 300
    assert_equal "${lines[299]}" "$(printf 'the\t_')"
}

@test "spans behind the cut and across it are missed, by an independent program" {
    small=(-q tagger --set tokens=5 --set width=8 --set written=8 --set channels=8 --set depth=1 --seed 1)
    ds-train "${small[@]}" -d "$INPUTS/parts.h5:train" --epochs 12 --batch 8 -o cut.h5
    run -0 --separate-stderr ds-eval cut.h5 -d "$INPUTS/parts.h5:val" --predictions p.csv
    assert_line --regexp '^unread_words +[1-9]'
    [[ $stderr == *"have more than 5 words; the model reads the first of those, and not the "*" words behind them"* ]]
    ds-eval -q cut.h5 -d "$INPUTS/parts.h5:val" --json >e.json
    ds-data export csv -q "$INPUTS/parts.h5:val" -o v.csv
    PYTHONPATH=$INPUTS /usr/bin/python3 - <<'PYTHON'
import csv, json
from conlleval import evaluate
whole, said, ours = list(csv.DictReader(open("v.csv", newline=""))), list(csv.DictReader(open("p.csv"))), json.load(open("e.json"))
for w, s in zip(whole, said, strict=True): # all words stand there, and those that were not read are known
    n = len(w["tokens"].split("\n"))
    assert len(s["target"].split()) == n and s["predicted"].split()[5:] == ["_"] * max(0, n - 5), s
for s in said: s["predicted"] = s["predicted"].replace("_", "O")
theirs = evaluate(said)
for key, value in theirs.items(): assert abs(ours[key] - value) < 1e-9, (key, ours[key], value)
words = [len(s["target"].split()) for s in said]
assert ours["unread_words"] == sum(max(0, n - 5) for n in words) and ours["words"] == sum(words)
assert ours["recall"] < .8 and sum(map(sum, ours["confusion"])) == sum(words), ours
PYTHON
    # what is measured while a model is trained is measured so, too
    ds-train "${small[@]}" -d "$INPUTS/parts.h5:train" --steps 40 --val "$INPUTS/parts.h5:val" --log log.jsonl -o logged.h5
    ds-eval -q logged.h5 -d "$INPUTS/parts.h5:val" --json >e.json
    jq -se --slurpfile e e.json 'map(select(.val_f1)) | .[-1].val_f1 == $e[0].f1' log.jsonl
    # classes that are no spans have no O: a word that is not read is wrong
    sed -E 's/ (B|I)-/ /' "$INPUTS/all.conll" >classes.conll && sed -i -E 's/ O$/ NONE/' classes.conll
    ds-data import conll -q classes.conll -o classes.h5
    ds-train "${small[@]}" -d classes.h5 --steps 100 --batch 8 -o classes.m.h5
    ds-eval -q classes.m.h5 -d classes.h5 --json --predictions p.csv >e.json
    /usr/bin/python3 -c 'import csv, json
rows = list(csv.DictReader(open("p.csv")))
pairs = [p for r in rows for p in zip(r["target"].split(), r["predicted"].split(), strict=True)]
ours = json.load(open("e.json"))
assert ours["task"] == "token-classification" and abs(ours["accuracy"] - sum(a == b for a, b in pairs) / len(pairs)) < 1e-9, ours
assert sum(map(sum, ours["confusion"])) == ours["words"] - ours["unread_words"] > 0'
}

@test "padding and neighbours in the batch change no tag's logits" {
    sed 's/\${tokens}\]/T]/' "$ROOT/share/models/tagger.yaml" >open.yaml
    ds-train -q open.yaml --set width=8 --set written=4 --set channels=8 -d "$INPUTS/all.h5" --bind T=40 --epochs 1 --seed 1 -o open.h5
    ds-infer -q open.h5 "$INPUTS/parts.h5:val" --bind T=40 --raw a.npy >/dev/null
    ds-infer -q open.h5 "$INPUTS/parts.h5:val" --bind T=90 --raw b.npy >/dev/null
    ds-infer -q open.h5 "$INPUTS/parts.h5:val" --bind T=40 --batch 1 --raw c.npy >/dev/null
    ds-data export csv -q "$INPUTS/parts.h5:val" -o v.csv
    /usr/bin/python3 -c 'import csv, numpy as np
a, b, c = (np.load(n + ".npy") for n in "abc")
for i, row in enumerate(csv.DictReader(open("v.csv", newline=""))):
    n = len(row["tokens"].split("\n"))
    assert max(np.abs(x[i, :n] - a[i, :n]).max() for x in (b, c)) < 2e-6'
}

@test "tags that make no spans are classes of words; CoNLL-U is read as it comes" {
    for i in {1..40}; do
        printf '# sent_id = %s\n1-2\tshan'"'"'t\t_\t_\t_\t_\t_\t_\t_\t_\n' "$i"
        printf '%s\t%s\t_\t%s\t_\t_\t_\t_\t_\t_\n' 1 the DET 2 dog NOUN 3 runs VERB; printf '\n'
        printf '%s\t%s\t_\t%s\t_\t_\t_\t_\t_\t_\n' 1 dogs NOUN 2 run VERB; printf '\n'
    done >u.conllu
    ds-data import conll -q u.conllu -o u.h5
    (printf '\xef\xbb\xbf' && cat u.conllu) >mark.conllu # the comment behind the mark is one still
    ds-data import conll -q mark.conllu -o mark.h5
    cmp <(ds-data export conll -q u.h5 -o -) <(ds-data export conll -q mark.h5 -o -)
    ds-train -q tagger --set width=8 --set written=4 --set channels=8 -d u.h5 --epochs 20 --batch 8 --seed 1 --class-weight balanced -o u.m.h5
    run -0 ds-eval u.m.h5 -d u.h5 --json
    jq -e '.task == "token-classification" and .accuracy == 1 and (has("f1") | not)' <<<"$output"
    run -0 ds-infer -q u.m.h5 u.conllu
    assert_line --index 0 "$(printf 'the\tDET')"
}

@test "the words of CoNLL are in the column that they were imported from" {
    rows() { # WORD-COLUMN FILE: the sentences with what stands for nothing before each word
        awk -v n="$1" 'NF {for (i = 1; i < n; ++i) printf "%d\t", i; print $1 "\t" $3; next} {print ""}' "$2"
    }
    sed 1,2d "$INPUTS/all.conll" >plain.conll
    rows 3 plain.conll >third.conll
    ds-data import conll -q third.conll --column 3,4 -o third.h5
    ds-train -q tagger --set width=16 --set written=8 --set channels=16 --set depth=1 -d third.h5 --epochs 4 --batch 8 --seed 1 -o third.m.h5
    ds-infer -q third.m.h5 third.h5 >expected
    run -0 --separate-stderr ds-infer third.m.h5 third.conll
    diff expected <(printf '%s\n\n' "$output")
    [[ $stderr != *column* ]] || fail "$stderr"
    # words alone are what they are; a file that is too narrow is refused
    cut -f3 third.conll | ds-infer -q third.m.h5 - | diff expected -
    cut -f2-3 third.conll >narrow.conll
    refuses 65 "narrow.conll: line 1: 2 columns, and the model's words are in column 3" ds-infer third.m.h5 narrow.conll
    # files of several columns do not say which; and a model without it says what it takes
    ds-data cat -q third.h5 "$INPUTS/all.h5" -o both.h5
    ds-train -q tagger --set width=4 --set written=4 --set channels=4 -d both.h5 --steps 1 --seed 1 -o both.m.h5
    run -0 --separate-stderr ds-infer both.m.h5 third.conll
    assert_line --index 0 --partial "$(printf '1\t')"
    [[ $stderr == *'third.conll: the words are taken from the first of its 4 columns; the model does not say where they are'* ]]
}

@test "tags of several files are joined by their names" {
    sed 's/-PER/-ANN/; s/-LOC/-BIT/' "$INPUTS/all.conll" >other.conll
    ds-data import conll -q other.conll -o other.h5
    ds-train -q tagger --set width=4 --set written=4 --set channels=4 -d "$INPUTS/all.h5" -d other.h5 --steps 2 --seed 1 -o m.h5
    ds-data cat -q "$INPUTS/all.h5" other.h5 -o both.h5
    cmp <(ds-data export conll -q both.h5 -o -) <(ds-data export conll -q "$INPUTS/all.h5" -o - && ds-data export conll -q other.h5 -o -)
    for d in "-d $INPUTS/all.h5 -d other.h5" '-d both.h5'; do ds-eval -q m.h5 $d --json | jq -c 'del(.data)'; done | uniq | wc -l | grep -qx 1
    ds-eval -q m.h5 -d both.h5 --json | jq -e '[.classes[].class] == ["B-ANN","B-BIT","B-LOC","B-PER","I-ANN","I-BIT","I-LOC","I-PER","O"]'
}

@test "the same command gives the same bytes, and a run resumes" {
    small=(-q tagger --set width=8 --set written=4 --set channels=8 --set depth=1 -d "$INPUTS/parts.h5:train" --seed 3 --epochs 2)
    ds-train "${small[@]}" -o a.h5
    ds-train "${small[@]}" -o b.h5
    cmp a.h5 b.h5
    ds-train "${small[@]}" --stop-after 5 -o half.h5
    ds-train -q --resume half.h5 -d "$INPUTS/parts.h5:train" -o whole.h5
    same_state a.h5 whole.h5
    (cd "$INPUTS" && ds-info m.h5 --script --check >/dev/null)
}

@test "bad input gives one line" {
    printf 'a O\nb\n' >ragged
    refuses 65 'ragged: line 2: 1 columns, and 2 are needed' ds-data import conll ragged -o x.h5
    run -0 ds-data import conll -q --skip-bad "$INPUTS/all.conll" ragged -o y.h5
    refuses 65 'no sentences' ds-data import conll /dev/null -o x.h5
    refuses 64 '--column takes the numbers' ds-data import conll ragged --column 0,1 -o x.h5
    refuses 64 '--column takes the numbers' ds-data import conll ragged --column 1,1 -o x.h5
    refuses 66 'nowhere' ds-data import conll nowhere -o x.h5
    printf 'a X\nb Y\n' >other
    ds-data import conll -q other -o other.h5
    refuses 65 "the model does not know 'X'" ds-eval "$INPUTS/m.h5" -d other.h5
    printf 'a O\nb O\n' >same
    ds-data import conll -q same -o same.h5
    refuses 65 'nothing to learn' ds-train tagger -d same.h5 -o x.h5
    refuses 65 'column of texts' ds-train tagger -d <(ds-data select -q "$INPUTS/all.h5" --drop tokens -o -) -o x.h5
    assert_not_exists x.h5
}
