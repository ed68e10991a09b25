"""PyTorch's side of vector_bench: reads lines "REPEATS NAME", answers mean seconds of NAME's work, 0 if unknown.

The argument is the number of threads, or "cpu": one thread and its CPU time.
"""

import sys
import time

import torch
import torch.nn.functional as F

cpu_time = sys.argv[1] == "cpu"
clock = time.process_time if cpu_time else time.perf_counter
torch.set_num_threads(1 if cpu_time else int(sys.argv[1]))
torch.manual_seed(7)


def both_formats(make):
    """The faster of the two memory formats of an image op."""
    works = [make(torch.contiguous_format), make(torch.channels_last)]
    times = []
    for work in works:
        work()
        start = clock()
        work()
        work()
        times.append(clock() - start)
    return works[times.index(min(times))]


def unary(op, *shape):
    x = torch.randn(*shape)
    return lambda: op(x)


def backward(op, *shape):
    x = torch.randn(*shape, requires_grad=True)
    y = op(x)
    dy = torch.randn_like(y)
    return lambda: torch.autograd.grad(y, x, dy, retain_graph=True)


def batch_norm(*shape):
    def make(memory_format):
        x = torch.randn(*shape).to(memory_format=memory_format)
        norm = torch.nn.BatchNorm2d(shape[1])

        def work():
            with torch.no_grad():
                F.relu(norm(x), inplace=True)

        return work

    return both_formats(make)


def batch_norm_dx(*shape):
    def make(memory_format):
        x = torch.randn(*shape).to(memory_format=memory_format).requires_grad_()
        norm = torch.nn.BatchNorm2d(shape[1])
        y = F.relu(norm(x))
        dy = torch.randn_like(y)
        return lambda: torch.autograd.grad(y, [x, norm.weight, norm.bias], dy, retain_graph=True)

    return both_formats(make)


def add_relu():
    a, b = torch.randn(128, 64, 32, 32), torch.randn(128, 64, 32, 32)
    return lambda: F.relu_(a + b)


def bias_gelu():
    x, b = torch.randn(4096, 1536), torch.randn(1536)
    return lambda: F.gelu(x + b)


def layer_norm():
    x, w, b = torch.randn(4096, 384), torch.randn(384), torch.randn(384)
    return lambda: F.layer_norm(x, (384,), w, b)


def layer_norm_gelu():
    normal = layer_norm()
    return lambda: F.gelu(normal())


def layer_norm_dx():
    x, w, b = (torch.randn(*s, requires_grad=True) for s in ((4096, 384), (384,), (384,)))
    y = F.layer_norm(x, (384,), w, b)
    dy = torch.randn_like(y)
    return lambda: torch.autograd.grad(y, [x, w, b], dy, retain_graph=True)


def cross_entropy(gradient):
    x, t = torch.randn(4096, 256, requires_grad=True), torch.randint(256, (4096,))
    if not gradient:
        return lambda: F.cross_entropy(x, t, reduction="none")
    y = F.cross_entropy(x, t, reduction="none")
    dy = torch.randn_like(y)
    return lambda: torch.autograd.grad(y, x, dy, retain_graph=True)


def embedding(gradient):
    w, t = torch.randn(256, 384, requires_grad=True), torch.randint(256, (4096,))
    if not gradient:
        return lambda: F.embedding(t, w)
    y = F.embedding(t, w)
    dy = torch.randn_like(y)
    return lambda: torch.autograd.grad(y, w, dy, retain_graph=True)


def optimizer(make):
    w = torch.nn.Parameter(torch.randn(11000000))
    w.grad = torch.randn(11000000)
    return make([w]).step


WORKS = {
    "relu, resnet": lambda: unary(F.relu, 128, 64, 32, 32),
    "add + relu, resnet": add_relu,
    "bias + gelu, gpt": bias_gelu,
    "gelu gradient, gpt": lambda: backward(F.gelu, 4096, 1536),
    "layer norm, gpt": layer_norm,
    "layer norm + gelu, gpt": layer_norm_gelu,
    "layer norm gradient, gpt": layer_norm_dx,
    "softmax, gpt": lambda: unary(lambda x: torch.softmax(x, -1), 96, 256, 256),
    "softmax gradient, gpt": lambda: backward(lambda x: torch.softmax(x, -1), 96, 256, 256),
    "cross entropy, gpt": lambda: cross_entropy(False),
    "cross entropy gradient, gpt": lambda: cross_entropy(True),
    "dropout, gpt": lambda: unary(lambda x: F.dropout(x, 0.1), 4096, 384),
    "embedding, gpt": lambda: embedding(False),
    "embedding gradient, gpt": lambda: embedding(True),
    "sum of rows, gpt": lambda: unary(lambda x: x.sum(0), 4096, 1536),
    "global average pool, resnet": lambda: unary(lambda x: x.mean((2, 3)), 128, 512, 4, 4),
    "transpose 4096x1536": lambda: unary(lambda x: x.t().contiguous(), 4096, 1536),
    "transpose of heads, gpt": lambda: unary(lambda x: x.transpose(1, 2).contiguous(), 16, 256, 6, 64),
    "sgd with momentum, 11 M": lambda: optimizer(
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=5e-4, fused=True)
    ),
    "adamw, 11 M": lambda: optimizer(lambda p: torch.optim.AdamW(p, 1e-3, fused=True)),
    "global norm, 11 M": lambda: unary(torch.linalg.vector_norm, 11000000),
}
for where, shape in {
    "resnet 64x32x32": (128, 64, 32, 32),
    "resnet 512x4x4": (128, 512, 4, 4),
    "fashion 32x28x28": (128, 32, 28, 28),
    "plain 32x28x28": (128, 32, 28, 28),
}.items():
    WORKS["batch norm + relu, " + where] = lambda shape=shape: batch_norm(*shape)
    WORKS["batch norm + relu gradient, " + where] = lambda shape=shape: batch_norm_dx(*shape)

current, work = None, None
for line in sys.stdin:
    repeats, name = line.rstrip("\n").split(" ", 1)
    if name not in WORKS:
        print(0.0, flush=True)
        continue
    if name != current:
        work, current = WORKS[name](), name
        work()
    start = clock()
    for _ in range(int(repeats)):
        work()
    print((clock() - start) / int(repeats), flush=True)
