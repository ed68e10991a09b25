#!/usr/bin/env python3
"""Makes the numbers that tests/unit/run/parity_test.cpp holds us to, from PyTorch twins of the shipped models.

    make.py FOLDER        needs torch and numpy; the test needs only the files

Everything is float64. Weights and batches are functions of a name and an element's number (see `uniform`), which
the test computes too. A file holds what the test must build, the mean loss of twenty steps, the norm of every
parameter's gradient at the first and the last of them, and the norms of running statistics afterwards.
"""
import json
import math
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

STEPS = 20
MASK = (1 << 64) - 1


def bits(name, count):
    """FNV-1a of the name, then SplitMix64 from there: one 64-bit number for each element."""
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    with np.errstate(over="ignore"):
        z = np.uint64(h) + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(name, shape):
    """From -1 to 1."""
    top = (bits(name, math.prod(shape)) >> np.uint64(11)).astype(np.float64)
    return torch.from_numpy(top * 2.0**-52 - 1).reshape(shape)


class Weights:
    """Parameters and running statistics by name, made when they are first asked for."""

    def __init__(self):
        self.parameters, self.statistics = {}, {}

    def __call__(self, name, *shape):
        if name not in self.parameters:
            u = uniform(name, shape)
            if len(shape) > 1:
                u = u * math.sqrt(3 / math.prod(shape[1:]))
            elif name.endswith(".scale"):
                u = 1 + 0.1 * u
            else:
                u = 0.1 * u
            self.parameters[name] = u.requires_grad_()
        return self.parameters[name]

    def statistic(self, name, channels, value):
        return self.statistics.setdefault(name, torch.full((channels,), value, dtype=torch.float64))

    def linear(self, name, x, units, bias=True):
        return F.linear(x, self(name + ".weight", units, x.shape[-1]), self(name + ".bias", units) if bias else None)

    def conv(self, name, x, channels, kernel, stride=1, bias=True):
        weight = self(name + ".weight", channels, x.shape[1], kernel, kernel)
        return F.conv2d(x, weight, self(name + ".bias", channels) if bias else None, stride, kernel // 2)

    def batch_norm(self, name, x):
        c = x.shape[1]
        mean, var = self.statistic(name + ".mean", c, 0.0), self.statistic(name + ".var", c, 1.0)
        return F.batch_norm(x, mean, var, self(name + ".scale", c), self(name + ".bias", c), training=True)

    def layer_norm(self, name, x):
        c = x.shape[-1]
        return F.layer_norm(x, (c,), self(name + ".scale", c), self(name + ".bias", c))


def mlp(w, x):
    y = x["image"].flatten(1)
    for i in range(2):
        y = F.relu(w.linear(f"hidden{i}", y, 24))
    return w.linear("classifier", y, 10)


def fashion_cnn(w, x, width=4):
    y = F.relu(w.conv("conv1", x["image"], width, 3))
    y = F.max_pool2d(F.relu(w.conv("conv2", y, width, 3)), 2)
    y = F.relu(w.conv("conv3", y, 2 * width, 3))
    y = F.max_pool2d(F.relu(w.conv("conv4", y, 2 * width, 3)), 2)
    return w.linear("classifier", F.relu(w.linear("hidden", y.flatten(1), 16)), 10)


def resnet18(w, x, stem, width=4):
    def block(name, y, channels, stride):
        z = F.relu(w.batch_norm(name + ".norm1", w.conv(name + ".conv1", y, channels, 3, stride, bias=False)))
        z = w.batch_norm(name + ".norm2", w.conv(name + ".conv2", z, channels, 3, bias=False))
        if stride > 1:
            y = w.batch_norm(name + ".shortcut.norm", w.conv(name + ".shortcut.conv", y, channels, 1, stride, bias=False))
        return F.relu(z + y)

    small = stem == "cifar"
    y = w.conv("stem.conv", x["image"], width, 3 if small else 7, 1 if small else 2, bias=False)
    y = F.relu(w.batch_norm("stem.norm", y))
    if not small:
        y = F.max_pool2d(y, 3, 2, 1)
    for stage in range(4):
        for i in range(2):
            stride = 2 if stage and i == 0 else 1
            y = block(f"stage{stage + 1}.block{i}", y, width * 2**stage, stride)
    return w.linear("classifier", y.mean((2, 3)), 10)


def gpt_tiny(w, x, width=24, depth=2, heads=3, vocabulary=29, places=16):
    tokens = x["tokens"].long()
    n, t = tokens.shape
    y = F.embedding(tokens, w("token.weight", vocabulary, width)) + w("position.weight", places, width)[:t]
    for i in range(depth):
        name = f"block{i}"
        packed = w.linear(name + ".attention.qkv", w.layer_norm(name + ".norm1", y), 3 * width)
        q, k, v = (part.reshape(n, t, heads, -1).transpose(1, 2) for part in packed.split(width, 2))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(n, t, width)
        y = y + w.linear(name + ".attention.projection", mixed, width)
        z = F.gelu(w.linear(name + ".expand", w.layer_norm(name + ".norm2", y), 4 * width))
        y = y + w.linear(name + ".contract", z, width)
    return w.linear("head", w.layer_norm("norm", y), vocabulary, bias=False)


def two_input(w, x):
    u = F.embedding(x["user"].long(), w("user_embedding.weight", 11, 6))
    i = F.embedding(x["item"].long(), w("item_embedding.weight", 7, 6))
    y = torch.cat([u, i, u * i, x["price"][:, None], x["age"][:, None]], 1)
    y = F.relu(w.linear("hidden2", F.relu(w.linear("hidden1", y, 12)), 12))
    return w.linear("score", y, 1)


def column(name, *shape, below=0, ignore_every=0):
    """One input: numbers from -1 to 1, or (below > 0) integers, of which every n-th is -100."""
    return {"name": name, "shape": list(shape), "below": below, "ignore_every": ignore_every}


IMAGES = [column("image", 6, 1, 12, 12), column("label", 6, below=10)]
SGD = {"kind": "sgd", "lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}
CASES = {
    "mlp": (mlp, {
        "set": {"width": 24, "classes": 10, "loss": "cross_entropy", "shape": "1,12,12"},
        "inputs": IMAGES, "optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0.0, "nesterov": False, "weight_decay": 0.0}}),
    "fashion-cnn": (fashion_cnn, {
        "set": {"width": 4, "hidden": 16, "dropout": 0, "classes": 10, "loss": "cross_entropy", "channels": 1, "height": 12, "image_width": 12},
        "smoothing": 0.1, "inputs": IMAGES, "optimizer": {"kind": "adam", "lr": 0.003, "beta2": 0.999, "weight_decay": 0.0}}),
    "resnet18": (lambda w, x: resnet18(w, x, "imagenet"), {
        "set": {"width": 4, "classes": 10, "loss": "cross_entropy", "channels": 3, "height": 40, "image_width": 40},
        "inputs": [column("image", 4, 3, 40, 40), column("label", 4, below=10)], "optimizer": SGD}),
    "resnet18-cifar": (lambda w, x: resnet18(w, x, "cifar"), {
        "set": {"width": 4, "stem": "cifar", "classes": 10, "loss": "cross_entropy", "channels": 3, "height": 16, "image_width": 16},
        "inputs": [column("image", 4, 3, 16, 16), column("label", 4, below=10)], "optimizer": SGD}),
    "gpt-tiny": (gpt_tiny, {
        "set": {"width": 24, "depth": 2, "heads": 3, "vocabulary": 29, "tokens": 16}, "tokens": 12,
        "inputs": [column("tokens", 4, 12, below=29), column("targets", 4, 12, below=29, ignore_every=7)],
        "optimizer": {"kind": "adamw", "lr": 0.003, "beta2": 0.95, "weight_decay": 0.1, "clip": 1.0}}),
    "two-input": (two_input, {
        "set": {"width": 6, "hidden": 12, "users": 11, "items": 7}, "columns": ["price", "age"],
        "inputs": [column("user", 8, below=11), column("item", 8, below=7), column("price", 8), column("age", 8),
                   column("click", 8, below=2)],
        "optimizer": {"kind": "adamw", "lr": 0.01, "beta2": 0.999, "weight_decay": 0.01}}),
}


def batch(inputs, step):
    made = {}
    for c in inputs:
        name, shape = f"{c['name']}@{step}", c["shape"]
        if not c["below"]:
            made[c["name"]] = uniform(name, shape)
            continue
        values = (bits(name, math.prod(shape)) % np.uint64(c["below"])).astype(np.int64)
        if c["ignore_every"]:
            values[:: c["ignore_every"]] = -100
        made[c["name"]] = torch.from_numpy(values).reshape(shape)
    return made


def loss_of(model, logits, x, smoothing):
    if model == "two-input":
        return F.binary_cross_entropy_with_logits(logits[:, 0], x["click"].double())
    target = x["targets"] if "targets" in x else x["label"]
    return F.cross_entropy(logits.flatten(0, -2), target.flatten(), ignore_index=-100, label_smoothing=smoothing)


def make_optimizer(o, parameters):
    """Decay is for weights: neither norms nor biases."""
    groups = [{"params": [p for n, p in parameters.items() if n.endswith(".weight")], "weight_decay": o["weight_decay"]},
              {"params": [p for n, p in parameters.items() if not n.endswith(".weight")], "weight_decay": 0.0}]
    if o["kind"] == "sgd":
        return torch.optim.SGD(groups, o["lr"], o["momentum"], nesterov=o["nesterov"])
    kind = torch.optim.AdamW if o["kind"] == "adamw" else torch.optim.Adam
    return kind(groups, o["lr"], (0.9, o["beta2"]))


def norms(tensors):
    return {name: t.norm().item() for name, t in sorted(tensors.items())}


def run(case, forward, spec):
    w, optimizer, losses = Weights(), None, []
    o, first = spec["optimizer"], None
    for step in range(STEPS):
        x = batch(spec["inputs"], step)
        logits = forward(w, x)
        optimizer = optimizer or make_optimizer(o, w.parameters)
        loss = loss_of(case, logits, x, spec.get("smoothing", 0.0))
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        last = norms({n: p.grad for n, p in w.parameters.items()})
        first = first or last
        if "clip" in o:
            torch.nn.utils.clip_grad_norm_(list(w.parameters.values()), o["clip"])
        optimizer.step()
    return {"losses": losses, "first_gradients": first, "last_gradients": last, "statistics": norms(w.statistics)}


def main(folder):
    torch.set_num_threads(1)
    for case, (forward, spec) in CASES.items():
        model = case.removesuffix("-cifar")
        made = {"model": model, **spec, **run(case, forward, spec)}
        pathlib.Path(folder, case + ".json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
