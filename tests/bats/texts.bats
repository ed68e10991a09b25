#!/usr/bin/env bats
# Texts, one a row: imported, divided, learned, measured, used.
load common

setup_file() {
    export INPUTS=$BATS_FILE_TMPDIR/inputs
    mkdir -p "$INPUTS" && cd "$INPUTS" || return
    # 240 reviews of three subjects, which some of their words tell; as a table, and as folders of files.
    /usr/bin/python3 - <<'PYTHON'
import csv, os, random
random.seed(4)
own = {"food": "soup bread salty cook plate spoon", "film": "actor scene plot screen director cut",
       "hotel": "room bed quiet lobby towel key"}
common = "the a was and very with of it I we really, never; Good bad".split()
rows = []
for i in range(240):
    subject = sorted(own)[i % 3]
    words = [random.choice(common) for _ in range(random.randint(4, 14))]
    for _ in range(2): words.insert(random.randrange(len(words)), random.choice(own[subject].split()).capitalize())
    stars = random.randint(1, 5)
    words += ["great"] * (stars > 3)
    rows.append((f"r{i:03}", " ".join(words) + ("!\n" if i % 2 else "."), random.choice(["web", "app"]), stars, subject))
with open("reviews.csv", "w", newline="") as f:
    out = csv.writer(f, lineterminator="\n")
    out.writerow(("id", "review", "via", "stars", "subject"))
    out.writerows(rows)
for id, text, via, stars, subject in rows:
    os.makedirs("folders/" + subject, exist_ok=True)
    open(f"folders/{subject}/{id}.txt", "w").write(text)
os.makedirs("folders/nothing"), os.makedirs("folders/.git"), open("folders/.git/x", "w").write("x")
PYTHON
    ds-data import csv -q reviews.csv --text review --id id --drop via,stars --target subject -o reviews.h5
    ds-data split -q reviews.h5 --val 60 --seed 1 -o parts.h5
    ds-train -q text-classifier --set width=16 --set channels=16 --set hidden=16 -d parts.h5:train --val parts.h5:val \
        --epochs 20 --batch 8 --seed 1 --log log.jsonl -o m.h5
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return; }

refuses() { # STATUS WORDS TOOL WORDS...
    run --separate-stderr "${@:3}"
    assert_equal "$status" "$1"
    assert_one_error "$3"
    [[ $stderr == *"$2"* ]] || fail "no '$2' in: $stderr"
}

@test "ds-data info says how many words are known, and of which rows" {
    run -0 ds-data info "$INPUTS/parts.h5"
    assert_line --regexp '^column +review: document u8, [0-9]+ bytes of text, 3[0-9] words known, up to 1[0-9] in a text$'
    assert_line 'statistics of the split train'
    run -0 ds-data info "$INPUTS/parts.h5" --json
    jq -e '.columns[1] | .kind == "document" and .words > 30 and .longest < 20' <<<"$output"
    ds-data info "$INPUTS/parts.h5" --plot p.svg >/dev/null
    refuses 65 'there are no images in it; ds-data export csv writes its texts' ds-data show "$INPUTS/reviews.h5" -o x.png
}

@test "a vocabulary is that of the training rows, as python counts it" {
    ds-data export csv -q "$INPUTS/parts.h5:train" -o train.csv
    /usr/bin/python3 - "$INPUTS/parts.h5" <<'PYTHON'
import collections, csv, h5py, json, re, sys
meta = json.loads(h5py.File(sys.argv[1])["meta"][()])
counts = collections.Counter(w for r in csv.DictReader(open("train.csv", newline=""))
                             for w in re.findall(r"[a-z0-9_]+", r["review"].lower()))
expected = sorted(((w, n) for w, n in counts.items() if n > 1), key=lambda p: (-p[1], p[0]))
own = meta["vocabularies"]["review"]
assert list(zip(own["words"], own["counts"])) == expected, own
assert meta["statistics_of"]["split"] == "train"
PYTHON
}

