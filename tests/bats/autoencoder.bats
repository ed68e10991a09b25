#!/usr/bin/env bats
# Models that give back what went in: their metrics, pictures of what came back, and finding what is unlike the rest.
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    make_masks 48 photos ignored
    make_masks 9 more ignored_too
    ds-data import images -q photos --masks ignored --size 20x26 -o train.h5 # the masks are of no use here
    ds-data import images -q more --masks ignored_too --size 20x26 -o test.h5
    ds-train -q autoencoder --set width=8 --set code=16 -d train.h5 --val test.h5 --epochs 10 --batch 8 --best b.h5 \
        --seed 1 -o m.h5
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" && F=$BATS_FILE_TMPDIR || return; }

refuses() { # STATUS WORDS COMMAND
    shell "$3"
    assert_equal "$3: $status" "$3: $1"
    assert_one_error "$(cut -d' ' -f1 <<<"$3")"
    [[ $stderr == *"$2"* ]] || fail "$3: no '$2' in: $stderr"
}

@test "what comes back is measured in the data's unit, by both tools alike" {
    ds-eval "$F/m.h5" -d "$F/test.h5" --json --predictions said.csv >said.json
    ds-infer "$F/m.h5" "$F/test.h5" --raw back.npy -o infer.csv
    ds-infer "$F/m.h5" "$F/test.h5" --json >infer.json
    ds-data export npy "$F/test.h5" --column image -o truth.npy
    ds-data export npy "$F/train.h5" --column image -o trained.npy
    /usr/bin/python3 - <<'PYTHON'
import csv, json
import numpy as np
said, back, truth = json.load(open("said.json")), np.load("back.npy").astype(float), np.load("truth.npy").astype(float)
assert back.shape == truth.shape == (9, 3, 20, 26), back.shape
error = back - truth
mse = (error ** 2).mean()
assert abs(said["mse"] / mse - 1) < 1e-5 and abs(said["mae"] / abs(error).mean() - 1) < 1e-5
assert abs(said["psnr"] - 10 * np.log10(255 ** 2 / mse)) < 1e-4 and said["task"] == "reconstruction"
assert 0 < said["ssim"] < 1
of_rows = np.sqrt((error ** 2).mean((1, 2, 3)))
for name in "said.csv", "infer.csv":
    rows = list(csv.DictReader(open(name)))
    assert rows[0]["file"] == "000.png" and list(rows[0]) == ["file", "rmse", "psnr"], rows[0]
    assert np.allclose([float(r["rmse"]) for r in rows], of_rows, rtol=1e-5)
assert abs(json.load(open("infer.json"))[3]["rmse"] / of_rows[3] - 1) < 1e-5
# The loss is the squared error of pixels that are standardised as the training data are.
std = np.load("trained.npy").std((0, 2, 3))
assert abs(said["loss"] / ((error / std[:, None, None]) ** 2).mean() - 1) < 1e-4, said["loss"]
PYTHON
}

@test "the best validation is that of the greatest psnr, and a resumed run ends as one that was not stopped" {
    ds-info "$F/b.h5" --json | jq -e '.metrics.val_psnr >= 10'
    best=$(ds-info "$F/b.h5" --json | jq .metrics.val_psnr)
    ds-eval "$F/b.h5" -d "$F/test.h5" --min "psnr=$(jq -n "$best - 0.001")" --max "psnr=$(jq -n "$best + 0.001")"
    ds-train -q autoencoder --set width=4 --set code=4 -d "$F/train.h5" --steps 4 --batch 8 --seed 1 -o whole.h5
    ds-train -q autoencoder --set width=4 --set code=4 -d "$F/train.h5" --steps 4 --batch 8 --seed 1 --stop-after 2 -o half.h5
    cp "$F/train.h5" . && ds-train -q --resume half.h5 -o rest.h5
    ds-info --diff whole.h5 rest.h5
}

