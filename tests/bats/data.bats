#!/usr/bin/env bats
# ds-data from foreign files to data files and back: every import and export, and what is wrong with inputs.
load common

# Numbers for a seed in the form of each importer.
make_foreign() {
    /usr/bin/python3 - <<'PYTHON'
import gzip, os, random, struct
random.seed(5)
noise = lambda n: bytes(random.randrange(256) for _ in range(n))
def idx(path, sizes, body, pack=open):
    with pack(path, "wb") as f: f.write(struct.pack(">BBBB", 0, 0, 8, len(sizes)) + b"".join(struct.pack(">I", s) for s in sizes) + body)
pixels, labels = noise(12 * 5 * 4), bytes(i % 4 for i in range(12))
idx("images", [12, 5, 4], pixels); idx("labels", [12], labels)
idx("images.gz", [12, 5, 4], pixels, gzip.open); idx("labels.gz", [12], labels, gzip.open)
idx("colour", [3, 2, 2, 3], bytes(range(36)))
def npy(path, descr, shape, body):
    header = ("{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)).ljust(117) + "\n"
    with open(path, "wb") as f: f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body)
npy("x.npy", "<f4", "(6, 3)", struct.pack("<18f", *range(18)))
npy("pictures.npy", "|u1", "(6, 3, 4, 4)", noise(6 * 48))
npy("y.npy", "<i8", "(6,)", struct.pack("<6q", 0, 1, 2, 0, 1, 2))
npy("minus.npy", "<i8", "(6,)", struct.pack("<6q", 0, 1, 2, 0, 1, -1))
npy("short.npy", "<i8", "(5,)", struct.pack("<5q", 0, 1, 2, 0, 1))
npy("nan.npy", "<f4", "(6, 3)", struct.pack("<18f", *([1.0] * 17 + [float("nan")])))
with open("c10.bin", "wb") as f:
    for i in range(12): f.write(bytes([i % 10]) + noise(3072))
with open("c100.bin", "wb") as f:
    for i in range(6): f.write(bytes([i, 10 * i]) + noise(3072))
PYTHON
    printf 'user,item,age,click\nann,x,3.5,1\nbob,"a, ""b""",4,0\ncid,x,-1,1\n' >clicks.csv
    printf 'one two three\nfour\n' >words.txt
}