@test "a table comes back as it was, texts of several lines and all" {
    ds-data export csv -q "$INPUTS/reviews.h5" -o back.csv
    /usr/bin/python3 - "$INPUTS/reviews.csv" <<'PYTHON'
import csv, sys
a, b = (list(csv.DictReader(open(n, newline=""))) for n in (sys.argv[1], "back.csv"))
assert [(r["id"], r["review"], r["subject"]) for r in a] == [(r["id"], r["review"], r["subject"]) for r in b]
PYTHON
    ds-data import csv -q back.csv --text review --id id --target subject -o again.h5
    ds-data export csv -q again.h5 -o again.csv
    cmp back.csv again.csv
}

@test "texts travel: filter, select, join, cat, sample" {
    ds-data filter -q "$INPUTS/parts.h5:val" --where 'subject == "film"' -o film.h5
    ds-data cat -q film.h5 film.h5 -o two.h5
    ds-data sample -q two.h5 -n 7 --seed 1 -o few.h5
    printf 'id,lang\nr001,en\n' >lang.csv
    ds-data import csv -q lang.csv --id id -o lang.h5
    ds-data join -q --left "$INPUTS/reviews.h5" lang.h5 --on id -o joined.h5
    run -0 ds-data export csv -q few.h5 -o -
    assert_equal "$(grep -c film <<<"$output")" 7
    refuses 64 "review" ds-data filter "$INPUTS/reviews.h5" --where 'review == "a"' -o x.h5
    assert_not_exists x.h5
}

@test "a classifier learns them, is measured, and says what it is" {
    run -0 ds-eval "$INPUTS/m.h5" -d "$INPUTS/parts.h5:val" --min top1=0.95 --confusion c.svg --predictions p.csv
    [ -s c.svg ]
    assert_equal "$(head -1 p.csv)" "id,target,predicted,probability"
    run -0 ds-info "$INPUTS/m.h5"
    assert_line --regexp '^input +review i32\[N,1[0-9]\], 3[0-9] words known$'
    run -0 ds-info "$INPUTS/m.h5" --json
    jq -e '.inputs[0].words > 30 and .task == "classification"' <<<"$output"
    ds-info "$INPUTS/m.h5" --verify
}

@test "the logits are those that python computes from the weights" {
    ds-infer -q "$INPUTS/m.h5" "$INPUTS/parts.h5:val" --raw raw.npy >/dev/null
    ds-data export csv -q "$INPUTS/parts.h5:val" -o val.csv
    /usr/bin/python3 - "$INPUTS/m.h5" <<'PYTHON'
import csv, h5py, json, re, sys
import numpy as np
f = h5py.File(sys.argv[1])
how = json.loads(f["preprocessing"][()])["review"]
p = lambda name: f["parameters/" + name][()].astype(float)
number = {w: i + 2 for i, w in enumerate(how["words"])}
table, kernel, bias = p("word/weight"), p("neighbours/weight")[:, :, 0], p("neighbours/bias")
said, room = np.load("raw.npy"), int(re.search(r"review: i32\[N,(\d+)\]", f["graph"][()].decode())[1])
for row, logits in zip(csv.DictReader(open("val.csv", newline="")), said):
    x = table[[number.get(w, 1) for w in re.findall(r"[a-z0-9_]+", row["review"].lower())][:room]]
    around = np.vstack([0 * x[:1], x, 0 * x[:1]])
    found = np.maximum(sum(around[k:k + len(x)] @ kernel[:, :, k].T for k in range(3)) + bias, 0).max(0)
    h = np.concatenate([x.mean(0), x.max(0), found])
    h = np.maximum(p("hidden/weight") @ h + p("hidden/bias"), 0)
    assert np.allclose(p("output/weight") @ h + p("output/bias"), logits, atol=1e-4), (row, logits)
PYTHON
}

