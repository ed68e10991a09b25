#!/usr/bin/env bats
# Pictures from files to pixels: what an import makes of them, ds-infer makes of them again, by every rule.
load common

# Three classes of pictures that are not square, of different sizes, half of them transparent in part; their arrays
# beside them, for sums of our own.
make_shots() {
    /usr/bin/python3 - <<'PYTHON'
import os, struct, zlib
import numpy as np
def chunk(kind, body): return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
def png(path, a):
    h, w, c = a.shape
    rows = b"".join(b"\0" + a[y].tobytes() for y in range(h))
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[c]
    open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, kind, 0, 0, 0))
                           + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
rng = np.random.default_rng(3)
sizes = [(40, 20), (20, 40), (31, 17), (9, 33), (7, 5), (16, 50), (64, 8), (12, 11)]
for k, name in enumerate(["ant", "bee", "cow"]):
    os.makedirs("shots/" + name)
    for i, (h, w) in enumerate(sizes):
        a = rng.integers(0, 80, (h, w, 4 if i % 2 else 3), dtype=np.uint8)
        a[..., k] += 120
        if i % 2: a[..., 3] = rng.integers(0, 256, (h, w), dtype=np.uint8)
        png("shots/%s/%d.png" % (name, i), a)
        np.save("shots_%s_%d.npy" % (name, i), a)
PYTHON
}