setup_file() {
    make_inputs
    mkdir "$BATS_FILE_TMPDIR/foreign" && cd "$BATS_FILE_TMPDIR/foreign" && make_foreign
}
setup() {
    mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return
    cp "$BATS_FILE_TMPDIR"/foreign/* .
}

# Command, status, and words that its one line of error holds.
refuses() { # STATUS WORDS COMMAND
    shell "$3"
    assert_equal "$3: $status" "$3: $1"
    assert_one_error ds-data
    [[ $stderr == *"$2"* ]] || fail "$3: no '$2' in: $stderr"
    [ ! -e out.h5 ] || fail "$3: an output was left"
}
info() { ds-data info --json "$1" | jq -rc "$2"; }

# ------------------------------------------------------------------------------------------- imports

@test "idx: plain and gzipped give the same samples; rows, shape and classes are those of the files" {
    ds-data import idx -q images labels -o plain.h5
    ds-data import idx -q images.gz labels.gz -o packed.h5
    for file in plain packed; do
        ds-data export npy -q $file.h5 --column image -o $file.npy
        assert_equal "$(info $file.h5 '[.samples, .columns[0].shape, .columns[1].labels]')" '[12,[1,5,4],["0","1","2","3"]]'
    done
    cmp plain.npy packed.npy
    cmp <(tail -c 240 plain.npy) <(tail -c 240 images)
}

@test "idx: colours become planes" {
    ds-data import idx -q colour -o c.h5
    assert_equal "$(info c.h5 '.columns[0].shape')" '[3,2,2]'
    ds-data export npy -q c.h5 --column image -o c.npy
    assert_equal "$(tail -c 36 c.npy | head -c 5 | od -An -tu1 | xargs)" '0 3 6 9 1'
}

@test "cifar: records of 10 and of 100 classes" {
    ds-data import cifar -q c10.bin -o c.h5
    assert_equal "$(info c.h5 '[.samples, .columns[0].shape, (.columns[1].labels | length)]')" '[12,[3,32,32],10]'
    ds-data export npy -q c.h5 --column image -o c.npy
    cmp <(tail -c 3072 c.npy) <(tail -c 3072 c10.bin)
    ds-data import cifar -q c100.bin -o c.h5
    assert_equal "$(info c.h5 '[.samples, (.columns[1].labels | length)]')" '[6,51]'
}

@test "npy: arrays and pictures come back byte for byte" {
    ds-data import npy -q x.npy y.npy -o x.h5
    assert_equal "$(info x.h5 '[.columns[] | [.name, .kind, .dtype, .shape]]')" '[["x","number","f32",[3]],["label","target","i32",[]]]'
    ds-data export npy -q x.h5 --column x -o again.npy
    cmp <(tail -c 72 x.npy) <(tail -c 72 again.npy)
    ds-data import npy -q pictures.npy -o p.h5
    ds-data export npy -q p.h5 --column image -o again.npy
    cmp <(tail -c 288 pictures.npy) <(tail -c 288 again.npy)
}

@test "csv: types, names and quotes; the export is the import" {
    ds-data import csv -q clicks.csv --target click --categorical user,item -o t.h5
    assert_equal "$(info t.h5 '[.columns[] | [.name, .kind]]')" '[["user","category"],["item","category"],["age","number"],["click","target"]]'
    ds-data export csv -q t.h5 -o again.csv
    run diff clicks.csv again.csv
    assert_success
    ds-data export csv -q t.h5 -o - | diff clicks.csv -
}

@test "text: bytes, with the last part as val" {
    ds-data import text -q words.txt --val 5 -o t.h5
    assert_equal "$(info t.h5 '[.columns[0].kind, .columns[0].elements, .splits]')" '["text",19,{"train":1,"val":1}]'
    ds-data import text -q words.txt words.txt -o t.h5
    assert_equal "$(info t.h5 '.columns[0].elements')" 38
}

@test "images: a folder a class, out and in again" {
    ds-data import cifar -q c10.bin -o c.h5
    ds-data export png -q c.h5 -o tree
    assert_equal "$(ls tree | xargs)" '0 1 2 3 4 5 6 7 8 9'
    ds-data import images -q tree -o again.h5
    assert_equal "$(info again.h5 '[.samples, .columns[0].shape, (.columns[1].labels | length)]')" '[12,[3,32,32],10]'
    ds-data export png -q again.h5 -o tree2
    cat tree/*/*.png | sha256sum >first
    cat tree2/*/*.png | sha256sum >second
    cmp first second
    ds-data export png -q c.h5 -n 3 -o few
    assert_equal "$(find few -name '*.png' | wc -l)" 3
}

@test "png: files are called by the rows' ids, each by a name of its own" {
    ds-data import cifar -q c10.bin -o c.h5
    ds-data export png -q c.h5 -o tree
    mkdir -p names/a names/b
    cp tree/0/000000.png names/a/one.PNG
    cp tree/1/000001.png names/a/one.png.png
    cp tree/2/000002.png names/a/000005.png
    cp tree/3/000003.png names/b/one.png
    cp tree/4/000004.png names/b/.hidden.png
    ds-data import images -q names -o n.h5
    ds-data export png -q n.h5 -o again
    assert_equal "$(cd again && find . -name '*.png' | sort | xargs)" './a/000005.png ./a/one.png ./a/one.png.png ./b/one.png'
    ds-data import images -q again -o n2.h5
    assert_equal "$(ds-data export npy n.h5 --column image -o - 2>/dev/null | md5sum)" "$(ds-data export npy n2.h5 --column image -o - 2>/dev/null | md5sum)"
    /usr/bin/python3 - <<'PYTHON'
import numpy as np
np.savez("ids.npz", x=np.arange(5 * 16, dtype=np.uint8).reshape(5, 4, 4), name=np.array([3, 3, 3, 1, 2]))
PYTHON
    ds-data import npy -q ids.npz --column x --id name -o i.h5
    ds-data export png -q i.h5 -o ids
    assert_equal "$(ls ids | xargs)" '1.png 2.png 3-000001.png 3-000002.png 3.png'
}

@test "images: folders of splits that have folders of classes" {
    ds-data import cifar -q c10.bin -o c.h5
    ds-data export png -q c.h5 -o tree
    mkdir -p parts/train/cat parts/train/dog parts/valid/cat parts/valid/bird parts/test/dog
    cp tree/0/*.png tree/1/*.png parts/train/cat
    cp tree/2/*.png tree/3/*.png parts/train/dog
    cp tree/4/*.png parts/valid/cat
    cp tree/5/*.png parts/valid/bird
    cp tree/6/*.png parts/test/dog
    run -0 --separate-stderr ds-data import images parts -o p.h5
    [[ $stderr == *'the class bird has no pictures in parts/train'* ]] || fail "$stderr"
    assert_equal "$(info p.h5 '.splits | keys | join(" ")')" 'test train val'
    assert_equal "$(info p.h5 '.columns[1].labels')" '["bird","cat","dog"]'
    ds-data export csv -q p.h5:val -o val.csv
    grep -q '^bird,valid/bird/' val.csv && grep -q '^cat,valid/cat/' val.csv
    assert_equal "$(ds-data export csv -q p.h5:train -o - | tail -n +2 | cut -d/ -f1 | sort -u | xargs)" 'cat,train dog,train'
    # Statistics are those of the rows of train alone.
    ds-data import images -q parts/train -o t.h5
    ds-train -q mlp --set width=4 --set classes=3 -d p.h5:train --val p.h5:val --steps 2 --seed 1 -o m.h5 2>said
    refute [ -s said ]
    /usr/bin/python3 -c 'import h5py, json
p, t = (json.loads(h5py.File(name)["meta"][()]) for name in ("p.h5", "t.h5"))
assert p["statistics"] == t["statistics"] and p["statistics_of"]["split"] == "train", p'
    (cp -r parts again && ds-info m.h5 --script >again.sh && ds-info m.h5 --script --check)
    # Folders of pictures are classes, whatever they are called; two of one split are one too many.
    mkdir -p vehicles/train vehicles/test && cp tree/0/*.png vehicles/train && cp tree/1/*.png vehicles/test
    ds-data import images -q vehicles -o v.h5
    assert_equal "$(info v.h5 '[.columns[1].labels, .splits]')" '[["test","train"],{}]'
    mv parts/test parts/val
    refuses 65 'are both the split val' 'ds-data import images parts -o out.h5'
    rm -r parts/val parts/train/*/*
    refuses 65 'parts/train: there are no pictures in it' 'ds-data import images -q parts -o out.h5'
}