@test "logits do not depend on padding, nor on what else is in the batch" {
    sed 's/\${tokens}\]/T]/' "$ROOT/share/models/text-classifier.yaml" >open.yaml
    ds-train -q open.yaml --set width=8 --set channels=8 --set hidden=8 -d "$INPUTS/reviews.h5" --bind T=20 --epochs 1 --seed 1 -o open.h5
    printf 'review\nsoup\n""\n"a b c, the actor was in the room"\nzzz\n' >few.csv
    cat "$INPUTS/reviews.csv" >all.csv
    for input in few.csv all.csv; do
        ds-infer -q open.h5 $input --bind T=20 --raw a.npy >/dev/null
        ds-infer -q open.h5 $input --bind T=200 --raw b.npy >/dev/null
        ds-infer -q open.h5 $input --bind T=20 --batch 1 --raw c.npy >/dev/null
        ds-infer -q open.h5 $input --bind T=33 --batch 7 --raw d.npy >/dev/null
        /usr/bin/python3 -c 'import numpy as np
a, b, c, d = (np.load(n + ".npy") for n in "abcd")
for x in b, c, d: assert np.isfinite(x).all() and np.abs(x - a).max() < 2e-6, np.abs(x - a).max()'
    done
}

@test "ds-infer takes tables, files, folders, lines and pipes" {
    ds-infer -q "$INPUTS/m.h5" "$INPUTS/reviews.csv" -o t.csv
    assert_equal "$(head -1 t.csv)" "id,review,via,stars,subject,predicted,probability"
    ds-infer -q "$INPUTS/m.h5" "$INPUTS/folders" >folder
    assert_equal "$(wc -l <folder)" 240
    grep -qE "folders/food/r001.txt: food [0-9.]+ %" folder
    run -0 ds-infer -q "$INPUTS/m.h5" "$INPUTS/folders/food/r001.txt" --json
    jq -e 'length == 1 and .[0].predicted' <<<"$output"
    printf 'The Soup, salty bread\nan actor in the scene\n\n' >lines
    run -0 ds-infer -q "$INPUTS/m.h5" --lines lines
    assert_line --regexp '^lines\[0\]: food '
    assert_line --regexp '^lines\[1\]: film '
    assert_equal "${#lines[@]}" 3 # an empty one, too
    ds-data import text -q --lines lines -o lines.h5 # as it is one of the data
    diff <(sed 's/lines\[/lines.h5[/' <<<"$output") <(ds-infer -q "$INPUTS/m.h5" lines.h5)
    assert_equal "$(ds-infer -q "$INPUTS/m.h5" --lines - <lines | sed s/stdin/lines/)" "$output"
    run -0 ds-infer -q "$INPUTS/m.h5" - <lines # one text
    assert_line --regexp '^stdin: '
    assert_equal "${#lines[@]}" 1
    # the same from all of them
    ds-data import text -q "$INPUTS/folders" --labels -o f.h5
    ds-infer -q "$INPUTS/m.h5" f.h5 >file
    diff <(sed 's/.*: //' folder) <(sed 's/.*: //' file)
}

@test "a text may begin with the name of the column: tables are told by their name or --as-table" {
    printf 'review\nsoup and bread\n' >note.txt
    cp note.txt note
    for input in note.txt note; do run -0 ds-infer -q "$INPUTS/m.h5" $input; assert_equal "${#lines[@]}" 1; done
    assert_equal "$(ds-infer -q "$INPUTS/m.h5" - <note | cut -d: -f1)" stdin
    cp note note.csv
    assert_equal "$(ds-infer -q "$INPUTS/m.h5" note.csv | cut -d: -f1)" 'note.csv[0]'
    assert_equal "$(ds-infer -q "$INPUTS/m.h5" --as-table - <note | cut -d: -f1)" 'stdin[0]'
    refuses 64 '--lines or --as-table' ds-infer "$INPUTS/m.h5" --lines --as-table note
}

