#!/usr/bin/env bats
# Arrays as data: NumPy files with targets of any kind, and HDF5 files that other programs wrote.
load common

setup() {
    mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return
    python=/usr/bin/python3
    $python -c 'import h5py, numpy' || skip "h5py is not installed"
}

refuses() { # STATUS WORDS COMMAND
    shell "timeout 60 $3"
    assert_equal "$3: $status" "$3: $1"
    assert_one_error ds-data
    [[ $stderr == *"$2"* ]] || fail "$3: no '$2' in: $stderr"
    assert_file_not_exists out.h5
}

make_own() { # own.h5 as h5py writes it, of all kinds
    $python - <<'PYTHON'
import h5py, numpy as np
rng = np.random.default_rng(3)
n = 300
with h5py.File("own.h5", "w") as f:
    f.create_dataset("images", data=rng.integers(0, 256, (n, 6, 5), np.uint8), chunks=(7, 6, 2), compression="gzip", shuffle=True)
    f.create_dataset("deep/colour", data=rng.integers(0, 256, (n, 6, 5, 3), np.uint8), compression="gzip", fletcher32=True)
    f.create_dataset("planes", data=rng.integers(0, 256, (n, 3, 6, 5), np.uint8))
    for name, kind in [("f2", "<f2"), ("f4", ">f4"), ("f8", "<f8"), ("i2", ">i2"), ("i4", "<i4"), ("i8", "<i8"), ("u2", "<u2"), ("u4", ">u4"), ("i1", "i1")]:
        values = rng.normal(size=(n, 3)) * 50 if "f" in kind else rng.integers(0 if "u" in kind else -100, 100, (n, 3))
        f.create_dataset(name, data=values.astype(kind), chunks=(64, 3))
    f.create_dataset("age", data=np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)).astype("f4"))
    f.create_dataset("labels", data=rng.integers(0, 4, n))
    f.create_dataset("truth", data=rng.random(n) < 0.5)
    f.create_dataset("price", data=rng.normal(size=n) * 1e5 + 3e5)
    cities = np.array(["Oslo", "Rom", "Zürich", ""])[rng.integers(0, 4, n)]
    f.create_dataset("city", data=cities.astype(object), dtype=h5py.string_dtype(), chunks=(50,), compression="gzip")
    f.create_dataset("fixed", data=np.array([c.encode() for c in cities]))
    f.create_dataset("key", data=np.array([f"row {i}" for i in range(n)], object), dtype=h5py.string_dtype())
    f.create_dataset("short", data=np.zeros(n - 1))
PYTHON
}

@test "h5: what h5py wrote comes back as numbers, whatever its type, chunks and compression" {
    make_own
    for name in f2 f4 f8 i1 i2 i4 i8 u2 u4 age images planes deep/colour; do
        ds-data import h5 -q own.h5 --column x=/$name -o x.h5
        ds-data export npy -q x.h5 --column x -o "$(basename $name).npy"
    done
    $python - <<'PYTHON'
import h5py, numpy as np
f = h5py.File("own.h5")
for name in "f2 f4 f8 i1 i2 i4 i8 u2 u4 age images planes".split():
    found, wanted = np.load(name + ".npy"), f[name][()]
    if name == "images": found = found[:, 0]
    assert found.shape == wanted.shape and np.array_equal(found, wanted.astype(found.dtype), equal_nan=name == "age"), name
    assert found.dtype.kind == (wanted.dtype.kind if name not in ("u2", "u4") else "i"), (name, found.dtype)
assert np.array_equal(np.load("colour.npy"), f["deep/colour"][()].transpose(0, 3, 1, 2))
PYTHON
}