@test "images: --size with each rule, --color grey" {
    ds-data import cifar -q c10.bin -o c.h5
    ds-data export png -q c.h5 -o tree
    for rule in stretch fit fill; do
        ds-data import images -q tree --size 16x8 --resize $rule -o $rule.h5
        assert_equal "$(info $rule.h5 '.columns[0].shape')" '[3,16,8]'
        info $rule.h5 .digest
    done | sort -u >digests
    assert_equal "$(wc -l <digests)" 3
    ds-data import images -q tree --size 8 --color grey -o grey.h5
    assert_equal "$(info grey.h5 '.columns[0].shape')" '[1,8,8]'
}

@test "images keep the names of their files, through split, cat, sample, label and export, and in predictions" {
    ds-data import cifar -q c10.bin -o c.h5
    ds-data export png -q c.h5 -o tree
    mv tree/0/000000.png 'tree/0/a, b.png'
    ds-data import images -q tree -o t.h5
    names() { ds-data export csv -q "$1" -o - | tail -n +2 | sed 's/^[0-9],//; s/"//g'; }
    assert_equal "$(names t.h5)" "$(cd tree && find . -name '*.png' | sed 's,^./,,' | sort)"
    assert_equal "$(info t.h5 '[.columns[].name]')" '["image","label","file"]'
    ds-data split -q t.h5 --val 3 --seed 2 -o s.h5
    ds-data cat -q s.h5:train s.h5:val -o both.h5
    assert_equal "$(names both.h5 | sort)" "$(names t.h5 | sort)"
    ds-data sample -q both.h5 -n 12 --seed 1 -o all.h5
    seq 0 9 | sed 's/^/class /' >ten
    ds-data label -q all.h5 --names ten
    assert_equal "$(ds-data export csv -q all.h5 -o - | cut -d, -f2- | sort)" "$(ds-data export csv -q both.h5 -o - | cut -d, -f2- | sort)"
    ds-train -q mlp --set width=4 -d t.h5 --steps 1 --seed 1 -o m.h5
    ds-eval -q m.h5 -d s.h5:val --predictions p.csv >/dev/null
    assert_equal "$(head -1 p.csv)" file,target,predicted,probability
    assert_equal "$(sed '1d; s/"//g; s/,[^,]*,[^,]*,[^,]*$//' p.csv)" "$(names s.h5:val)"
    ds-infer -q m.h5 tree/0/*.png -o q.csv
    assert_equal "$(head -1 q.csv)" file,predicted,probability # one name for it, from files as well
    ds-data show s.h5:val --predictions p.csv -o g.svg
    ds-data show s.h5:val -o h.svg
    sed -i '2s,^[^/]*/,9/x,' p.csv
    refuses 65 "line 2 is of '9/x" 'ds-data show s.h5:val --predictions p.csv -o g.svg'
    # A file without them takes part.
    ds-data import cifar -q c10.bin -o plain.h5
    shell 'ds-data cat t.h5 plain.h5 -o mixed.h5'
    assert_equal "$status" 0
    [[ $stderr == *"column 'file' is left out: plain.h5 has no such names of rows"* ]] || fail "$stderr"
    assert_equal "$(info mixed.h5 '[.samples, [.columns[].name]]')" '[24,["image","label"]]'
}

