#!/usr/bin/env bats
# A folder of pictures and a table of what they show: classes, numbers and labels, for shipped models without a line of
# YAML; and pictures without any labels.
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    /usr/bin/python3 - <<'PYTHON'
import os, struct, zlib
import numpy as np
def chunk(kind, body): return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
def png(path, a):
    rows = b"".join(b"\0" + row.tobytes() for row in a)
    open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", a.shape[1], a.shape[0], 8, 0, 0, 0, 0))
                           + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
rng = np.random.default_rng(3)
os.makedirs("shots/deep")
with open("shots.csv", "w") as f:
    print("camera,picture,kind,area,lit,wide,tags", file=f)
    for i in range(160):
        w, h = int(rng.integers(2, 14)), int(rng.integers(2, 14))
        light = int(rng.integers(60, 200))
        a = np.zeros((16, 16), np.uint8)
        y, x = int(rng.integers(0, 17 - h)), int(rng.integers(0, 17 - w))
        a[y:y + h, x:x + w] = light
        name = ("deep/" if i % 4 == 0 else "") + "%03d" % i
        png("shots/%s.png" % name, a)
        kind = "tall" if h > w else "flat"
        tags = " ".join(t for t, has in (("bright", light > 128), ("large", h * w > 60)) if has)
        print("c%d" % (i % 3), name + (".png" if i % 2 else ""), kind, h * w / 10, int(light > 128), int(w > 7), tags, sep=",", file=f)
PYTHON
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" && F=$BATS_FILE_TMPDIR || return; }

refuses() { # STATUS WORDS COMMAND
    shell "$3"
    assert_equal "$3: $status" "$3: $1"
    assert_one_error "$(cut -d' ' -f1 <<<"$3")"
    [[ $stderr == *"$2"* ]] || fail "$3: no '$2' in: $stderr"
}

import() { ds-data import images -q "$F/shots" --table "$F/shots.csv" --file picture "$@"; }

@test "rows and pictures belong together, in the order of the table" {
    import --target area,kind -o d.h5
    ds-data export npy d.h5 --column image -o image.npy
    ds-data export csv d.h5 -o d.csv
    head -n 1 d.csv | grep -qx 'kind,area,file'
    /usr/bin/python3 - "$F" <<'PYTHON'
import csv, sys
import numpy as np
x, rows = np.load("image.npy"), list(csv.DictReader(open("d.csv")))
table = list(csv.DictReader(open(sys.argv[1] + "/shots.csv")))
assert x.shape == (160, 1, 16, 16) and len(rows) == 160
for image, row, said in zip(x, rows, table):
    assert abs((image > 0).sum() / 10 - float(row["area"])) < 1e-6 and row["kind"] == said["kind"]
    assert row["file"].removesuffix(".png") == said["picture"].removesuffix(".png"), row
PYTHON
    ds-data info d.h5 --json | jq -e '[.columns[].name] == ["image", "kind", "area", "file"]'
}

@test "shipped models learn a class, a number, labels, and several at once, from the same folder" {
    train() { ds-train -q "$@" --epochs 12 --batch 16 --seed 1 -o m.h5; }
    small=(fashion-cnn --set width=8 --set hidden=32 --set dropout=0)
    import --target kind -o d.h5
    train "${small[@]}" -d d.h5 && ds-eval m.h5 -d d.h5 --min top1=0.9 >/dev/null
    ds-infer m.h5 "$F/shots/001.png" | grep -Eq '001.png: (tall|flat) [0-9.]+ %'
    import --target area -o d.h5
    train "${small[@]}" -d d.h5 && ds-eval m.h5 -d d.h5 --min r2=0.9 --predictions p.csv >/dev/null
    head -n 1 p.csv | grep -qx 'file,target,predicted' && sed -n 2p p.csv | grep -q '^deep/000.png,'
    ds-infer m.h5 "$F/shots/001.png" | grep -Eq '001.png: area [0-9.]+$'
    import --target tags --label-separator ' ' -o d.h5
    train "${small[@]}" -d d.h5 && ds-eval m.h5 -d d.h5 --min map=0.9 >/dev/null
    import --target lit,wide,area -o d.h5
    train mlp --set width=64 -d d.h5 && ds-eval m.h5 -d d.h5 --json >m.json
    jq -e '.["lit.auc"] > 0.9 and .["wide.auc"] > 0.9 and .["area.rmse"] < 3' m.json
    ds-infer m.h5 "$F/shots/001.png" -o p.csv && head -n 1 p.csv | grep -q '^file,area.predicted,lit.predicted,'
}

