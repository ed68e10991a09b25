"""PyTorch's side of train_bench and memory_bench: the shipped models with the same layers, written as PyTorch's users
write them, ReLU in place. Reads "steps model way" lines and answers with the mean seconds of so many training steps;
way is eager, channels_last, compile or compile_channels_last. The first request of a pair builds the model and runs
steps that are not counted.
With --memory MODEL WAY it trains three steps more and prints the process's peak of resident memory, and how much that
is above what it was before the model was built, in MiB."""
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional

torch.set_num_threads(int(sys.argv[1]))


def fashion_cnn(width=32):
    def conv(i, o):
        return [nn.Conv2d(i, o, 3, padding=1), nn.ReLU(inplace=True)]

    return nn.Sequential(*conv(1, width), *conv(width, width), nn.MaxPool2d(2), *conv(width, 2 * width),
                         *conv(2 * width, 2 * width), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(49 * 2 * width, 128),
                         nn.ReLU(inplace=True), nn.Dropout(0.25), nn.Linear(128, 10))


class Basic(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.main = nn.Sequential(nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True),
                                  nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o))
        self.shortcut = nn.Identity()
        if stride > 1 or i != o:
            self.shortcut = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        return functional.relu(self.main(x) + self.shortcut(x), inplace=True)


def resnet18(width=64):
    layers = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
    before = width
    for stage in range(4):
        channels = width << stage
        layers += [Basic(before, channels, 2 if stage else 1), Basic(channels, channels, 1)]
        before = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8 * width, 10))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = (part.view(n, t, self.heads, -1).transpose(1, 2) for part in self.qkv(self.norm1(x)).split(c, 2))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.projection(y.transpose(1, 2).reshape(n, t, c))
        return x + self.mlp(self.norm2(x))


class Gpt(nn.Module):
    def __init__(self, width=384, depth=6, heads=6, tokens=256):
        super().__init__()
        self.token, self.position = nn.Embedding(256, width), nn.Parameter(torch.randn(tokens, width) * 0.02)
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 256, bias=False)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.token(x) + self.position)))


def training(name, way):
    """A function that runs one step; None where the way makes no difference."""
    compiles, last = way.startswith("compile"), way.endswith("channels_last")
    if last and name == "gpt-tiny":
        return None
    if name == "gpt-tiny":
        model, x, y = Gpt(), torch.randint(0, 10, (16, 256)), torch.randint(0, 10, (16, 256))
    else:
        model = fashion_cnn() if name == "fashion-cnn" else resnet18()
        x, y = torch.randn((128, 1, 28, 28) if name == "fashion-cnn" else (128, 3, 32, 32)), torch.randint(0, 10, (128,))
        if last:
            model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    if name == "resnet18":
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, fused=True)
    else:
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0, fused=True)

    def loss_of(x, y):
        out = model(x)
        return functional.cross_entropy(out.flatten(0, -2), y.flatten())

    compute = torch.compile(loss_of) if compiles else loss_of

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = compute(x, y)
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(3):
        step()
    return step


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_memory(name, way):
    before = peak()
    step = training(name, way)
    if step:
        for _ in range(3):
            step()
        print(peak(), peak() - before)


def main():
    if sys.argv[2:3] == ["--memory"]:
        return measure_memory(*sys.argv[3:])
    made = {}
    for line in sys.stdin:
        steps, name, way = line.split()
        if (name, way) not in made:
            for other in [key for key in made if key[0] != name]:
                del made[other]
            try:
                made[name, way] = training(name, way)
            except RuntimeError as error: # the compiler's code does not run on every machine
                print(f"{name} {way}: {error}", file=sys.stderr)
                made[name, way] = None
        step = made[name, way]
        start = time.perf_counter()
        if step:
            for _ in range(int(steps)):
                step()
        print((time.perf_counter() - start) / int(steps) if step else 0, flush=True)


if __name__ == "__main__":
    main()