@test "--skip-bad leaves out, names and counts" {
    ds-data import cifar -q c10.bin -o c.h5
    ds-data export png -q c.h5 -o tree
    head -c 1500 tree/0/000000.png >tree/0/cut.png
    cp tree/1/000001.png tree/1/damaged.png
    printf 'XXXX' | dd of=tree/1/damaged.png bs=1 seek=1000 conv=notrunc status=none
    printf 'words\n' >tree/2/words.png
    cp "$INPUTS/picture.png" tree/3/small.png
    refuses 65 tree/0/cut.png 'ds-data import images -q tree -o out.h5'
    shell 'ds-data import images tree --skip-bad -o t.h5'
    assert_equal "$status" 0
    for bad in 0/cut.png 1/damaged.png 2/words.png 3/small.png; do [[ $stderr == *"left out tree/$bad"* ]]; done
    [[ $stderr == *'12 samples, 4 left out'* ]]

    printf 'a,b\n1,2\n3\nnan,1\n4,5\n,6\n7,inf\n' >bad.csv
    refuses 65 'bad.csv: line 3' 'ds-data import csv bad.csv -o out.h5'
    shell 'ds-data import csv bad.csv --skip-bad -o t.h5'
    [[ $stderr == *'3 samples, 3 left out'* ]] || fail "$stderr" # the empty field is a missing number
}

@test "imports come through pipes and named pipes, with the digests of what came" {
    digest() { h5dump -d /history/0000 "$1" | grep -o 'digest[^,}]*'; }
    each() { # FILE ds-data import WORDS...
        "${@:2}" "$1" -q -o plain.h5
        "${@:2}" - -q -o stdin.h5 <"$1"
        "${@:2}" <(cat "$1") -q -o substituted.h5
        mkfifo named
        cat "$1" >named &
        timeout 20 "${@:2}" named -q -o fifo.h5
        rm named
        for way in stdin substituted fifo; do assert_equal "$1 $way $(digest $way.h5)" "$1 $way $(digest plain.h5)"; done
    }
    each images ds-data import idx
    each images.gz ds-data import idx
    each c10.bin ds-data import cifar
    each clicks.csv ds-data import csv --target click --categorical user,item
    each words.txt ds-data import text
    each x.npy ds-data import npy
}

@test "csv: a large table is read a row at a time" {
    { echo a,b,name; for i in {1..20}; do seq 100000 | sed "s/$/,$i.5,n$i/"; done; } >large.csv # 34 MB
    run -0 bash -c 'ulimit -v 400000 && DS_THREADS=1 ds-data import csv -q large.csv --categorical name -o large.h5'
    assert_equal "$(info large.h5 .samples)" 2000000
    run -0 bash -c 'ulimit -v 400000 && DS_THREADS=1 ds-data export csv -q large.h5 -o again.csv'
    assert_equal "$(wc -l <again.csv)" 2000001
}

@test "csv: names of columns that are not stored as they are; old line ends" {
    printf 'price ($),user name,y\r1.5,ann,0\r2,bob,1\r' >mac.csv
    run -0 --separate-stderr ds-data import csv mac.csv --categorical 'user name' --target y -o t.h5
    [[ $stderr == *"column 'price (\$)' is called price_"* ]]
    assert_equal "$(info t.h5 '[.samples, .columns[].name]')" '[2,"price_","user_name","y"]'
}

@test "csv: a target of numbers with a slip in it becomes no set of classes" {
    { echo x,y; for i in {1..40}; do echo "$i,$((i % 2))"; done; echo 41,; } >slip.csv
    refuses 65 "slip.csv: line 42: the target 'y' is missing" 'ds-data import csv slip.csv --target y -o out.h5'
    run -0 --separate-stderr ds-data import csv slip.csv --target y --skip-bad -o t.h5
    [[ $stderr == *'40 samples, 1 left out'* ]]
    assert_equal "$(info t.h5 '.columns[1].dtype')" f32
    ds-data import csv -q slip.csv --target y --categorical y -o t.h5
    assert_equal "$(info t.h5 '.columns[1].labels')" '["","0","1"]'
}

@test "cat keeps splits that all files have, with statistics of the training rows; others are told" {
    { echo x,y; for i in {1..20}; do echo "$i,$((i % 2))"; done; } >a.csv
    { echo x,y; for i in {101..140}; do echo "$i,$((i % 2))"; done; } >b.csv
    for name in a b; do
        ds-data import csv -q $name.csv --target y -o $name-whole.h5
        ds-data split -q $name-whole.h5 --val 5 --test 3 --seed 1 -o $name.h5
    done
    run -0 --separate-stderr ds-data cat a.h5 b.h5 -o ab.h5
    refute [ "$(grep -c warning <<<"$stderr")" != 0 ]
    assert_equal "$(info ab.h5 '[.splits.train, .splits.val, .splits.test, .statistics_of]')" '[44,10,6,"train"]'
    for split in train val test; do
        diff <(ds-data export csv -q ab.h5:$split -o - | sort) <({ ds-data export csv -q a.h5:$split -o -; ds-data export csv -q b.h5:$split -o - | tail -n +2; } | sort)
    done
    ds-data export csv -q ab.h5:train -o train.csv
    /usr/bin/python3 - <<'PYTHON'
import csv, h5py, json, statistics
x = [float(r["x"]) for r in csv.DictReader(open("train.csv"))]
own = json.loads(h5py.File("ab.h5")["meta"][()])["statistics"]["x"]
assert abs(own["mean"][0] - statistics.fmean(x)) < 1e-6 and abs(own["std"][0] - statistics.pstdev(x)) < 1e-6
PYTHON
    run -0 --separate-stderr ds-data cat a.h5 b-whole.h5 -o mixed.h5
    [[ $stderr == *"warning: the splits of a.h5 (test, train, val) and of b-whole.h5 (none) are not the same ones; the file has none, and what was held back is among the rest"* ]] || fail "$stderr"
    assert_equal "$(info mixed.h5 '[.samples, .splits, .statistics_of]')" '[60,{},""]'
    run -0 --separate-stderr ds-data cat a.h5:train b-whole.h5 -o some.h5
    refute [ "$(grep -c warning <<<"$stderr")" != 0 ]
    assert_equal "$(info some.h5 '[.samples, .splits]')" '[52,{}]'
}