@test "what does not belong together is named, or counted" {
    cp -r "$F/shots" . && rm shots/001.png shots/deep/004.png && printf 'no picture' >shots/002.png
    use='ds-data import images shots --table shots.csv --file picture --target kind -o x.h5'
    cp "$F/shots.csv" .
    refuses 65 "shots.csv: line 3: there is no picture '001.png' in shots" "$use"
    shell "$use --skip-bad"
    assert_equal "$status" 0
    [[ $stderr == *"2 rows of shots.csv have no picture in shots and are left out ('001.png', ...)"* ]]
    [[ $stderr == *'left out shots/002.png'* && $stderr == *'157 samples, 3 left out'* ]]
    [ "$(grep -c 002.png <<<"$stderr")" = 1 ]
    ds-data info x.h5 | grep -qx 'samples    157'
    rm x.h5 && rm -r shots && cp -r "$F/shots" .
    head -n 100 "$F/shots.csv" >shots.csv
    shell "$use" && [[ $stderr == *'61 pictures have no row in shots.csv and are left out (099.png, ...)'* ]]
    refuses 65 "column 'camera' has 'c0', and a picture is called '001.png'" "${use/picture/camera}"
    sed -n 2p shots.csv >>shots.csv
    refuses 65 "line 101: the picture 'deep/000.png' is that of line 2 already" "$use"
    cp "$F/shots.csv" . && cp shots/001.png shots/002.jpg
    refuses 65 "'002' is the name of several pictures in shots" "$use"
    rm shots/002.jpg && sed 's/kind/file/' "$F/shots.csv" >shots.csv
    refuses 65 'a target may not be called file' "${use/kind/file}"
    refuses 64 'say which by --target' 'ds-data import images shots --table shots.csv -o x.h5'
    refuses 64 'are for columns of a --table' 'ds-data import images shots --target kind -o x.h5'
    refuses 64 "there is no column 'kin'" "${use/kind/kin}"
    refuses 64 'give one of them' "$use --masks shots"
    refuses 66 'none.csv' "${use/shots.csv/none.csv}"
}

@test "pictures without folders have no labels, and are good for what needs none" {
    ds-data import images "$F/shots" -o classes.h5 2>said && grep -q 'left out 120 files beside' said
    mkdir flat && cp "$F"/shots/*.png flat
    ds-data import images flat -o flat.h5 2>said
    grep -q 'flat has no folders of classes: its pictures have no labels' said
    ds-data info flat.h5 --json | jq -e '[.columns[].name] == ["image", "file"] and .samples == 120'
    ds-train -q autoencoder --set width=4 --set code=4 -d flat.h5 --steps 2 --seed 1 -o m.h5
    refuses 65 'the data has no target' 'ds-train fashion-cnn -d flat.h5 -o x.h5'
}

@test "the history makes the same files again" {
    mkdir "my shots" && cp -r "$F"/shots/. "my shots/" && cp "$F/shots.csv" .
    ds-data import images -q "my shots/" --table "$PWD/shots.csv" --file picture --target area --size 8 -o d.h5
    ds-train -q mlp --set width=4 -d d.h5 --steps 2 --batch 8 --seed 1 -o m.h5
    ds-info m.h5 --script >again.sh
    mkdir again && mv "my shots" shots.csv again
    (cd again && ds-info ../m.h5 --script --check) | tee checked
    ! grep -v '^same' checked
    (cd again && sh ../again.sh) 2>/dev/null
    cmp m.h5 again/m.h5
}