@test "pictures of what comes back, of the model's size, beside what went in" {
    ds-infer "$F/m.h5" "$F/more" -o out/
    ds-infer "$F/m.h5" "$F/test.h5" --raw back.npy >lines.txt
    grep -Eq '^000.png: rmse [0-9.]+, psnr [0-9.]+ dB$' lines.txt
    ds-infer "$F/m.h5" "$F/more/003.png" -o one.png && cmp one.png out/003.png
    ds-eval "$F/m.h5" -d "$F/test.h5" --sheet sheet.png >/dev/null
    head -c 4 sheet.png | grep -q PNG
    refuses 64 '--overlay draws masks over pictures' "ds-infer $F/m.h5 $F/more --overlay x/"
    assert_not_exists x
    ds-infer "$F/m.h5" "$F/test.h5" --layer code --raw code.npy >/dev/null
    /usr/bin/python3 - <<'PYTHON'
import struct, zlib
import numpy as np
def rgb(path): # of our own PNGs
    bytes, at, body, size = open(path, "rb").read(), 8, b"", None
    while at < len(bytes):
        n, kind = struct.unpack(">I4s", bytes[at:at + 8])
        if kind == b"IHDR": size = struct.unpack(">II", bytes[at + 8:at + 16]); assert bytes[at + 16:at + 18] == b"\x08\x02"
        if kind == b"IDAT": body += bytes[at + 8:at + 8 + n]
        at += n + 12
    rows, w = np.frombuffer(zlib.decompress(body), np.uint8).reshape(size[1], -1), size[0]
    out = np.zeros((size[1], w * 3), int)
    for y, row in enumerate(rows):
        kind, x = row[0], row[1:].astype(int)
        up = out[y - 1] if y else np.zeros(w * 3, int)
        for i in range(w * 3):
            a, b, c = out[y, i - 3] if i >= 3 else 0, up[i], up[i - 3] if i >= 3 else 0
            p = a + b - c
            pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
            paeth = a if pa <= pb and pa <= pc else b if pb <= pc else c
            out[y, i] = (x[i] + [0, a, b, (a + b) // 2, paeth][kind]) % 256
    return out.reshape(size[1], w, 3).transpose(2, 0, 1)
back = np.load("back.npy")
assert np.array_equal(rgb("out/003.png"), np.floor(back[3].clip(0, 255).astype(float) + 0.5)), abs(rgb("out/003.png") - back[3]).max()
assert np.load("code.npy").shape == (9, 16)
PYTHON
}

@test "rows that are unlike the rest come back worst, whether as a table or as an array" {
    /usr/bin/python3 - <<'PYTHON'
import numpy as np
rng = np.random.default_rng(1)
t = rng.normal(size=(400, 2))
x = np.stack([t[:, 0], t[:, 0] + 0.05 * t[:, 1], t[:, 1], t[:, 0] - t[:, 1]], 1)
x[390:, 1] = -2 * np.sign(x[390:, 0]) # each number is usual, together they are not
np.save("x.npy", (7 + 3 * x).astype(np.float32)[:390]), np.save("new.npy", (7 + 3 * x).astype(np.float32))
def csv(path, rows):
    with open(path, "w") as f:
        print("a,b,c,d", file=f)
        for k, row in enumerate(rows * [1, 200, 0.01, 3] + [10, 5000, 0, 1]):
            print(*["" if i == 2 and k % 50 == 7 else "%.6f" % v for i, v in enumerate(row)], sep=",", file=f)
csv("x.csv", x[:390]), csv("new.csv", x)
PYTHON
    ds-data import npy -q x.npy -o x.h5
    ds-data import csv -q x.csv -o t.h5
    for name in x t; do
        ds-train -q table-autoencoder --set code=2 -d $name.h5 --epochs 25 --seed 1 -o $name.m.h5
    done
    ds-infer x.m.h5 new.npy -o x.said.csv && ds-infer t.m.h5 new.csv -o t.said.csv
    ds-infer x.m.h5 new.npy --raw back.npy >/dev/null
    ds-eval x.m.h5 -d x.h5 --json >x.json
    /usr/bin/python3 - <<'PYTHON'
import csv, json
import numpy as np
for name in "x", "t":
    rows = list(csv.DictReader(open(name + ".said.csv")))
    error = np.array([float(r["rmse"]) for r in rows])
    assert len(rows) == 400 and (error[390:, None] > error[None, :390]).mean() > 0.9, (error[390:], np.quantile(error[:390], 0.9))
x, back, said = np.load("new.npy").astype(float), np.load("back.npy").astype(float), json.load(open("x.json"))
assert back.shape == x.shape and abs(said["mse"] / ((back - x)[:390] ** 2).mean() - 1) < 1e-4
peak = x[:390].max() - x[:390].min()
assert abs(said["psnr"] - 10 * np.log10(peak ** 2 / said["mse"])) < 1e-4 and "ssim" not in said
PYTHON
    refuses 64 'predictions of reconstruction are no' "ds-eval x.m.h5 -d x.h5 --sheet s.png"
    refuses 64 'out.png is for pictures' "ds-infer x.m.h5 new.npy -o out.png"
}

@test "beside a class: both tools have the same columns, and what is not defined is told as such" {
    /usr/bin/python3 -c '
import random
random.seed(1)
print("a,b,c,w,kind")
for i in range(90):
    t = random.gauss(0, 1)
    print(t, 2 * t + random.gauss(0, .1), -t, i % 3, "xyz"[i % 3], sep=",")' >t.csv
    cat >joint.yaml <<'YAML'
inputs: {}
layers:
  - columns: {kind: number, as: row}
  - linear: {name: code, units: 2, as: code}
  - linear: {name: back, like: row, as: back}
  - linear: {name: head, from: code, units: 3, as: kinds}
loss:
  - {kind: cross_entropy, target: kind, from: kinds}
  - {kind: reconstruction, target: row, from: back, weight: 0.5}
YAML
    ds-data import csv -q t.csv --weight w --target kind -o t.h5
    ds-train -q ./joint.yaml -d t.h5 --val t.h5 --epochs 3 --batch 30 --lr 0.01 --seed 1 -o m.h5
    ds-infer m.h5 t.h5 -o a.csv && ds-eval m.h5 -d t.h5 --predictions b.csv >/dev/null
    ds-infer m.h5 t.h5 --json >a.json
    /usr/bin/python3 - <<'PYTHON'
import csv, json
a, b = (list(csv.DictReader(open(n))) for n in ("a.csv", "b.csv"))
assert list(a[0])[1:] == "kind.predicted kind.probability row.rmse row.a.predicted row.b.predicted row.c.predicted".split()
for x, y in zip(a, b):
    assert all(x[k] == y[k] for k in list(a[0])[1:]) and None not in x
    error = sum((float(y["row.%s.target" % c]) - float(y["row.%s.predicted" % c])) ** 2 for c in "abc") / 3
    assert abs(float(x["row.rmse"]) ** 2 - error) < 1e-5 * (1 + error)
row = json.load(open("a.json"))[0]["targets"]["row"]
assert len(row["value"]) == 3 and row["columns"] == ["a", "b", "c"]
PYTHON
    # there are no pictures, so there is no measure of them
    ds-info m.h5 | grep -q '^val_row.psnr'
    for said in "$(ds-info m.h5)" "$(ds-info m.h5 --history)" "$(ds-eval m.h5 -d t.h5)"; do [[ $said != *ssim* ]] || fail "$said"; done
    refuses 64 'the samples have no row.ssim' "ds-eval -q m.h5 -d t.h5 --min row.ssim=0.5"
}

@test "rows of a table: numbers are called by their columns, marks of missing ones and arrays too" {
    printf 'a,b\n' >t.csv
    for i in {1..40}; do echo "$i,$([ $((i % 4)) = 0 ] || echo $((i * i)))"; done >>t.csv
    ds-data import csv -q t.csv -o t.h5
    ds-train -q table-autoencoder --set code=1 -d t.h5 --epochs 1 --seed 1 -o m.h5
    head -3 t.csv >new.csv
    ds-infer -q m.h5 new.csv -o out.csv
    assert_equal "$(head -1 out.csv)" a,b,rmse,a.predicted,b.predicted,b.missing.predicted
    ds-eval -q m.h5 -d t.h5 --predictions p.csv >/dev/null
    assert_equal "$(head -1 p.csv)" sample,a.target,b.target,b.missing.target,rmse,a.predicted,b.predicted,b.missing.predicted
    assert_equal "$(sed 1d p.csv | cut -d, -f4 | sort | uniq -c | tr -s ' \n' ' ')" ' 30 0 10 1 '
}

@test "what no output can be held to is refused with its place" {
    printf 'a,kind\n1,x\n2,y\n3,x\n' >names.csv && ds-data import csv -q names.csv -o names.h5
    printf 'kind\nx\ny\n' >only.csv && ds-data import csv -q only.csv -o only.h5
    refuses 65 'the data has no' "ds-train autoencoder -d names.h5 -o x.h5"
    refuses 78 'no column of kind' "ds-train table-autoencoder -d only.h5 -o x.h5"
    refuses 64 'is for classes' "ds-infer $F/m.h5 $F/test.h5 --top 2"
    refuses 64 'mix samples of one class' "ds-train autoencoder -d $F/train.h5 --mixup 0.2 -o x.h5"
    refuses 64 "there is no metric 'top1' for reconstruction" "ds-train autoencoder -d $F/train.h5 --val $F/test.h5 --metric top1 -o x.h5"
    assert_not_exists x.h5
}