@test "split tells which classes have no row to learn from" {
    { echo x,part,y; for i in {1..30}; do echo "$i,$([ "$i" -gt 20 ] && echo val || echo train),$([ "$i" -gt 25 ] && echo rare || echo c$((i % 2)))"; done; } >r.csv
    ds-data import csv -q r.csv --target y -o r.h5
    run -0 --separate-stderr ds-data split r.h5 --by part -o s.h5
    [[ $stderr == *"warning: no row of train is of a class of 'y': rare; a model cannot learn what all rows of are held back"* ]] || fail "$stderr"
    sed 's/rare/c0;rare;odd/' r.csv >m.csv
    ds-data import csv -q m.csv --target y --label-separator ';' -o m.h5
    run -0 --separate-stderr ds-data split m.h5 --by part -o s.h5
    [[ $stderr == *"warning: no row of train is of 2 classes of 'y': odd, rare;"* ]] || fail "$stderr"
    run -0 --separate-stderr ds-data split r.h5 --val 10 --stratify --seed 1 -o s.h5
    refute [ "$(grep -c warning <<<"$stderr")" != 0 ]
}

@test "export png: splits in one folder lose no picture, and nothing is overwritten by another" {
    ds-data split -q "$INPUTS/data.h5" --val 20 --seed 1 -o s.h5 --force
    rows=$(info s.h5 .samples)
    for split in train val; do ds-data export png -q s.h5:$split -o all; done
    ds-data export png -q s.h5:val -o all # the same once more
    assert_equal "$(find all -type f | wc -l)" "$rows"
    ds-data export png -q s.h5 -o whole && diff -r all whole
    # Pictures whose names are ids that splits share.
    mkdir -p names/{train,val}/{a,b} && n=0
    for file in $(find all -name '*.png' | sort | head -8); do n=$((n + 1)); cp "$file" names/$([ $((n % 2)) = 0 ] && echo train || echo val)/$([ $((n % 4)) -lt 2 ] && echo a || echo b)/same$((n / 4)).png; done
    ds-data import images -q names -o n.h5
    ds-data export png -q n.h5:train -o two
    before=$(find two -type f -exec md5sum {} + | sort)
    refuses 73 'is there and is another picture than row' 'ds-data export png n.h5:val -o two'
    assert_equal "$(find two -type f -exec md5sum {} + | sort)" "$before"
    ds-data export png -q n.h5 -o both && assert_equal "$(find both -type f | wc -l)" "$(info n.h5 .samples)"
}

@test "csv: numbers far from zero keep their deviation, and their differences where a float has none" {
    { echo x; for i in {1..2000}; do echo "$((10000000 + i % 2))"; done; } >far.csv
    ds-data import csv -q far.csv -o far.h5
    h5dump -d /meta far.h5 | grep -q '"std\":\[0.5\]'
    { echo t; for i in {1..50}; do echo "$((1700000000 + i))"; done; } >time.csv
    run -0 --separate-stderr ds-data import csv time.csv -o time.h5
    refute [ "$(grep -c warning <<<"$stderr")" != 0 ]
    { echo t; for i in {1..50}; do echo "1000000.0$((i % 3))"; done; } >near.csv
    ds-data import csv -q near.csv -o near.h5
    for file in time near; do
        assert_equal "$(info $file.h5 '.columns[0].dtype')" f64
        diff <(ds-data export csv -q $file.h5 -o -) <(sed 's/\.00$//' $file.csv)
    done
}

@test "a device that never ends is refused; very many texts are read one at a time" {
    for kind in csv text npy cifar idx; do refuses 65 '/dev/zero: a device, not a file' "ds-data import $kind /dev/zero -o out.h5"; done
    mkdir many
    for i in {1..120}; do echo "text $i" >"many/$i.txt"; done
    run -0 bash -c 'ulimit -n 40 && ds-data import text -q many/*.txt -o many.h5'
    assert_equal "$(info many.h5 '.history[0].inputs | length')" 120
}

@test "the same inputs give the same bytes" {
    for i in 1 2; do
        ds-data import idx -q images labels -o idx$i.h5
        ds-data split -q idx1.h5 --val 3 --seed 1 -o split$i.h5
    done
    cmp idx1.h5 idx2.h5
    cmp split1.h5 split2.h5
}