@test "h5: columns, targets, names and statistics of a whole table; it trains, and the history makes it again" {
    make_own
    ds-data import h5 -q own.h5 --column age --column town=/city --column /fixed --column f4 --target y=/price --id key -o t.h5
    assert_equal "$(ds-data info --json t.h5 | jq -c '[.columns[] | [.name, .kind]]')" '[["age","number"],["town","category"],["fixed","category"],["f4","number"],["y","target"],["key","id"]]'
    ds-data export csv -q t.h5 -o t.csv
    $python - <<'PYTHON'
import csv, h5py, json, numpy as np
f, rows = h5py.File("own.h5"), list(csv.DictReader(open("t.csv")))
assert [r["key"] for r in rows] == [k.decode() for k in f["key"]]
assert [r["town"] for r in rows] == [c.decode() for c in f["city"]] == [r["fixed"] for r in rows]
assert np.array_equal([float(r["y"]) for r in rows], f["price"][()])
age = f["age"][()]
assert [r["age"] == "" for r in rows] == list(np.isnan(age))
meta = json.loads(h5py.File("t.h5")["meta"][()])["statistics"]
assert abs(meta["age"]["mean"][0] - np.nanmean(age, dtype=float)) < 1e-6 and meta["age"]["missing"] == np.isnan(age).sum()
assert abs(meta["age"]["std"][0] - np.nanstd(age.astype(float))) < 1e-6
PYTHON
    ds-data import h5 -q own.h5 --column age --column town=/city --target y=/price --id key -o s.h5
    ds-train -q tabular -d s.h5 --steps 2 --seed 1 -o m.h5
    ds-infer -q m.h5 s.h5 >out && grep -q '^row 299: y ' out
    ds-data import h5 own.h5 --column images --target /labels -o i.h5
    ds-train -q mlp --set width=4 -d i.h5 --steps 2 --seed 1 -o i-model.h5
    ds-data import h5 -q own.h5 --column f4 --target truth -o b.h5
    assert_equal "$(ds-data info --json b.h5 | jq -c '.columns[1].labels')" '["0","1"]'
    mkdir again && cp own.h5 again && (cd again && ds-info --script ../m.h5 >script && sh -e script 2>/dev/null)
    cmp again/m.h5 m.h5
    cmp again/s.h5 s.h5
    # Through a pipe the same.
    ds-data import h5 -q --column images --target labels -o p.h5 - <own.h5
    assert_equal "$(ds-data export npy p.h5 --column image -o - 2>/dev/null | md5sum)" "$(ds-data export npy i.h5 --column image -o - 2>/dev/null | md5sum)"
}

@test "the same array is the same column from npy, npz and HDF5, in C and in Fortran order" {
    $python - <<'PYTHON'
import h5py, numpy as np
rng = np.random.default_rng(2)
for name, shape in ("grey", (50, 6, 5)), ("hwc", (50, 6, 5, 3)), ("chw", (50, 3, 6, 5)), ("flat", (50, 7)), ("deep", (50, 2, 2, 2, 2)):
    for kind in "u1", "f4":
        x = rng.integers(0, 256, shape).astype(kind)
        np.save(f"{name}-{kind}.npy", x)
        np.savez(f"{name}-{kind}.npz", x=x)
        np.savez_compressed(f"{name}-{kind}-f.npz", x=np.asfortranarray(x))
        np.save(f"{name}-{kind}-f.npy", np.asfortranarray(x))
        with h5py.File(f"{name}-{kind}.hdf", "w") as f: f["x"] = x
PYTHON
    for name in {grey,hwc,chw,flat,deep}-{u1,f4}; do
        ds-data import h5 -q $name.hdf --column x -o h5.h5
        ds-data export npy -q h5.h5 --column x -o wanted.npy
        what=$(ds-data info --json h5.h5 | jq -c '.columns[0] | [.kind, .dtype, .shape]')
        for file in $name.npy $name-f.npy $name.npz $name-f.npz; do
            ds-data import npy -q "$file" -o npy.h5
            assert_equal "$file $(ds-data info --json npy.h5 | jq -c '.columns[0] | [.kind, .dtype, .shape]')" "$file $what"
            ds-data export npy -q npy.h5 --column "$(ds-data info --json npy.h5 | jq -r '.columns[0].name')" -o found.npy
            cmp wanted.npy found.npy
        done
    done
}

