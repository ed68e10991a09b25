#!/usr/bin/env python3
"""Training on files of growing size, with a full shuffle and with --shuffle-window: samples a second, the share of the time
that the training waits for data, bytes that the disk gave for each sample, and the peak of resident memory. The files are
made of zeros with random classes, and are out of the page cache before each run. Then, where Pillow is there, photos as
JPEG files: kept as pixels, and with --keep-encoded as files that are decoded anew for each batch.
    feed_bench.py [GIB...]        (default 1 4; a file of each size is made in $TMPDIR and deleted)
"""
import json, os, shutil, subprocess, sys, tempfile
import numpy

SECONDS = 20


def make(folder, gib, shape):
    """A data file of so many GiB of images."""
    rows = int(gib * 2**30 / numpy.prod(shape))
    x, y, out = (os.path.join(folder, name) for name in ("x.npy", "y.npy", "data.h5"))
    numpy.lib.format.open_memmap(x, "w+", "uint8", (rows, *shape))  # a sparse file
    numpy.save(y, numpy.random.default_rng(1).integers(0, 10, rows))
    subprocess.run(["ds-data", "import", "npy", "-q", x, y, "-o", out], check=True)
    os.remove(x)
    return out


def make_photos(folder, count, height, width):
    """A folder of folders of JPEG files, smooth and with some noise, as photos are."""
    from PIL import Image
    numbers = numpy.random.default_rng(2)
    for i in range(count):
        coarse = numbers.integers(0, 256, (6, 8, 3), dtype=numpy.uint8)
        smooth = numpy.asarray(Image.fromarray(coarse).resize((width, height), Image.BICUBIC), dtype=float)
        photo = (smooth + numbers.normal(0, 6, smooth.shape)).clip(0, 255).astype(numpy.uint8)
        os.makedirs(os.path.join(folder, str(i % 10)), exist_ok=True)
        Image.fromarray(photo).save(os.path.join(folder, str(i % 10), f"{i}.jpg"), quality=90)


def bench_photos(side=224):
    try:
        import PIL  # noqa: F401
    except ImportError:
        return print("\nno Pillow in this Python (Debian: python3-pil), so no photos")
    folder = tempfile.mkdtemp(prefix="feed-")
    print(f"\n4000 photos of 480 x 360, resnet18 at {side} x {side}\n{'kept as':<8} {'MiB':>6} {'samples/s':>10} {'waits %':>8}")
    try:
        photos = os.path.join(folder, "photos")
        make_photos(photos, 4000, 360, 480)
        for kept, options in {"pixels": [], "files": ["--keep-encoded"]}.items():
            data = os.path.join(folder, kept + ".h5")
            subprocess.run(["ds-data", "import", "images", "-q", photos, "--size", f"{side}x{side}", "--resize", "fill",
                            *options, "-o", data], check=True)
            speed, waits, _, _ = train(["resnet18", "--batch", "32"], data, [], folder)
            print(f"{kept:<8} {os.path.getsize(data) / 2**20:>6.0f} {speed:>10.0f} {waits:>8.2f}", flush=True)
    finally:
        shutil.rmtree(folder)


def forget(path):
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def train(model, data, options, folder):
    forget(data)
    command = ["ds-train", "-q", *model, "-d", data, "--seed", "1", "--epochs", "1", "--time", f"{SECONDS}s", "--json",
               "--log", os.path.join(folder, "log"), "-o", os.path.join(folder, "m.h5"), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}: status {status}")
    with open(os.path.join(folder, "log")) as log:
        samples = sum(json.loads(line).get("samples", 0) for line in log)
    os.remove(os.path.join(folder, "log"))
    summary = json.loads(said)
    return (summary["samples_per_second"], 100 * summary["waited_share"], usage.ru_inblock * 512 / samples,
            usage.ru_maxrss / 1024)


def main():
    sizes = [float(word) for word in sys.argv[1:]] or [1, 4]
    cases = {"fashion-cnn": (["fashion-cnn"], (1, 28, 28)), "resnet18": (["resnet18", "--set", "stem=cifar"], (3, 32, 32))}
    print(f"{'model':<12} {'GiB':>4} {'order':<16} {'samples/s':>10} {'waits %':>8} {'disk B/row':>11} {'peak MiB':>9}")
    for name, (model, shape) in cases.items():
        for gib in sizes:
            folder = tempfile.mkdtemp(prefix="feed-")
            try:
                data = make(folder, gib, shape)
                for order, options in {"full": ["--shuffle-window", "0"], "window 256 MiB": ["--shuffle-window", "256MiB"]}.items():
                    speed, waits, read, peak = train(model, data, options, folder)
                    print(f"{name:<12} {gib:>4g} {order:<16} {speed:>10.0f} {waits:>8.2f} {read:>11.0f} {peak:>9.0f}", flush=True)
            finally:
                shutil.rmtree(folder)
    bench_photos()


if __name__ == "__main__":
    main()