# ------------------------------------------------------------------------------------ edits and shows

@test "split: a part that comes to nothing is refused, and so are strata that are none or tear groups apart" {
    refuses 64 'leave none for val' 'ds-data split $INPUTS/data.h5 --val 0.0001 -o s.h5'
    refuses 64 'leave none for test' 'ds-data split $INPUTS/data.h5 --val 0.5 --test 0.0001 -o s.h5'
    refuses 64 'leave none for val' 'ds-data split $INPUTS/data.h5 --fold 1/9999 -o s.h5'
    printf 'x,g,y\n' >g.csv
    for i in {1..40}; do echo "$i,$((i / 4)),$((i % 2))"; done >>g.csv
    ds-data import csv -q g.csv --target x --drop g -o numbers.h5
    refuses 65 'a target of classes' 'ds-data split numbers.h5 --stratify --val 10 -o s.h5'
    ds-data import csv -q g.csv --target y --group g -o groups.h5
    refuses 64 "would tear the rows of one 'g' apart" 'ds-data split groups.h5 --stratify --val 10 -o s.h5'
    ds-data import csv -q g.csv --target y -o y.h5 # 0 and 1 are classes, however they are stored
    ds-data split -q y.h5 --stratify --val 10 --seed 1 -o s.h5
    ds-data export csv -q s.h5:val -o val.csv
    assert_equal "$(cut -d, -f3 val.csv | sort | uniq -c | awk '{print $1}' | head -2 | paste -sd' ')" '5 5'
}

@test "split: counts, fractions, strata, and what is impossible" {
    ds-data split -q "$INPUTS/data.h5" --val 0.25 --test 30 --stratify --seed 1 -o s.h5
    assert_equal "$(info s.h5 .splits)" '{"test":30,"train":150,"val":60}'
    ds-data export csv -q s.h5:val -o - | tail -n +2 | sort | uniq -c | awk '{print $1}' | xargs >counts
    assert_equal "$(cat counts)" '20 20 20'
    refuses 64 'leave none' 'ds-data split $INPUTS/data.h5 --val 240 --seed 1 -o out.h5'
    for value in x -1 0.5x 1.5 nan 1e30; do
        refuses 64 '--val takes a count or a fraction' "ds-data split $INPUTS/data.h5 --val=$value --seed 1 -o out.h5"
    done
    refuses 65 "no split 'nowhere'" 'ds-data info s.h5:nowhere'
}

@test "split: no row is lost and none stands twice; a drawn seed is said and repeats" {
    ds-data import csv -q <(seq 0 99 | sed '1i n') -o n.h5
    shell 'ds-data split n.h5 --val 30 --test 0.2 -o s.h5'
    [[ $stderr =~ seed\ ([0-9]+) ]]
    for part in train val test; do ds-data export csv -q s.h5:$part -o - | tail -n +2; done | sort -n >all
    cmp all <(seq 0 99)
    ds-data split -q n.h5 --val 30 --test 0.2 --seed "${BASH_REMATCH[1]}" -o again.h5
    diff <(ds-data export csv -q s.h5:val -o -) <(ds-data export csv -q again.h5:val -o -)
}

@test "split: by names and by time nothing is drawn, and the same command gives the same bytes" {
    printf 'when,part,y\n2024-03-01,train,1\n2024-01-01,val,0\n2024-02-01,train,3\n' >t.csv
    ds-data import csv -q t.csv --target y --categorical part -o t.h5
    for way in '--by part' '--by-time when --val 1'; do
        ds-data split t.h5 $way -o a.h5 2>said
        ds-data split -q t.h5 $way -o b.h5
        cmp a.h5 b.h5
        run -1 grep seed said
    done
    run -65 --separate-stderr ds-data split t.h5 --by-time part --val 1 -o c.h5
    assert_equal "$stderr" "ds-data: error: t.h5: column 'part' holds names, which are not earlier or later; --by-time takes numbers or dates"
    assert [ ! -e c.h5 ]
}

@test "cat and sample" {
    ds-data split -q "$INPUTS/data.h5" --val 60 --seed 1 -o s.h5
    ds-data cat -q s.h5:val s.h5:train -o c.h5
    assert_equal "$(info c.h5 .samples)" 240
    ds-data sample -q s.h5:val -n 10 --seed 1 -o few.h5
    assert_equal "$(info few.h5 .samples)" 10
    refuses 64 'cannot be drawn' 'ds-data sample s.h5:val --rows 61 --seed 1 -o out.h5'
    ds-data import cifar -q c10.bin -o other.h5
    refuses 65 "not alike: column 'image' is image u8[1,28,28] in the first" 'ds-data cat s.h5 other.h5 -o out.h5'
}