@test "npy: whatever NumPy writes comes back as NumPy has it, in both orders of bytes and of axes" {
    $python - <<'PYTHON'
import numpy as np
rng = np.random.default_rng(8)
for kind in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 ?".split():
    x = rng.normal(size=(40, 3)) * 50 if "f" in kind else rng.integers(0 if kind[0] in "u?" else -100, 2 if kind == "?" else 100, (40, 3))
    if kind in ("i2", "u2", "i4", "u4", "i8"): x[:2, 0] = np.iinfo(kind).min, np.iinfo(kind).max
    if kind == "u8": x[0, 0] = 2**63 - 1
    if kind == "f2": x[:5, 0] = 6e-8, -6.1e-5, 65504, 0, 0.1
    for order in "<>":
        a = x.astype(order + kind)
        np.save(f"{kind}{'l' if order == '<' else 'b'}.npy", a), np.save(f"{kind}{'l' if order == '<' else 'b'}-f.npy", np.asfortranarray(a))
        np.savez(f"{kind}{'l' if order == '<' else 'b'}.npz", a=a)
words = np.array(["Zürich", "", "東京", "a b", "🙂"] * 8)
for name, y in ("U", words), ("bigU", words.astype(">U9")), ("S", np.array([w.encode() for w in words])): np.save(name + ".npy", y)
np.save("grid.npy", np.tile(words, 2).reshape(40, 2)), np.save("huge.npy", np.array([1, 2**63], "u8")), np.save("rec.npy", np.zeros(3, "i4,f4"))
np.save("date.npy", np.array(["2024-01-01"] * 40, "M8[D]")), np.save("complex.npy", np.zeros(40, complex)), np.save("x.npy", np.arange(40.0))
np.save("holes.npy", np.array([0, 100, 100, 7] * 10, ">u2")), np.save("zero.npy", np.array(["a\0b", "c"] * 20))
np.save("column.npy", np.array([[3], [1]] * 20, "u1"))
PYTHON
    for file in {f2,f4,f8,i1,i2,i4,i8,u1,u2,u4,u8,\?}{l,b}{,-f}.npy {f2,i2,u8}{l,b}.npz; do
        ds-data import npy -q "$file" -o x.h5
        ds-data export npy -q x.h5 --column x -o back.npy
        $python - "$file" <<'PYTHON'
import numpy as np, sys
a, b = np.load(sys.argv[1]), np.load("back.npy")
a = a["a"] if sys.argv[1].endswith("z") else a
assert a.shape == b.shape and (a == b).all() and (a.dtype.kind != "f" or a.dtype.itemsize <= b.dtype.itemsize), sys.argv[1]
PYTHON
    done
    for name in U bigU S; do
        ds-data import npy -q x.npy $name.npy -o $name.h5
        assert_equal "$(ds-data info --json $name.h5 | jq -c '.columns[1] | [.name, .kind, .labels]')" '["label","target",["","Zürich","a b","東京","🙂"]]'
        cmp <(ds-data export csv -q $name.h5 -o -) <(ds-data export csv -q U.h5 -o -)
    done
    run -0 --separate-stderr ds-data import npy x.npy holes.npy -o h.h5
    [[ $stderr == *"target label: 3 classes: 0, 7, 100; floats would be numbers"* ]] || fail "$stderr"
    assert_equal "$(ds-data export csv -q h.h5 -o - | sed -n '2,5p' | cut -d, -f2 | xargs)" '0 100 100 7'
    ds-data import npy -q x.npy column.npy -o c.h5 # as Keras has labels
    assert_equal "$(ds-data export csv -q c.h5 -o - | sed -n '1,3p' | xargs)" 'x,label 0,3 1,1'
    assert_equal "$(ds-data info --json c.h5 | jq -c '.columns[1].labels')" '["1","3"]'
    refuses 65 "zero.npy: a string has a zero byte, which names of classes and categories have not" 'ds-data import npy x.npy zero.npy -o out.h5'
    refuses 65 "grid.npy: a table of strings [40,2]; one string a row is read" 'ds-data import npy x.npy --target grid.npy -o out.h5'
    refuses 65 "huge.npy: it holds 9223372036854775808, and integers are read up to 2^63 - 1" 'ds-data import npy huge.npy -o out.h5'
    refuses 65 "date.npy: an array of '<M8[D]', which is not read; numbers, truth values and strings are" 'ds-data import npy date.npy -o out.h5'
    refuses 65 "complex.npy: an array of '<c16', which is not read" 'ds-data import npy complex.npy -o out.h5'
    refuses 65 "rec.npy: an array of records of several fields, which is not read" 'ds-data import npy rec.npy -o out.h5'
}