@test "lower case is that of Unicode, as python has it" {
    /usr/bin/python3 - <<'PYTHON'
import unicodedata
# Letters that are words by themselves, each twice, as they are and between others.
own = [chr(c) for c in range(0x80, 0x1e944) if unicodedata.category(chr(c)) in ("Lu", "Lt", "Ll")]
own += ["\u0540\u0561\u0575\u0565\u0580\u0565\u0546", "\u10d3\u10d4\u10d3\u10d0", "\u1c93\u1c94\u1c93\u1c90", "TI\u1ebeNG VI\u1ec6T", "\u0130STANBUL",
        "STRA\u1e9eE", "\u1f08\u03b8\u1fc6\u03bd\u03b1\u03b9", "\u13e3\u13b3\u13a9", "\U00010412\U0001043a"]
open("words.txt", "w").write("".join(f"{w}\n" for w in own for _ in range(2)))
PYTHON
    ds-data import text -q --lines words.txt -o words.h5
    /usr/bin/python3 - <<'PYTHON'
import h5py, json, re
known = set(json.loads(h5py.File("words.h5")["meta"][()])["vocabularies"]["text"]["words"])
lines = open("words.txt").read().split("\n")[:-1]
# A dot that str.lower() sets above an i, and a sigma at the end of a word, are of several letters together.
lower = lambda w: w.lower().replace("i\u0307", "i").replace("\u03c2", "\u03c3") if "\u03c2" not in w else w.lower()
letters = re.compile(r"[\u2000-\u2bff\uff1a-\uff65\U0001f000-\U0001faff]") # signs to us
expected = {p for w in lines if not letters.search(w) for p in lower(w).split()}
missing, more = expected - known, {k for k in known if k not in expected}
assert len(expected) > 1300 and not missing and all(letters.search(k) for k in more), (sorted(missing)[:20], sorted(more)[:20])
for word in "\u0570\u0561\u0575\u0565\u0580\u0565\u0576", "\u10d3\u10d4\u10d3\u10d0", "ti\u1ebfng", "vi\u1ec7t", "istanbul", "stra\u00dfe": assert word in known, word
PYTHON
}

@test "bytes that are no UTF-8 stay what they are where a program reads them" {
    printf 'caf\xe9 X O\nna\xefve X B-P\n\n' >latin.conll
    ds-data import conll -q latin.conll -o latin.h5
    ds-train -q tagger --set width=4 --set written=4 --set channels=4 -d latin.h5 --steps 1 --seed 1 -o tags.h5
    cut -d' ' -f1 latin.conll >words
    ds-infer -q tags.h5 words >out
    cmp <(cut -f1 out) words
    ds-infer -q tags.h5 latin.h5 | cmp - out
    run -0 script -qec "ds-infer -q tags.h5 words" /dev/null # a terminal
    assert_line --index 0 --partial 'caf\xe9'
}

@test "what is cut, and what has no known word, is told" {
    { printf 'review\n'; printf 'soup %.0s' {1..300}; printf '\n?\nxyzzy\n'; } >odd.csv
    run -0 --separate-stderr ds-infer "$INPUTS/m.h5" odd.csv
    [[ $stderr == *"odd.csv: 'review': 1 of 3 texts have more than 1"*"words; the model reads the first of those"* ]]
    [[ $stderr == *"odd.csv: 'review': 2 of 3 texts have no word that the model knows"* ]]
    assert_equal "${#lines[@]}" 3
    ds-data import csv -q odd.csv --text review -o odd.h5
    run -0 --separate-stderr ds-infer "$INPUTS/m.h5" odd.h5
    [[ $stderr == *"odd.h5: column 'review': 1 of 3 texts have more than"* ]]
    run -0 --separate-stderr ds-train text-classifier --set tokens=5 -d "$INPUTS/parts.h5:train" --dry-run -o x.h5
    [[ $stderr == *"texts have more than 5 words"* ]]
}

