"""PyTorch's side of kernel_bench: reads "repeats op sizes..." lines and answers with the mean seconds of so
many runs, after one that is not counted.

The first request of a kind warms up and picks the faster of NCHW and channels_last."""
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))


def conv(kind, memory_format, n, c, size, o, k, stride):
    x = torch.randn(n, c, size, size).to(memory_format=memory_format)
    w = torch.randn(o, c, k, k).to(memory_format=memory_format)
    y = torch.conv2d(x, w, None, stride, k // 2)
    dy = torch.randn_like(y).to(memory_format=memory_format)
    if kind == "conv2d":
        return lambda: torch.conv2d(x, w, None, stride, k // 2)
    mask = [kind == "conv2d_dx", kind == "conv2d_dw", False]
    backward = torch.ops.aten.convolution_backward
    return lambda: backward(dy, x, w, None, [stride] * 2, [k // 2] * 2, [1, 1], False, [0, 0], 1, mask)


def linear(kind, m, i, o):
    x, w, b, dy = torch.randn(m, i), torch.randn(o, i), torch.randn(o), torch.randn(m, o)
    if kind == "linear":
        return lambda: torch.nn.functional.linear(x, w, b)
    if kind == "linear_dx":
        return lambda: dy @ w
    return lambda: (dy.t() @ x, dy.sum(0))


def attention(kind, n, t, h, d):
    q, k, v = (torch.randn(n, t, h, d).transpose(1, 2).requires_grad_() for _ in range(3))
    attend = torch.nn.functional.scaled_dot_product_attention
    if kind == "attention":
        def run():
            with torch.no_grad():
                attend(q, k, v, is_causal=True)
        return run
    y = attend(q, k, v, is_causal=True)
    dy = torch.randn_like(y)
    return lambda: torch.autograd.grad(y, (q, k, v), dy, retain_graph=True)


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def make(kind, *sizes):
    if kind.startswith("linear"):
        return linear(kind, *sizes)
    if kind.startswith("attention"):
        return attention(kind, *sizes)
    runs = [conv(kind, f, *sizes) for f in (torch.contiguous_format, torch.channels_last)]
    return min(runs, key=lambda run: min(seconds(run) for _ in range(3)))


known = ("", None)  # the last op: its memory is given back before the next one's is taken
for line in sys.stdin:
    repeats, op = line.split(maxsplit=1)
    if op != known[0]:
        known = ("", None)
        kind, *sizes = op.split()
        known = (op, make(kind, *map(int, sizes)))
    known[1]()
    print(sum(seconds(known[1]) for _ in range(int(repeats))) / int(repeats), flush=True)