@test "npy: classes with holes have the names of their numbers, here, in several files and from a list of names" {
    $python -c 'import numpy as n
y = n.array([0, 100, 7, 12] * 10)
n.save("x.npy", n.arange(40.0)), n.save("y.npy", y), n.save("x2.npy", n.arange(2.0)), n.save("y2.npy", n.array([2, 100]))
n.save("y3.npy", n.arange(40) % 12 + (n.arange(40) % 12 > 2))
open("names.txt", "w").write("".join(f"class {i}\n" for i in range(101))); open("four.txt", "w").write("a\nb\nc\nd\n"); open("ten.txt", "w").write("".join(f"{i}x\n" for i in range(10)))'
    ds-data import npy -q x.npy y.npy -o a.h5 && ds-data import npy -q x2.npy y2.npy -o b.h5
    ds-data cat -q a.h5 b.h5 -o ab.h5
    assert_equal "$(ds-data info --json ab.h5 | jq -c '.columns[1].labels')" '["0","2","7","12","100"]'
    refuses 65 "a.h5: class 12 has no name; 10 names are given" 'ds-data label a.h5 --names ten.txt'
    cp a.h5 four.h5 && ds-data label -q four.h5 --names four.txt
    assert_equal "$(ds-data info --json four.h5 | jq -c '.columns[1].labels')" '["a","b","c","d"]'
    ds-data label -q a.h5 b.h5 --names names.txt
    assert_equal "$(ds-data export csv -q b.h5 -o - | tail -n 1)" '1,class 100'
    assert_equal "$(ds-data info --json a.h5 | jq -c '.columns[1].labels')" '["class 0","class 7","class 12","class 100"]'
    # A model of the one knows the classes of the other by name.
    ds-data import npy -q x.npy y3.npy -o c.h5
    ds-train tabular -q -d c.h5 --steps 2 --seed 1 -o m.h5
    ds-data filter -q c.h5 --where 'label == "11"' -o few.h5
    ds-eval -q m.h5 -d few.h5 >/dev/null
    $python -c 'import numpy as n; n.save("y.npy", n.arange(40) * 3)'
    run -0 --separate-stderr ds-data import npy x.npy y.npy -o x.h5
    [[ $stderr == *"40 rows have 40 classes; where they are numbers to be predicted, give them as floats"* ]] || fail "$stderr"
}

@test "masks as arrays train a segmentation, from npy and from HDF5" {
    $python - <<'PYTHON'
import h5py, numpy as np
rng = np.random.default_rng(1)
x = rng.integers(0, 100, (24, 16, 16, 3), np.uint8)
m = np.zeros((24, 16, 16), np.int64)
for i in range(24): m[i, 4:10, i % 4:12] = 1
x[m == 1] += 150
m[:, 0, :] = 255
np.save("x.npy", x), np.save("m.npy", m), np.save("b.npy", m == 1)
with h5py.File("own.h5", "w") as f: f["x"], f["m"], f["b"] = x, m.astype(">u2"), m == 1
PYTHON
    ds-data import npy -q x.npy --target m.npy -o n.h5
    ds-data import h5 -q own.h5 --column image=/x --target mask=/m -o h.h5
    assert_equal "$(ds-data info --json n.h5 | jq -c '.columns[1] | [.kind, .shape, .labels, .ignored]')" '["mask",[16,16],["0","1"],384]'
    for column in image mask; do cmp <(ds-data export npy -q n.h5 --column $column -o - | cat) <(ds-data export npy -q h.h5 --column $column -o - | cat); done
    ds-train unet -q --set width=4 --set depth=1 -d n.h5 --epochs 20 --lr 0.02 --seed 1 -o m.h5
    ds-eval m.h5 -d h.h5 --min iou=0.9 >/dev/null
    for from in 'npy -q x.npy --target b.npy' 'h5 -q own.h5 --column image=/x --target mask=/b'; do
        ds-data import $from -o b.h5
        assert_equal "$(ds-data info --json b.h5 | jq -c '.columns[1] | [.kind, .labels]')" '["mask",["0","1"]]'
    done
}

@test "floats with channels last are told, for nothing turns them" {
    $python -c 'import numpy as np
x = np.random.default_rng(1).random((20, 6, 5, 3), np.float32)
np.save("last.npy", x), np.save("first.npy", x.transpose(0, 3, 1, 2).copy()), np.save("bytes.npy", (255 * x).astype(np.uint8))'
    run -0 --separate-stderr ds-data import npy last.npy -o x.h5
    [[ $stderr == *"column image: rows of [6,5,3] that are no bytes"*"or as [3,6,5]"* ]] || fail "$stderr"
    for file in first bytes; do
        run -0 --separate-stderr ds-data import npy $file.npy -o x.h5
        [[ $stderr != *"no bytes"* ]] || fail "$stderr"
    done
}