@test "folders of files are classes; empty and hidden ones are none" {
    run -0 --separate-stderr ds-data import text "$INPUTS/folders" --labels -o f.h5
    [[ $stderr == *"nothing is no class: it is empty"*"240 samples"* ]]
    run -0 ds-data info f.h5
    assert_line --partial '3 names: film 80, food 80, hotel 80'
    assert_line --partial 'column     file: id'
    ds-data split -q f.h5 --val 60 --stratify --seed 1 -o p.h5
    ds-train -q text-classifier --set width=16 --set channels=0 -d p.h5:train --val p.h5:val --epochs 20 --batch 8 --seed 1 -o m.h5
    ds-eval m.h5 -d p.h5:val --min top1=0.8 >/dev/null
    (cd "$INPUTS" && ds-info "$OLDPWD/m.h5" --script --check >/dev/null)
}

@test "the target decides: yes or no, labels, numbers, several; other columns are learned from, too" {
    cd "$INPUTS"
    work=$BATS_TEST_TMPDIR/work
    task() { ds-info "$1" --json | jq -r .task; }
    small=(--set width=8 --set channels=8 --set hidden=8 --epochs 2 --seed 1)
    ds-data import csv -q reviews.csv --text review --id id --drop subject --target stars -o "$work/n.h5"
    ds-train -q text-classifier "${small[@]}" -d "$work/n.h5" -o "$work/n.m.h5"
    assert_equal "$(task "$work/n.m.h5")" regression
    ds-data import csv -q reviews.csv --text review --id id --drop subject --target via -o "$work/b.h5"
    ds-train -q text-classifier "${small[@]}" -d "$work/b.h5" -o "$work/b.m.h5"
    assert_equal "$(task "$work/b.m.h5")" classification
    ds-train -q text-classifier "${small[@]}" --set loss=binary_cross_entropy --set outputs=1 -d "$work/b.h5" -o "$work/y.m.h5"
    assert_equal "$(task "$work/y.m.h5")" binary
    sed 's/,film$/,film;long/; s/,food$/,food;warm/' reviews.csv >"$work/l.csv"
    ds-data import csv -q "$work/l.csv" --text review --id id --target subject --label-separator ';' -o "$work/l.h5"
    ds-train -q text-classifier "${small[@]}" -d "$work/l.h5" -o "$work/l.m.h5"
    assert_equal "$(task "$work/l.m.h5")" multi-label
    ds-infer -q "$work/l.m.h5" reviews.csv -o "$work/l.out.csv"
    ds-data import csv -q reviews.csv --text review --id id --target subject,stars -o "$work/s.h5"
    ds-train -q text-classifier "${small[@]}" -d "$work/s.h5" -o "$work/s.m.h5"
    ds-eval "$work/s.m.h5" -d "$work/s.h5" --json | jq -e '.["subject.top1"] and .["stars.rmse"]'
    run -0 ds-info "$work/s.m.h5"
    assert_line --regexp '^input +via i32\[N\]$'
    cut -d, -f2 reviews.csv | head -3 >"$work/alone.csv"
    refuses 65 "via" ds-infer "$work/s.m.h5" "$work/alone.csv"
    refuses 64 'lines is for models that take a text' ds-infer "$work/s.m.h5" --lines reviews.csv
}

@test "the same command gives the same bytes, with several threads of data; a run resumes" {
    small=(-q text-classifier --set width=8 --set channels=8 --set hidden=8 -d "$INPUTS/parts.h5:train" --seed 3 --epochs 2)
    ds-train "${small[@]}" -o a.h5
    ds-train "${small[@]}" -o b.h5
    cmp a.h5 b.h5
    ds-train "${small[@]}" --stop-after 5 -o half.h5
    ds-train -q --resume half.h5 -d "$INPUTS/parts.h5:train" -o whole.h5
    same_state a.h5 whole.h5
    ds-data import csv -q "$INPUTS/reviews.csv" --text review --id id --drop via,stars --target subject -o again.h5
    (cd "$INPUTS" && cmp reviews.h5 "$OLDPWD/again.h5")
}

@test "--dry-run promises memory that --memory then holds" {
    ds-data import csv -q "$INPUTS/reviews.csv" --text review --target subject --drop id -o r.h5
    run -0 ds-train text-classifier -d r.h5 --dry-run -o x.h5
    assert_line --regexp '^peak memory +[0-9.]+ MiB'
    ds-train -q text-classifier -d r.h5 --epochs 1 --memory 1GiB -o x.h5
    refuses 69 'memory' ds-train text-classifier -d r.h5 --epochs 1 --memory 100KiB -o y.h5
}