@test "label: names of classes, in place; too few, empty and doubled names are refused" {
    cp "$INPUTS/data.h5" d.h5
    ds-data label -q d.h5 --names <(printf 'top\nmiddle\nbottom\n')
    assert_equal "$(info d.h5 '.columns[1].labels')" '["top","middle","bottom"]'
    ds-data verify -q d.h5
    sum=$(sha256sum <d.h5)
    refuses 65 'class 2 has no name' "ds-data label d.h5 --names <(printf 'a\nb\n')"
    refuses 65 'line 2 is empty' "ds-data label d.h5 --names <(printf 'a\n\nb\n')"
    refuses 65 'stands twice' "ds-data label d.h5 --names <(printf 'a\nb\na\n')"
    assert_equal "$(sha256sum <d.h5)" "$sum"
    ds-data import csv -q clicks.csv --categorical user,item -o no-target.h5
    refuses 65 'no target column' "ds-data label no-target.h5 --names <(printf 'a\n')"
}

@test "label: no file is rewritten when one of them cannot be" {
    ds-data import idx -q images labels -o a.h5
    sum=$(sha256sum <a.h5)
    printf '%s\n' n{0..3} >names
    refuses 66 missing.h5 'ds-data label a.h5 missing.h5 --names names'
    ds-data import text -q words.txt -o text.h5
    refuses 65 'no target column' 'ds-data label a.h5 text.h5 --names names'
    assert_equal "$(sha256sum <a.h5)" "$sum"
}

@test "a colon without a split is no whole file" {
    ds-data import idx -q images labels -o a.h5
    refuses 64 'the name of a split is missing' 'ds-data info a.h5:'
}

@test "show draws PNG and SVG; pictures and folders are no streams" {
    ds-data show -q "$INPUTS/data.h5" --grid 2x3 -o g.png
    assert_equal "$(head -c 8 g.png | od -An -tx1 | xargs)" '89 50 4e 47 0d 0a 1a 0a'
    ds-data show -q "$INPUTS/data.h5" --grid 2x3 -o g.svg
    grep -q '</svg>' g.svg
    ds-data import npy -q x.npy -o x.h5
    refuses 65 'no images' 'ds-data show x.h5 -o g2.png'
    refuses 64 '.png or .svg' 'ds-data show $INPUTS/data.h5 -o g.gif'
    refuses 64 '.png or .svg' 'ds-data show $INPUTS/data.h5 -o -'
    refuses 64 '--grid' 'ds-data show $INPUTS/data.h5 --grid 0x3 -o g.png'
    refuses 64 'folder' 'ds-data export png $INPUTS/data.h5 -o -'
    [ ! -e ./- ]
}

@test "export: a column that is not there, text as an array" {
    ds-data import text -q words.txt -o t.h5
    refuses 64 'there are: image, label' 'ds-data export npy $INPUTS/data.h5 --column imagee -o a.npy'
    refuses 64 'different lengths' 'ds-data export npy t.h5 --column tokens -o a.npy'
    refuses 64 'none of its columns' 'ds-data export csv t.h5 -o a.csv'
    refuses 65 'no images' 'ds-data export png t.h5 -o tree'
}

@test "info: text and JSON say the same; data files go through pipes" {
    run -0 ds-data info "$INPUTS/data.h5"
    assert_line --regexp '^samples +240$'
    assert_line --regexp "^digest +$(info "$INPUTS/data.h5" .digest)$"
    run -0 bash -c 'ds-data split -q "$INPUTS/data.h5" --val 60 --seed 1 -o - | ds-data sample -q - -n 5 --seed 1 -o - | ds-data info - --json | jq .samples'
    assert_output 5
    run -0 bash -c 'ds-data verify -q <(cat "$INPUTS/data.h5")'
    run script -qefc "ds-data split -q $INPUTS/data.h5 --val 60 --seed 1 -o -" /dev/null
    assert_equal "$status" 64
    assert_output --partial terminal
}

# ----------------------------------------------------------------------------------------- bad inputs

@test "idx: cut, damaged, of other types and sizes" {
    gzip -dc "$INPUTS/images.gz" >big
    gzip -dc "$INPUTS/labels.gz" >names
    head -c 100000 big >cut
    refuses 65 'within image 127 of 240' 'ds-data import idx cut names -o out.h5'
    head -c 10 big >cut
    refuses 65 'within its sizes' 'ds-data import idx cut -o out.h5'
    head -c 3 big >cut
    refuses 65 'within its header' 'ds-data import idx cut -o out.h5'
    head -c 100 names >cut
    refuses 65 'within its labels' 'ds-data import idx big cut -o out.h5'
    cat big names >more
    refuses 65 'behind the last element' 'ds-data import idx more names -o out.h5'
    head -c 100000 "$INPUTS/images.gz" >cut.gz
    refuses 65 'within image' 'ds-data import idx cut.gz names -o out.h5'
    cp "$INPUTS/images.gz" damaged.gz
    printf 'XXXX' | dd of=damaged.gz bs=1 seek=5000 conv=notrunc status=none
    refuses 65 'damaged.gz: its compressed data is damaged' 'ds-data import idx damaged.gz names -o out.h5'
    refuses 65 'images first' 'ds-data import idx names big -o out.h5'
    refuses 65 '12 images and names has 240 labels' 'ds-data import idx images names -o out.h5'
    printf '\0\0\015\01\0\0\0\01aaaa' >floats
    refuses 65 'not unsigned bytes' 'ds-data import idx floats -o out.h5'
    refuses 65 'not an IDX file' 'ds-data import idx $INPUTS/picture.png -o out.h5'
    printf '\0\0\010\03\377\377\377\377\377\377\377\377\377\377\377\377' >huge
    refuses 65 'huge' 'ds-data import idx huge -o out.h5'
    printf '\0\0\010\03\0\0\0\0\0\0\0\02\0\0\0\02' >none
    refuses 65 'no images' 'ds-data import idx none -o out.h5'
}