@test "h5: what has no place is refused by name, and other files stay closed" {
    make_own
    printf 'secret bytes of another file, long enough' >secret
    $python - <<'PYTHON'
import h5py, numpy as np
with h5py.File("odd.h5", "w") as f:
    f["x"] = np.arange(4.0)
    f.create_dataset("outside", shape=(4,), dtype="u1", external=[("secret", 0, 4)])
    layout = h5py.VirtualLayout(shape=(4,), dtype="f8")
    layout[:] = h5py.VirtualSource("own.h5", "price", shape=(300,))[:4]
    f.create_virtual_dataset("virtual", layout)
    f["soft"] = h5py.SoftLink("/x")
    f["link"] = h5py.ExternalLink("own.h5", "/price")
    f["record"] = np.zeros(4, [("a", "f4"), ("b", "i4")])
    f["u8"] = np.zeros(4, np.uint64)
    f["complex"] = np.zeros(4, complex)
    f["table"] = np.array([[b"a", b"b"]] * 4)
    f.create_dataset("scalar", data=3.0)
    f.create_dataset("none", shape=(0, 3), dtype="f4")
    f.create_dataset("unwritten", shape=(4, 3), dtype="f4")
    f.create_dataset("lzf", data=np.zeros(100), compression="lzf")
    f.create_dataset("ragged", shape=(4,), dtype=h5py.vlen_dtype(np.int32))
    f.create_dataset("bomb", shape=(1 << 40,), dtype="f8", chunks=(1 << 16,), compression="gzip")[0] = 1
    f["infinite"] = np.array([1, 2, np.inf, 4])
    f["holes"] = np.array([[1, 2], [np.nan, 3], [4, 5], [6, 7]])
    f["y"] = np.array([1, np.nan, 2, 3])
    f["minus"] = np.array([0, -1, 2, 3])
PYTHON
    while IFS='|' read -r name words; do
        refuses 65 "$words" "ds-data import h5 odd.h5 --column $name -o out.h5"
    done <<'ROWS'
outside|/outside: refused: its contents lie in another file (external storage)
virtual|/virtual: refused: a virtual dataset
soft|/soft: refused: a soft link
link|/link: refused: a link to another file
link/deeper|a link to another file
record|records of several fields (a compound type)
u8|unsigned integers of 64 bits
complex|records of several fields
table|a table of strings
scalar|one value, and no rows
none|it holds nothing
unwritten|a shape and no contents
lzf|stored through filter 32000
ragged|rows of different lengths
bomb|its size does not fit the file
infinite|odd.h5:/infinite: row 2 holds inf
holes|odd.h5:/holes: row 1 holds nan; missing numbers are taken in arrays [n] alone
nowhere|there is no dataset /nowhere; there are: /bomb, /complex
x/y|there is no dataset /x/y
x/.|there is no dataset /x/.
../x|there is no dataset /../x
ROWS
    refuses 65 'own.h5:/short has 299 rows (an array [299]), and own.h5:/age has 300 ([300])' 'ds-data import h5 own.h5 --column age --target short -o out.h5'
    refuses 65 'the target of row 1 is nan' 'ds-data import h5 odd.h5 --column x --target y -o out.h5'
    refuses 65 'row 1 has class -1' 'ds-data import h5 odd.h5 --column x --target minus -o out.h5'
    refuses 65 "an array [4] of f64 names no rows" 'ds-data import h5 odd.h5 --column x --id y -o out.h5'
    refuses 65 "two columns are called 'x'" 'ds-data import h5 odd.h5 --column x --column x=/minus -o out.h5'
    refuses 65 'not an HDF5 file' 'ds-data import h5 secret --column x -o out.h5'
    refuses 64 "'=/x' names no dataset" 'ds-data import h5 odd.h5 --column =/x -o out.h5'
}

@test "npy: targets of numbers, several of them, and of yes and no, train what they mean" {
    $python - <<'PYTHON'
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(200, 4)).astype("f4")
np.save("x.npy", x)
np.save("one.npy", x @ [1.0, 2, 3, 4] + 7)
np.save("two.npy", np.stack([x[:, 0] - 3, 100 * x[:, 1]], 1).astype("f4"))
np.save("yes.npy", (x[:, 0] > 0).astype("f4"))
np.save("age.npy", np.where(x[:, 0] > 1, np.nan, x[:, 0]))
PYTHON
    for target in one two; do
        ds-data import npy -q x.npy --target $target.npy -o $target.h5
        ds-data export npy -q $target.h5 --column y -o back.npy
        $python -c 'import numpy, sys; a, b = (numpy.load(f) for f in sys.argv[1:]); assert a.dtype == b.dtype and numpy.array_equal(a, b)' back.npy $target.npy
    done
    assert_equal "$(ds-data info --json two.h5 | jq -c '.columns[1] | [.name, .kind, .dtype, .shape]')" '["y","target","f32",[2]]'
    ds-data import npy -q age.npy --target yes.npy -o yes.h5
    ds-train -q tabular -d yes.h5 --epochs 30 --seed 1 -o yes-model.h5
    ds-eval yes-model.h5 -d yes.h5 --min auc=0.9 >/dev/null
    refuses 64 'an array, and one of targets' 'ds-data import npy x.npy one.npy --target two.npy -o out.h5'
    refuses 65 'numbers to be predicted are for --target' 'ds-data import npy x.npy one.npy -o out.h5'
    cat >line.yaml <<'YAML'
