"""A network as many are: a stem, residual blocks, a head; and one that looks at its data."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x):
        return x + self.bn(self.conv(x)).relu()


class Net(nn.Module):
    def __init__(self, depth: int = 2, width: int = 16, classes: int = 10):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, stride=2, padding=1)
        self.blocks = nn.Sequential(*[Block(width) for _ in range(depth)])
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(width, classes)

    def forward(self, image):
        return self.head(self.pool(self.blocks(self.stem(image))).flatten(1))


class Detector(nn.Module):
    """Keeps the pixels that score: how many these are, only an image tells."""

    def __init__(self):
        super().__init__()
        self.backbone = Net(depth=1)
        self.boxes = nn.Linear(10, 4)

    def forward(self, image):
        scores = self.backbone(image)
        return self.boxes(scores[scores[:, 0] > 0.5])


def build(depth: int = 2) -> nn.Module:
    return Net(depth)


class Pair(nn.Module):
    """Takes an image and the numbers of words."""

    def __init__(self):
        super().__init__()
        self.look = Net(classes=32)
        self.words = nn.Embedding(100, 32)

    def forward(self, image, ids):
        return torch.einsum("bc,bnc->bn", self.look(image), self.words(ids)).softmax(-1)