@test "folders of splits: the vocabulary is that of train, what has no class is left out" {
    mkdir -p imdb/train/{neg,pos} imdb/test/{neg,pos} imdb/unlabelled kag/train/{neg,pos} kag/test
    for i in 1 2 3; do
        echo "dull film $i" | tee imdb/train/neg/$i.txt kag/train/neg/$i.txt >kag/test/$i.txt
        echo "fine film $i" | tee imdb/train/pos/$i.txt >kag/train/pos/$i.txt
        echo "odd film $i" >imdb/test/neg/$i.txt
        echo "rare film $i" >imdb/test/pos/$i.txt
    done
    rmdir imdb/unlabelled
    ds-data import text -q --labels imdb -o imdb.h5
    run -0 ds-data info imdb.h5
    assert_line 'split      train: 6 samples'
    assert_line 'split      test: 6 samples'
    assert_line 'statistics of the split train'
    ds-train -q text-classifier -d imdb.h5:train --steps 2 --seed 1 -o m.h5
    run -0 ds-info m.h5
    assert_line --partial ', 6 words known' # film, dull, fine, 1, 2, 3; neither odd nor rare
    run -0 --separate-stderr ds-data import text --labels kag -o kag.h5
    assert_regex "$stderr" 'left out kag/test: it has no folders of classes'
    assert_equal "$(ds-data info --json kag.h5 | jq -c '[.samples, .splits.train // (.splits | map(.samples // .) | add)]')" '[6,6]'
    touch imdb/train/README
    run -0 --separate-stderr ds-data import text --labels imdb -o imdb.h5
    assert_regex "$stderr" 'left out 1 files beside the folders of classes in imdb/train'
}

@test "a column of texts that the model does not read is told" {
    printf 'title,body,lab\n' >two.csv
    for i in {1..8}; do echo "same,word$((i % 2)) here,c$((i % 2))"; done >>two.csv
    ds-data import csv -q two.csv --text title,body --target lab -o two.h5
    run -0 --separate-stderr ds-train text-classifier -d two.h5 --steps 1 --seed 1 -o m.h5
    assert_regex "$stderr" "the model does not read the texts of column 'body'"
    refuses 64 '--words is for columns of texts' ds-data import csv two.csv --words 5 --target lab -o x.h5
}

@test "bad input gives one line" {
    cd "$INPUTS"
    refuses 64 "there is no column 'body'" ds-data import csv reviews.csv --text body -o x.h5
    refuses 64 'given two uses' ds-data import csv reviews.csv --text review --target review -o x.h5
    refuses 64 'as --text and as --drop' ds-data import csv reviews.csv --text review --drop review -o x.h5
    refuses 64 'as --text and as --id' ds-data import csv reviews.csv --text review --id review -o x.h5
    refuses 64 '--val is for a text without rows' ds-data import text --labels folders --val 0.1 -o x.h5
    refuses 64 'give --labels or --lines' ds-data import text reviews.csv --words 10 -o x.h5
    refuses 64 'takes one folder' ds-data import text --labels folders folders -o x.h5
    refuses 66 'takes a folder of texts' ds-data import text --labels nowhere -o x.h5
    refuses 65 'no folders of classes' ds-data import text --labels folders/food -o x.h5
    printf 'a\0b\n' >"$BATS_TEST_TMPDIR/zero.txt"
    refuses 65 'line 1: a zero byte' ds-data import text --lines "$BATS_TEST_TMPDIR/zero.txt" -o x.h5
    refuses 65 'a zero byte; this is no text' ds-infer m.h5 "$BATS_TEST_TMPDIR/zero.txt"
    refuses 65 'has no column of texts' ds-train text-classifier -d <(cat /dev/null; ds-data select -q reviews.h5 --drop review -o -) -o x.h5
    assert_not_exists x.h5
}