setup_file() {
    cd "$BATS_FILE_TMPDIR" && make_shots || return
    make_inputs
    for rule in stretch fit fill; do
        ds-data import images -q shots --size 12x16 --resize $rule --background ff8000 -o $rule.h5
        ds-train -q mlp --set width=16 -d $rule.h5 --epochs 4 --batch 8 --seed 1 -o model_$rule.h5
    done
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" && F=$BATS_FILE_TMPDIR || return; }

refuses() { # STATUS WORDS COMMAND
    shell "$3"
    assert_equal "$3: $status" "$3: $1"
    assert_one_error "$(cut -d' ' -f1 <<<"$3")"
    [[ $stderr == *"$2"* ]] || fail "$3: no '$2' in: $stderr"
}

# What the file's columns of pictures should hold, by products of matrices: rows of weights, the part of each old pixel
# in each new one.
expect_pixels() { # RULE NPY
    /usr/bin/python3 - "$1" "$2" "$F" <<'PYTHON'
import sys
import numpy as np
rule, path, folder = sys.argv[1:]
H, W, background = 12, 16, np.array([255, 128, 0], float)
def area(old, new, begin, length):
    m = np.zeros((new, old))
    for i in range(new):
        a, b = begin + length * i / new, begin + length * (i + 1) / new
        for j in range(old): m[i, j] = max(0.0, min(b, j + 1) - max(a, j))
    return m / m.sum(1, keepdims=True)
def linear(old, new, begin, length):
    m = np.zeros((new, old))
    for i in range(new):
        at = min(max(begin + length * (i + .5) / new - .5, 0), old - 1)
        j = int(at)
        m[i, j] += 1 - (at - j)
        m[i, min(j + 1, old - 1)] += at - j
    return m
def window(a, top, left, h, w, new_h, new_w):
    how = area if h > new_h or w > new_w else linear
    return np.einsum("yi,ijc,xj->yxc", how(a.shape[0], new_h, top, h), a, how(a.shape[1], new_w, left, w))
def resized(a):
    h, w, _ = a.shape
    if rule == "stretch": return window(a, 0, 0, h, w, H, W)
    if rule == "fill":
        s = max(H / h, W / w)
        return window(a, (h - H / s) / 2, (w - W / s) / 2, H / s, W / s, H, W)
    s = min(H / h, W / w)
    ih, iw = max(1, int(h * s + .5)), max(1, int(w * s + .5))
    out = np.tile(background, (H, W, 1))
    top, left = (H - ih) // 2, (W - iw) // 2
    out[top:top + ih, left:left + iw] = window(a, 0, 0, h, w, ih, iw)
    return out
stored = np.load(path)
assert stored.shape == (24, 3, H, W), stored.shape
n = 0
for name in ["ant", "bee", "cow"]:
    for i in range(8):
        a = np.load("%s/shots_%s_%d.npy" % (folder, name, i)).astype(float)
        if a.shape[2] == 4:
            alpha = a[..., 3:]
            a = np.floor((a[..., :3] * alpha + background * (255 - alpha) + 127) / 255)
        off = np.abs(resized(a).transpose(2, 0, 1) - stored[n]).max()
        assert off <= .5 + 1e-6, (name, i, off)
        n += 1
PYTHON
}

@test "every rule: the stored pixels are those of an independent computation" {
    for rule in stretch fit fill; do
        ds-data export npy -q "$F/$rule.h5" --column image -o $rule.npy
        expect_pixels $rule $rule.npy
    done
    run ! expect_pixels fit fill.npy
}

@test "every rule: ds-infer on the files gives what ds-eval and ds-infer give on the import, number by number" {
    for rule in stretch fit fill; do
        ds-infer "$F/model_$rule.h5" "$F"/shots/*/*.png --raw files.npy >/dev/null
        ds-infer "$F/model_$rule.h5" "$F/$rule.h5" --raw data.npy >/dev/null
        cmp files.npy data.npy
        ds-eval -q "$F/model_$rule.h5" -d "$F/$rule.h5" --predictions eval.csv >/dev/null
        ds-infer --json "$F/model_$rule.h5" "$F"/shots/*/*.png >infer.json
        /usr/bin/python3 - <<'PYTHON'
import csv, json
rows, said = list(csv.DictReader(open("eval.csv"))), json.load(open("infer.json"))
assert len(rows) == len(said) == 24
for row, one in zip(rows, said):
    best = one["top"][0]
    assert row["predicted"] == best["class"], (row, one)
    assert abs(float(row["probability"]) - best["probability"]) < 1e-5, (row, one)
PYTHON
    done
    # The rules differ, so that a wrong one would have been seen.
    ds-infer "$F/model_fill.h5" "$F/fit.h5" --raw other.npy >/dev/null
    ! cmp -s other.npy data.npy
}

@test "the rule is shown, goes through split, sample and cat, and two rules are not mixed" {
    run -0 ds-data info "$F/fill.h5"
    assert_output --partial 'column     image: image u8[3,12,16]; fill to size, rgb, over #ff8000, upright'
    ds-data split -q "$F/fill.h5" --val 6 --seed 1 -o part.h5
    ds-data sample -q part.h5 --rows 5 --seed 1 -o few.h5
    ds-data cat -q part.h5 few.h5 -o both.h5
    for file in part few both; do
        assert_equal "$(ds-data info --json $file.h5 | jq -c '.columns[0].picture')" \
            '{"resize":"fill","interpolation":"area","color":"rgb","background":"#ff8000","orientation":"exif"}'
    done
    refuses 65 'imported otherwise' "ds-data cat $F/fill.h5 $F/fit.h5 -o out.h5"
    assert_not_exists out.h5
}

@test "data imported by another rule is told; fine-tuning takes the rule of its data" {
    run --separate-stderr ds-eval "$F/model_fill.h5" -d "$F/fit.h5"
    [[ $stderr == *'fit.h5: its pictures were imported otherwise (fit to size'*'than the model takes them (fill to size'* ]]
    run --separate-stderr ds-eval "$F/model_fill.h5" -d "$F/fill.h5"
    [[ $stderr != *otherwise* ]]
    ds-train -q "$F/model_fill.h5" -d "$F/fit.h5" --steps 1 --batch 8 --seed 1 -o tuned.h5
    ds-infer tuned.h5 "$F"/shots/*/*.png --raw files.npy >/dev/null
    ds-infer tuned.h5 "$F/fit.h5" --raw data.npy >/dev/null
    cmp files.npy data.npy
}

@test "a model without a rule takes pictures of its size, refuses others, and is told one by --resize" {
    run -0 ds-infer "$INPUTS/model.h5" "$INPUTS/picture.png"
    refuses 65 'is 40 x 20 and the model takes 28 x 28, without a rule for other sizes' \
        "ds-infer $INPUTS/model.h5 $F/shots/ant/0.png"
    run -0 ds-infer "$INPUTS/model.h5" --resize fill "$F/shots/ant/0.png"
    refuses 64 'says itself how pictures get its size (fill to size' \
        "ds-infer $F/model_fill.h5 --resize fit $F/shots/ant/0.png"
    # Pictures of one size need none: the model says so and takes that size only.
    ds-data export png -q "$INPUTS/data.h5" -n 30 -o same
    ds-data import images -q same -o same.h5
    ds-train -q mlp --set width=8 -d same.h5 --steps 2 --batch 8 --seed 1 -o same_model.h5
    refuses 65 'without a rule for other sizes' "ds-infer same_model.h5 $F/shots/ant/0.png"
    refuses 64 'give --size' 'ds-data import images same --resize fit -o out.h5'
}

@test "colour is decided over the whole folder, and said" {
    ds-data export png -q "$INPUTS/data.h5" -n 6 -o tree
    shell 'ds-data import images tree -o grey.h5'
    [[ $stderr == *'colour: grey, for none of the 6 pictures is stored in colour'* ]]
    assert_equal "$(ds-data info --json grey.h5 | jq -c '.columns[0].shape')" '[1,28,28]'
    cp "$F/shots/ant/0.png" tree/2/zzz.png # the last of all
    shell 'ds-data import images tree --size 8 -o rgb.h5'
    [[ $stderr == *'colour: rgb, for tree/2/zzz.png is stored in colour'* ]]
    assert_equal "$(ds-data info --json rgb.h5 | jq -c '.columns[0].shape')" '[3,8,8]'
    shell 'ds-data import images tree --size 8 --color grey -o grey.h5'
    [[ $stderr != *colour:* ]]
    assert_equal "$(ds-data info --json grey.h5 | jq -c '.columns[0].shape')" '[1,8,8]'
    rm tree/2/zzz.png
    ds-data import images -q tree --color rgb -o rgb.h5
    assert_equal "$(ds-data info --json rgb.h5 | jq -c '.columns[0].shape')" '[3,28,28]'
    refuses 64 "'pink' is no colour" 'ds-data import images tree --background pink -o out.h5'
}

@test "hidden, empty and unreadable folders are no classes, and what is left out is said" {
    ds-data export png -q "$INPUTS/data.h5" -n 6 -o tree
    mkdir -p tree/.cache tree/00empty tree/1/deeper tree/9broken tree/3meta
    cp tree/0/*.png tree/.cache
    cp tree/0/*0.png tree/3meta/.hidden.png
    printf 'x' >tree/notes.txt
    printf 'x' >tree/9broken/a.png
    shell 'ds-data import images tree --skip-bad -o t.h5'
    assert_equal "$status" 0
    for said in 'tree/.cache is no class: it is hidden' 'tree/00empty is no class: it is empty' \
        'tree/3meta is no class: it is empty' 'left out tree/1/deeper: within a class only files are taken' \
        'left out 1 files beside the folders' '9broken is no class: none of its pictures could be read'; do
        [[ $stderr == *"$said"* ]] || fail "no '$said' in: $stderr"
    done
    assert_equal "$(ds-data info --json t.h5 | jq -c '.columns[1].labels')" '["0","1","2"]'
    ds-data export npy -q t.h5 --column label -o labels.npy
    assert_equal "$(tail -c 24 labels.npy | od -An -i | xargs)" '0 0 1 1 2 2'
}

@test "the threads make no difference to an import" {
    for n in 1 3; do
        DS_THREADS=$n ds-data import images -q "$F/shots" --size 9x9 -o t.h5
        ds-data export npy -q t.h5 --column image -o $n.npy
    done
    cmp 1.npy 3.npy
}

@test "augmentations: a resumed run ends as one never stopped, on any number of threads that share the images" {
    options=(--set width=16 --batch 8 --epochs 2 --seed 3 --flip --crop 1 --resized-crop 0.3 --rotate 20 --scale 0.2
        --color-jitter 0.3 --hue 0.1 --randaugment 2 --magnitude 12 --cutout 2 --erase 0.4 --mixup 0.4 --cutmix 1)
    ds-train -q mlp -d "$F/fill.h5" "${options[@]}" -o whole.h5
    ds-train -q mlp -d "$F/fill.h5" "${options[@]}" --stop-after 4 -o half.h5
    ds-train -q --resume half.h5 -d "$F/fill.h5" -o rest.h5
    run -0 ds-info whole.h5 --diff rest.h5
    assert_output ''
    for option in --resized-crop=0.3 --rotate=20 --scale=0.2 --color-jitter=0.3 --hue=0.1 --randaugment=2 --erase=1 --mixup=1 --cutmix=1; do
        ds-train -q mlp -d "$F/fill.h5" --set width=16 --batch 8 --steps 2 --seed 3 -o plain.h5
        ds-train -q mlp -d "$F/fill.h5" --set width=16 --batch 8 --steps 2 --seed 3 $option -o varied.h5
        run ds-info plain.h5 --diff varied.h5
        [[ $output == *hidden1.weight* ]] || fail "$option changes nothing: $output"
    done
}

@test "augmentations that cannot be are refused" {
    mkdir two && cp -r "$F"/shots/ant "$F"/shots/bee two
    ds-data import images -q two --size 8 -o two.h5
    sed 's/^loss: .*/loss: binary_cross_entropy/; s/^  classes: .*/  classes: 1/' \
        "$ROOT/share/models/mlp.yaml" >yes_no.yaml
    refuses 64 '--mixup and --cutmix mix samples of one class each' \
        'ds-train -q yes_no.yaml -d two.h5 --mixup 1 --steps 1 -o m.h5'
    ds-data import idx -q "$INPUTS/images.gz" "$INPUTS/labels.gz" -o grey.h5
    refuses 64 '--hue is for pictures in colour' 'ds-train -q mlp -d grey.h5 --hue 0.1 --steps 1 -o m.h5'
    /usr/bin/python3 -c 'import numpy as np; np.save("x.npy", np.random.rand(6, 3, 4, 4).astype("f4")); np.save("y.npy", np.arange(6) % 2)'
    ds-data import npy -q x.npy y.npy -o x.h5
    refuses 64 'images' 'ds-train -q mlp -d x.h5 --color-jitter 0.2 --steps 1 -o m.h5'
}

# Each format from the same pixels, by another program's hand: the corpus of the fuzz target.
@test "every format is imported, and ds-infer reads the same" {
    mkdir -p all/a all/b
    C=$ROOT/tests/fuzz/corpus/image
    cp "$C"/{rgb.png,colour.jpg,lossy.webp,alpha.webp,animated.webp,turned.webp,plain.gif,animated.gif,transparent.gif} all/a
    cp "$C"/{interlaced.gif,rgb.bmp,alpha.bmp,runs.bmp,raw.tif,lzw.tif,deflate.tif,turned.tif,deep.tif,deep.pgm,raw.ppm,turned.jpg} all/b
    ds-data import images -q all --size 6x5 --resize fit --background white -o all.h5
    assert_equal "$(ds-data info --json all.h5 | jq .samples)" 21
    ds-train -q mlp --set width=8 -d all.h5 --steps 2 --batch 8 --seed 1 -o m.h5
    ds-infer m.h5 all/*/* --raw files.npy >/dev/null
    ds-infer m.h5 all.h5 --raw data.npy >/dev/null
    cmp files.npy data.npy
    cat all/a/lossy.webp | ds-infer m.h5 - >/dev/null
    refuses 65 'a JPEG in CMYK colours, which is not read' "ds-infer m.h5 $C/cmyk.jpg"
    refuses 65 'a TIFF in CMYK colours, which is not read' "ds-infer m.h5 $C/cmyk.tif"
    refuses 65 'floating-point samples' "ds-infer m.h5 $C/float.tif"
}

# What an import says of a column of pictures, but for how it keeps them.
image_facts() { ds-data info "$1" --json | /usr/bin/python3 -c 'import json, sys
print(next((c["kind"], c["dtype"], c["shape"], c["picture"]) for c in json.load(sys.stdin)["columns"] if c["name"] == "image"))'; }

metrics() { ds-eval "$1" -d "$2" --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["metrics"])'; }

@test "--keep-encoded: files are kept, and every number is that of their pixels" {
    for rule in stretch fit fill; do
        ds-data import images -q "$F/shots" --size 12x16 --resize $rule --background ff8000 --keep-encoded -o $rule.h5
        assert_equal "$(image_facts $rule.h5)" "$(image_facts "$F/$rule.h5")"
        for layer in image label; do
            ds-data export npy $rule.h5 --column $layer -o kept.npy 2>/dev/null
            ds-data export npy "$F/$rule.h5" --column $layer -o pixels.npy 2>/dev/null
            cmp kept.npy pixels.npy
        done
    done
    assert_equal "$(ds-data info fit.h5 | grep -o 'kept as [0-9]* bytes')" \
        "kept as $(cat "$F"/shots/*/*.png | wc -c) bytes"
    cmp <(/usr/bin/python3 -c 'import h5py, sys
g = h5py.File("fit.h5")["columns/image"]
sys.stdout.buffer.write(g["values"][: g["offsets"][1]].tobytes())') "$F/shots/ant/0.png"
    for at in 1 3; do # the same weights, for any number of workers
        ds-train -q mlp --set width=16 -d fit.h5 --epochs 4 --batch 8 --seed 1 --workers $at -o m$at.h5
        same_state m$at.h5 "$F/model_fit.h5"
    done
    assert_equal "$(metrics m1.h5 fit.h5)" "$(metrics m1.h5 "$F/fit.h5")"
    ds-info m1.h5 --script | grep -q -- 'import images .*--keep-encoded'
    cmp <(ds-infer m1.h5 fit.h5) <(ds-infer m1.h5 "$F/fit.h5")
    ds-data import images -q "$F/shots" --size 12x16 --color grey --keep-encoded -o grey.h5
    ds-data import images -q "$F/shots" --size 12x16 --color grey -o grey_pixels.h5
    cmp <(ds-data export npy grey.h5 --column image -o - | cat) <(ds-data export npy grey_pixels.h5 --column image -o - | cat)
}

@test "--keep-encoded: split, cat, sample, filter, select and join keep files, with statistics of the rows' pixels" {
    ds-data import images -q "$F/shots" --size 12x16 --keep-encoded -o kept.h5
    ds-data import images -q "$F/shots" --size 12x16 -o pixels.h5
    printf 'file,score\nant/1.png,3\nbee/2.png,4\n' >scores.csv
    ds-data import csv -q scores.csv --target score --id file -o scores.h5
    for name in kept pixels; do
        ds-data split -q $name.h5 --val 0.25 --seed 5 -o split_$name.h5
        ds-data sample -q split_$name.h5:train -n 9 --seed 2 -o sample_$name.h5
        ds-data filter -q split_$name.h5 --where "label != 'ant'" -o filter_$name.h5
        ds-data cat -q filter_$name.h5 sample_$name.h5 -o cat_$name.h5
        ds-data select -q $name.h5 --columns image,file -o select_$name.h5
        ds-data join -q scores.h5 select_$name.h5 --on file -o join_$name.h5
        for work in split sample filter cat select join; do
            /usr/bin/python3 -c 'import h5py, json, sys
meta = json.loads(h5py.File(sys.argv[1])["meta"][()])
print(json.dumps([meta["statistics"], meta["pictures"]], sort_keys=True))' ${work}_$name.h5 >meta_${work}_$name
            ds-data export npy ${work}_$name.h5 --column image -o ${work}_$name.npy 2>/dev/null
        done
    done
    for work in split sample filter cat select join; do
        cmp meta_${work}_kept meta_${work}_pixels
        cmp ${work}_kept.npy ${work}_pixels.npy
        [ "$(ds-data info ${work}_kept.h5 | grep -c 'kept as [0-9]* bytes')" = 1 ]
    done
    refuses 65 "column 'image' is encoded" "ds-data cat -q kept.h5 pixels.h5 -o x.h5"
    refuses 65 "cannot be missing" "ds-data join -q scores.h5 filter_kept.h5 --on file --left -o x.h5"
}

@test "--keep-encoded: shards, windows, augmentation and masks train as their pixels do" {
    for name in bee cow; do
        mkdir -p $name
        cp -r "$F/shots/ant" "$F/shots/$name" $name
        ds-data import images -q $name --size 12x16 --keep-encoded -o kept-$name.h5
        ds-data import images -q $name --size 12x16 -o pixels-$name.h5
    done
    for kind in kept pixels; do
        ds-train -q mlp --set width=16 -d "$kind-*.h5" --epochs 2 --batch 8 --seed 1 --shuffle-window 2MiB \
            --rotate 10 --mixup 0.4 -o $kind.h5
    done
    same_state kept.h5 pixels.h5
    make_masks 6 photos masks
    ds-data import images -q photos --masks masks --size 16x16 --keep-encoded -o kept.h5
    ds-data import images -q photos --masks masks --size 16x16 -o pixels.h5
    for column in image mask; do
        cmp <(ds-data export npy kept.h5 --column $column -o - | cat) <(ds-data export npy pixels.h5 --column $column -o - | cat)
    done
}