inputs:
  x: f32[N,4]
layers:
  - linear: {name: out, units: 2}
loss: mse
YAML
    ds-train -q line.yaml -d two.h5 --epochs 60 --lr 0.05 --seed 1 -o line.h5
    ds-infer -q line.h5 x.npy --raw found.npy >/dev/null
    $python -c 'import numpy as n; a, b = n.load("found.npy"), n.load("two.npy"); assert (abs(a - b) < [0.3, 30]).all(), abs(a - b).max(0)'
    mkdir again && cp x.npy two.npy again && (cd again && ds-info --script ../line.h5 >script && sh -e script 2>/dev/null)
    cmp again/line.h5 line.h5
}

@test "npz: arrays by name, stored and deflated and of large archives, alone or with targets and names" {
    /usr/bin/python3 - <<'PYTHON'
import numpy as np, zipfile
rng = np.random.default_rng(2)
x, y, t = rng.integers(0, 256, (30, 8, 9), np.uint8), rng.integers(0, 3, 30), rng.normal(size=(30, 2)).astype(np.float32)
np.savez("plain.npz", x_train=x, y_train=y, t=t, rows=np.arange(100, 130))
np.savez_compressed("packed.npz", x_train=x, y_train=y, t=t, rows=np.arange(100, 130))
np.savez("one.npz", t)
np.save("x.npy", x), np.save("t.npy", t)
with zipfile.ZipFile("noted.npz", "w") as z: # a comment behind it, and another way of packing
    z.write("t.npy"), z.write("x.npy", compress_type=zipfile.ZIP_BZIP2)
    z.comment = b"PK\x05\x06 is no end"
b = bytearray(open("packed.npz", "rb").read())
b[300] ^= 4
open("damaged.npz", "wb").write(b)
open("cut.npz", "wb").write(b[:-40])
PYTHON
    for name in plain packed; do
        ds-data import npy -q $name.npz --column image=x_train --target y_train --target value=t --id rows -o $name.h5
        ds-data export npy $name.h5 --column image -o $name.npy
        ds-data export csv $name.h5 -o $name.csv
        ds-data info $name.h5 --json | jq -e '[.columns[].name] == ["image", "y_train", "value", "rows"]'
    done
    cmp plain.npy packed.npy && cmp plain.csv packed.csv
    tail -n 2160 plain.npy >/dev/null && cmp <(tail -c 2160 plain.npy) <(tail -c 2160 x.npy)
    grep -q '^.*,129$' plain.csv
    ds-data import npy -q one.npz -o one.h5 && ds-data export npy one.h5 --column x -o one.npy && cmp one.npy t.npy
    ds-data import npy -q - --column x=t -o two.h5 <noted.npz && ds-data export npy two.h5 --column x -o two.npy && cmp two.npy t.npy
    refuses 64 'say which of its arrays models take' 'ds-data import npy plain.npz -o o.h5'
    refuses 64 "there is no array 'xtrain'; did you mean x_train?" 'ds-data import npy plain.npz --column x=xtrain -o o.h5'
    refuses 64 'are for .npz' 'ds-data import npy x.npy --column x -o o.h5'
    refuses 65 "'x.npy' is packed in another way" 'ds-data import npy noted.npz --column t --column x -o o.h5'
    refuses 65 "damaged.npz: its member 'x_train.npy' is damaged" 'ds-data import npy damaged.npz --column x_train -o o.h5'
    refuses 65 'cut.npz: no ZIP archive, or one that is cut' 'ds-data import npy cut.npz --column t -o o.h5'
    assert_not_exists o.h5
    # A history with such a file makes the same again.
    ds-train -q mlp --set width=4 -d packed.h5 --steps 1 --seed 1 -o m.h5
    ds-info m.h5 --script >again.sh && mkdir again && cp packed.npz again
    (cd again && sh ../again.sh) 2>/dev/null && cmp m.h5 again/m.h5
}
