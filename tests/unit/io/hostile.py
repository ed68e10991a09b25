"""Writes HDF5 files that must be refused, and some that are fine, into the folder given: good-*.h5 and bad-*.h5.

Each is a ds-tools model in all but the one thing its name says. The user block is left free, so that a test can put a
seal over it as well.
"""
import sys

import h5py
import numpy as np

folder = sys.argv[1]


def new(name, **options):
    file = h5py.File(f"{folder}/{name}.h5", "w", userblock_size=512, **options)
    file.attrs["format"] = "ds-tools model"
    file.attrs["format_version"] = "1.0"
    file["graph"] = "graph tiny"
    file["parameters/a"] = np.arange(6, dtype="f4").reshape(2, 3)
    file["labels"] = ["one", "two"]
    # So large that a seal's fixed places lie inside of the file.
    file["tokenizer"] = "x" * 5000
    return file


def property_list():
    return h5py.h5p.create(h5py.h5p.DATASET_CREATE)


def dataset(file, name, plist, shape=(4,), dtype=h5py.h5t.NATIVE_FLOAT, limits=None):
    space = h5py.h5s.create_simple(shape, limits)
    h5py.h5d.create(file["parameters"].id, name.encode(), dtype, space, plist)


with new("good-plain"):
    pass
with new("good-latest", libver="latest"):
    pass
with new("good-types") as f:
    for t in ["f8", "f4", "f2", "i8", "i4", "i1", "u1", ">f4", ">i8"]:
        f[f"parameters/of_{t.replace('>', 'big_')}"] = np.arange(5).astype(t)
    f["parameters/empty"] = np.zeros((0, 3), "f4")
    f["parameters/scalar"] = np.float32(2)
with new("good-packed") as f:
    f.create_dataset("parameters/packed", data=np.ones((1000, 10), "f4"), chunks=(100, 10), compression="gzip", shuffle=True)
    f.create_dataset("parameters/summed", data=np.ones(1000, "f4"), fletcher32=True)
with new("good-attributes") as f:
    f["parameters/a"].attrs["note"] = np.bytes_("fixed text")

with new("bad-external-storage") as f:
    p = property_list()
    p.set_external(b"/etc/passwd", 0, 16)
    dataset(f, "b", p)
with new("bad-external-link") as f:
    f["parameters/b"] = h5py.ExternalLink("/etc/hostname", "/x")
with new("bad-soft-link") as f:
    f["parameters/b"] = h5py.SoftLink("/parameters/a")
with new("bad-soft-loop") as f:
    f["parameters/b"] = h5py.SoftLink("/parameters/c")
    f["parameters/c"] = h5py.SoftLink("/parameters/b")
with new("bad-hard-loop") as f:
    f["parameters/inner/again"] = f["parameters"]
with new("bad-two-names") as f:
    f["parameters/b"] = f["parameters/a"]
with new("bad-virtual") as f:
    layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", shape=(4,))
    f.create_virtual_dataset("parameters/b", layout)
with new("bad-filter") as f:
    p = property_list()
    p.set_chunk((4,))
    p.set_filter(32004, h5py.h5z.FLAG_OPTIONAL, (0,))
    dataset(f, "b", p)
with new("bad-huge-chunked") as f:
    p = property_list()
    p.set_chunk((16,))
    dataset(f, "b", p, shape=(2**62,), limits=(2**62,))
with new("bad-huge-contiguous") as f:
    dataset(f, "b", property_list(), shape=(2**60,))
with new("bad-huge-product") as f:
    p = property_list()
    p.set_chunk((1, 1, 1))
    dataset(f, "b", p, shape=(2**40, 2**40, 2**40))
with new("bad-no-contents") as f:
    dataset(f, "b", property_list(), shape=(4,))
with new("bad-complex") as f:
    f["parameters/b"] = np.zeros(3, "c8")
with new("bad-u8-bytes") as f:
    f["parameters/b"] = np.zeros(3, "u8")
with new("bad-references") as f:
    f.create_dataset("parameters/b", data=[f["parameters/a"].ref], dtype=h5py.ref_dtype)
with new("bad-ragged") as f:
    f.create_dataset("parameters/b", (2,), dtype=h5py.vlen_dtype(np.float32))
with new("bad-rank") as f:
    f["parameters/b"] = np.zeros([1] * 12, "f4")
with new("bad-null") as f:
    f["parameters/b"] = h5py.Empty("f4")
with new("bad-named-type") as f:
    f["parameters/b"] = np.dtype("f4")
with new("bad-text-parameter") as f:
    f["parameters/b"] = "text"
with new("bad-number-attribute") as f:
    f["parameters/a"].attrs["scale"] = 0.5
with new("bad-depth") as f:
    f["parameters/" + "/".join(["g"] * 500)] = np.zeros(1, "f4")
with new("bad-extra") as f:
    f["surprise"] = "what is this"
with new("bad-graph-type") as f:
    del f["graph"]
    f["graph"] = np.zeros(3, "f4")
with new("bad-version") as f:
    f.attrs["format_version"] = "one"
with new("bad-newer") as f:
    f.attrs["format_version"] = "2.0"
with new("bad-other-program") as f:
    del f.attrs["format"]
