#!/usr/bin/env bats
# A class for each pixel: from mask files to a model, its metrics, and masks of the size of the pictures.
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    make_masks 48 photos masks
    make_masks 12 more more_masks
    ds-data import images -q photos --masks masks/ --size 24x32 --classes ground,disc,box -o train.h5
    ds-data import images -q more/ --masks more_masks --size 24x32 --classes ground,disc,box -o test.h5
    ds-train -q unet --set width=4 --set depth=2 -d train.h5 --epochs 40 --batch 8 --lr 0.01 --flip --crop 2 --seed 1 -o m.h5
}
setup() { mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" && F=$BATS_FILE_TMPDIR || return; }

refuses() { # STATUS WORDS COMMAND
    shell "$3"
    assert_equal "$3: $status" "$3: $1"
    assert_one_error "$(cut -d' ' -f1 <<<"$3")"
    [[ $stderr == *"$2"* ]] || fail "$3: no '$2' in: $stderr"
}

@test "a U-Net learns discs and boxes; the metrics are those of a count of pixels" {
    ds-eval "$F/m.h5" -d "$F/test.h5" --min iou=0.9 --json >said.json
    ds-infer "$F/m.h5" "$F/test.h5" --raw logits.npy >areas.txt
    ds-data export npy --column mask "$F/test.h5" -o truth.npy
    /usr/bin/python3 - <<'PYTHON'
import json
import numpy as np
said, x, truth = json.load(open("said.json")), np.load("logits.npy").astype(float), np.load("truth.npy")
assert (truth == 255).any() and x.shape == truth.shape + (3,), x.shape
known, given = truth != 255, x.argmax(-1)
iou = []
for k in range(3):
    a, b = (truth == k) & known, (given == k) & known
    iou.append((a & b).sum() / (a | b).sum())
    assert abs(said["classes"][k]["iou"] - iou[-1]) < 1e-9 and said["classes"][k]["pixels"] == a.sum()
log_p = x - np.log(np.exp(x).sum(-1, keepdims=True))
loss = -np.take_along_axis(log_p, np.where(known, truth, 0)[..., None].astype(int), -1)[..., 0][known].mean()
assert abs(said["iou"] - np.mean(iou)) < 1e-9 and abs(said["loss"] - loss) < 1e-6
assert abs(said["pixel_accuracy"] - (truth == given)[known].mean()) < 1e-9
area = (given[0] == 0).mean()
assert "000.png: ground %.2f %%" % (100 * area) in open("areas.txt").readline(), area
PYTHON
}

@test "masks of pictures have the pictures' size and lie on what they are of" {
    ds-infer "$F/m.h5" "$F/more" -o out/ --overlay shown
    ds-infer "$F/m.h5" "$F/more/003.png" -o one.png
    cmp one.png out/003.png
    ds-infer "$F/m.h5" - -o one.png <"$F/more/003.png" && cmp one.png out/003.png
    ds-data import images -q "$F/more" --masks "$F/more_masks" --size 64x64 --resize stretch -o truth.h5
    ds-data import images -q "$F/more" --masks out --size 64x64 --resize stretch -o given.h5
    ds-data export npy --column mask truth.h5 -o truth.npy
    ds-data export npy --column mask given.h5 -o given.npy
    ds-data import images -q shown --masks out --size 64x64 --resize stretch -o shown.h5 # of the same sizes
    /usr/bin/python3 - <<'PYTHON'
import numpy as np
truth, given = np.load("truth.npy"), np.load("given.npy")
assert given.max() <= 2 and (truth == given).mean() > 0.93, (given.max(), (truth == given).mean())
PYTHON
}

@test "--sheet draws pictures, and predictions that are none have no sheet and no folder" {
    make_inputs
    ds-eval "$F/m.h5" -d "$F/test.h5" --sheet sheet.png --per-class >table.txt
    head -c 4 sheet.png | grep -q PNG
    grep -q '^class.*pixels.*iou$' table.txt
    ds-data show "$F/test.h5" --grid 2x3 -o show.svg
    refuses 64 '--top is for classes of samples' "ds-infer $F/m.h5 $F/test.h5 --top 2"
    refuses 64 '--probabilities is for classes of samples' "ds-infer $F/m.h5 $F/test.h5 --probabilities -o s.csv"
    refuses 64 '--probabilities is for the --predictions of classes' "ds-eval $F/m.h5 -d $F/test.h5 --predictions s.csv --probabilities"
    refuses 64 'the predictions of classification are no pictures' "ds-eval $INPUTS/model.h5 -d $INPUTS/data.h5 --sheet s.png"
    refuses 73 'out/: is a folder' "ds-infer $INPUTS/model.h5 $INPUTS/picture.png -o out/"
    refuses 64 'x.png is for pictures' "ds-infer $INPUTS/model.h5 $INPUTS/picture.png -o x.png"
    refuses 64 'is no picture file to be drawn over' "ds-infer $F/m.h5 $F/test.h5 --overlay shown/"
    refuses 64 'several predictions; give a folder' "ds-infer $F/m.h5 $F/more -o x.png"
    assert_not_exists x.png
    mkdir a && cp "$F/more/003.png" a/003.jpg
    refuses 65 'would both become 003.png' "ds-infer $F/m.h5 $F/more/003.png a/003.jpg -o both/"
}

@test "what masks cannot be is refused, naming the file" {
    mkdir p m && cp "$F"/photos/00[0-3].png p && cp "$F"/masks/00[0-3].png m
    refuses 66 'there is no such folder' 'ds-data import images p --masks none -o x.h5'
    refuses 64 'are for --masks' 'ds-data import images p --classes a,b -o x.h5'
    refuses 65 'has the class 2, and names are given for 2' 'ds-data import images p --masks m --size 8x8 --classes a,b -o x.h5'
    refuses 65 'give --size' 'ds-data import images p --masks m --color rgb -o x.h5'
    cp m/001.png m/000.png
    refuses 65 'and its picture p/000.png, upright,' 'ds-data import images p --masks m --size 8x8 --color rgb -o x.h5'
    ds-data import images -q p --masks m --size 8x8 --skip-bad -o x.h5 && ds-data info x.h5 | grep -qx 'samples    3'
    rm m/000.png x.h5
    refuses 65 'p/000.png: there is no mask 000' 'ds-data import images p --masks m --size 8x8 -o x.h5'
    cp m/001.png m/001.gif
    refuses 65 'have the same name but for their endings' 'ds-data import images p --masks m --size 8x8 --skip-bad -o x.h5'
    # In black and white 255 would be no class, and nothing be left but class 0.
    mkdir bw one && printf 'P5 2 1 255\n\000\377' >bw/a.pgm && printf 'P5 2 1 255\n\000\377' >one/a.pgm
    refuses 65 'only 0 and 255, and 255 is no class' 'ds-data import images one --masks bw -o x.h5'
    printf 'ground black\nthing white\n' >colors
    ds-data import images -q one --masks bw --mask-colors colors -o x.h5
    ds-data export npy x.h5 --column mask -o x.npy
    assert_equal "$(tail -c 2 x.npy | od -An -tu1 | xargs)" '0 1'
}

@test "the history makes the same file again, and knows the folders" {
    mkdir -p photos/a masks/a && cp "$F"/photos/00[0-3].png photos/a && cp "$F"/masks/00[0-3].png masks/a
    cp "$F/photos/004.png" photos && cp "$F/masks/004.png" masks
    printf 'ground black\n/disc 010101\nbox 020202\n' >colors
    ds-data import images -q "$PWD/photos/" --masks "$PWD/masks/" --mask-colors colors --size 12x16 -o d.h5
    ds-train -q unet --set width=2 --set depth=1 -d d.h5 --steps 2 --batch 2 --seed 1 -o m.h5
    ds-info m.h5 --script >again.sh
    mkdir again && sed -n 's/^# \([0-9a-f]\{64\}\)  \(.*\)/\2/p' again.sh | while read -r place; do
        mkdir -p "again/$(dirname "$place")" && cp -r "$(basename "$place")" "again/$place"
    done
    (cd again && ds-info ../m.h5 --script --check) | tee checked
    ! grep -v '^same' checked
    (cd again && sh ../again.sh) 2>/dev/null
    cmp m.h5 again/m.h5
    rm again/*/004.png again/photos/004.png 2>/dev/null || true
}

@test "upsample repeats, and like cuts or fills" {
    cat >up.yaml <<'YAML'
inputs: {image: "f32[N,3,24,32]"}
layers:
  - max_pool: {kernel: 5, stride: 5, as: small}
  - upsample: {name: up, factor: 2, from: small, as: twice}
  - upsample: {name: cut, factor: [7, 6], from: small, like: image}
  - conv: {channels: 3, kernel: 1}
  - channels_last
loss: cross_entropy
YAML
    ds-train -q ./up.yaml -d "$F/test.h5" --steps 1 --seed 1 -o up.h5
    for layer in max_pool up cut; do ds-infer up.h5 "$F/test.h5" --layer $layer --raw $layer.npy >shown.txt; done
    /usr/bin/python3 - <<'PYTHON'
import numpy as np
small, up, cut = (np.load(n + ".npy") for n in ("max_pool", "up", "cut"))
assert np.array_equal(up, small.repeat(2, 2).repeat(2, 3))
wide = small.repeat(7, 2).repeat(6, 3)
assert wide.shape[2:] == (28, 36) and np.array_equal(cut, wide[:, :, :24, :32])
PYTHON
}