@test "cifar: another length, a class out of range, both kinds" {
    head -c 3000 c10.bin >cut.bin
    refuses 65 'no whole number of CIFAR records' 'ds-data import cifar cut.bin -o out.h5'
    { printf '\012'; tail -c 3072 c10.bin; } >ten.bin
    refuses 65 'record 0 has class 10' 'ds-data import cifar ten.bin -o out.h5'
    refuses 65 'do not mix' 'ds-data import cifar c10.bin c100.bin -o out.h5'
}

@test "npy: NaN, negative classes, another count, foreign types, cut headers" {
    refuses 65 'row 5 holds nan' 'ds-data import npy nan.npy y.npy -o out.h5'
    refuses 65 'row 5 has class -1 and others up to 2' 'ds-data import npy x.npy minus.npy -o out.h5'
    refuses 65 'short.npy has 5 rows (an array [5]), and x.npy has 6 ([6,3])' 'ds-data import npy x.npy short.npy -o out.h5'
    for length in 5 9 50 120 150; do
        head -c $length x.npy >cut.npy
        refuses 65 cut.npy 'ds-data import npy cut.npy -o out.h5'
    done
    sed 's/<f4/|O8/' x.npy >objects.npy
    refuses 65 objects.npy 'ds-data import npy objects.npy -o out.h5'
    sed 's/(6, 3)/(9999999999, 9999999999)/' x.npy >huge.npy
    refuses 65 huge.npy 'ds-data import npy huge.npy -o out.h5'
}

@test "csv: NaN, open quotes, other lengths, doubled and unknown columns, no rows" {
    printf 'a,b\n1,2\n3,nan\n' >t.csv
    refuses 65 "t.csv: line 3: column 'b' has 'nan'" 'ds-data import csv t.csv -o out.h5'
    printf 'a,b\n1,2\n3\n' >t.csv
    refuses 65 'line 3: 1 fields where the header has 2' 'ds-data import csv t.csv -o out.h5'
    printf 'a,b\n1,"2\n' >t.csv
    refuses 65 'line 2: a quote is opened' 'ds-data import csv t.csv -o out.h5'
    printf 'a,a\n1,2\n' >t.csv
    refuses 65 'stands twice' 'ds-data import csv t.csv -o out.h5'
    printf 'a,b\n' >t.csv
    refuses 65 'no rows' 'ds-data import csv t.csv -o out.h5'
    refuses 64 "no column 'nope'; there are: user, item, age, click" 'ds-data import csv clicks.csv --target nope -o out.h5'
    refuses 65 'zero byte' 'ds-data import csv images -o out.h5'
}

@test "empty files and folders, folders as files, files that are not there" {
    : >empty
    mkdir folder
    for kind in idx cifar csv text npy; do
        refuses 65 empty "ds-data import $kind empty -o out.h5"
        refuses 65 folder "ds-data import $kind folder -o out.h5"
        refuses 66 nowhere "ds-data import $kind nowhere -o out.h5"
        refuses 65 null "timeout 20 ds-data import $kind /dev/null -o out.h5"
    done
    refuses 65 empty 'ds-data import images empty -o out.h5'
    refuses 65 'no pictures' 'ds-data import images -q folder -o out.h5'
    refuses 66 nowhere 'ds-data import images nowhere -o out.h5'
    mkdir folder/class
    refuses 65 'no pictures' 'ds-data import images -q folder -o out.h5'
}

@test "a split, a cat and a label of a damaged file are refused and change nothing" {
    cp "$INPUTS/data.h5" d.h5
    printf 'XXXX' | dd of=d.h5 bs=1 seek=100000 conv=notrunc status=none
    sum=$(sha256sum <d.h5)
    refuses 65 '/columns/image' 'ds-data verify d.h5'
    refuses 65 '/columns/image' 'ds-data cat d.h5 -o out.h5'
    refuses 65 '/columns/image' 'ds-data show d.h5 --grid 16x16 -o g.png'
    assert_equal "$(sha256sum <d.h5)" "$sum"
}
