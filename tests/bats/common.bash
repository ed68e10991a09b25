# What the bats files share: where the build is, libraries, and small inputs made once a file.
#   load common
#   setup_file() { make_inputs; }      # $INPUTS: images.gz labels.gz data.h5 model.h5 picture.png notes.txt clicks.csv
bats_require_minimum_version 1.5.0
for library in bats-support bats-assert bats-file; do load "/usr/lib/bats/$library/load"; done

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
DS_BUILD=${DS_BUILD:-$ROOT/build/release}
PATH=$DS_BUILD/bin:$PATH
# Files run side by side: one thread each, for threads of two programs that wait for each other crawl.
export LC_ALL=C.UTF-8 DS_THREADS=${DS_THREADS:-1}
unset NO_COLOR MAKEFLAGS

# 240 grey images of 28x28 in 3 classes that a tiny network tells apart at once, as idx files.
make_idx() { # IMAGES LABELS COUNT
    /usr/bin/python3 - "$@" <<'PYTHON'
import gzip, random, struct, sys
images, labels, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
random.seed(count)
pixels, classes = bytearray(), bytearray()
for i in range(count):
    label = i % 3
    classes.append(label)
    for y in range(28):
        for x in range(28):
            lit = label == (0 if y < 9 else 1 if y < 18 else 2)
            pixels.append((180 if lit else 20) + random.randrange(60))
with gzip.GzipFile(images, "wb", mtime=0) as f:
    f.write(struct.pack(">IIII", 0x803, count, 28, 28) + pixels)
with gzip.GzipFile(labels, "wb", mtime=0) as f:
    f.write(struct.pack(">II", 0x801, count) + classes)
PYTHON
}

make_picture() { # FILE: a grey PNG of 28x28
    /usr/bin/python3 - "$1" <<'PYTHON'
import struct, sys, zlib
def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
rows = b"".join(b"\0" + bytes([200 if y < 9 else 30] * 28) for y in range(28))
with open(sys.argv[1], "wb") as f:
    f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PYTHON
}

# Pictures of unequal sizes and their masks: ground, discs (1, reddish) and boxes (2, bluish).
make_masks() { # COUNT PHOTOS MASKS
    /usr/bin/python3 - "$@" <<'PYTHON'
import os, struct, sys, zlib
import numpy as np
def chunk(kind, body): return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
def png(path, a, kind):
    rows = b"".join(b"\0" + row.tobytes() for row in a)
    open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", a.shape[1], a.shape[0], 8, kind, 0, 0, 0))
                           + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
count, photos, masks = int(sys.argv[1]), sys.argv[2], sys.argv[3]
rng = np.random.default_rng(count)
os.makedirs(photos), os.makedirs(masks)
for i in range(count):
    h, w = int(rng.integers(24, 40)), int(rng.integers(30, 56))
    y, x = np.mgrid[:h, :w]
    image, mask = rng.integers(0, 90, (h, w, 3)), np.zeros((h, w), np.uint8)
    for k in (1, 2):
        r = int(rng.integers(4, 9))
        cy, cx = rng.integers(r, h - r), rng.integers(r, w - r)
        where = (y - cy) ** 2 + (x - cx) ** 2 <= r * r if k == 1 else (abs(y - cy) <= r) & (abs(x - cx) <= r)
        mask[where] = k
        image[where] += 60
        image[where, 0 if k == 1 else 2] += 90
    png("%s/%03d.png" % (photos, i), image.clip(0, 255).astype(np.uint8), 2)
    png("%s/%03d.png" % (masks, i), mask, 0)
PYTHON
}

make_inputs() {
    export INPUTS=$BATS_FILE_TMPDIR/inputs
    mkdir -p "$INPUTS"
    make_idx "$INPUTS/images.gz" "$INPUTS/labels.gz" 240
    make_picture "$INPUTS/picture.png"
    printf 'In the beginning was the word, and the word was small.\n%.0s' {1..60} >"$INPUTS/notes.txt"
    ds-data import idx -q "$INPUTS/images.gz" "$INPUTS/labels.gz" -o "$INPUTS/data.h5"
    ds-train -q mlp --set width=16 -d "$INPUTS/data.h5" --epochs 2 --batch 32 --seed 1 -o "$INPUTS/model.h5"
}

# The same weights and moments as from one file of all rows, by a reader of another house.
same_state() { # A.h5 B.h5
    /usr/bin/python3 - "$@" <<'PYTHON'
import h5py, sys
a, b = (h5py.File(name) for name in sys.argv[1:])
seen = []
def visit(name, item):
    if isinstance(item, h5py.Dataset) and item.dtype.kind in "fiu":
        seen.append(name)
        assert item[()].tobytes() == b[name][()].tobytes(), name
a.visititems(visit)
assert len(seen) > 6, seen
PYTHON
}

# The words of a here-document or of arguments run by a shell of their own, with its exit status and streams in
# $status, $output (stdout) and $stderr.
shell() { run --separate-stderr bash -c "$*"; }

# One line on stderr: "TOOL: error: ...".
assert_one_error() { # TOOL
    local lines
    lines=$(grep -c . <<<"$stderr")
    if [ "$lines" != 1 ] || [[ $stderr != "$1: error: "* ]]; then
        fail "one line \"$1: error: ...\" expected on stderr, found: $stderr"
    fi
}
