"""A file of Python as users have it, from which tests take modules."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CODE = '''
import sys
import torch
from torch import nn

print("imported")


class Small(nn.Module):
    """Two layers of which one repeats."""

    def __init__(self, depth=2, width=8, *, bias=True):
        super().__init__()
        print("made")
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.body = nn.Sequential(*[nn.Conv2d(width, width, 1, bias=bias) for _ in range(depth)])
        self.head = nn.Linear(width, 10)

    def forward(self, images):
        return self.head(self.body(self.stem(images)).mean((2, 3)))


def build():
    return Small()


ready = Small()


class Outer:
    class Inner(nn.Linear):
        def __init__(self):
            super().__init__(4, 4)


class Several(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(100, 8)
        self.dense = nn.Linear(12, 8)

    def forward(self, image, ids, *, scale=1):
        return {"image": self.dense(image.flatten(1)), "ids": [self.table(ids) * scale]}


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4)

    def forward(self, x):
        y = self.first(x)
        if y.sum() > 0:  # LINE
            y = self.second(y)
        return y


class Config:
    model_type = "small"

    def __init__(self, width=4, **more):
        self.width, self.image_size, self.num_channels = width, 8, 3
        self.__dict__.update(more)


class Configured(nn.Module):
    config_class = Config
    main_input_name = "pixel_values"

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.conv = nn.Conv2d(3, config.width, 3)

    def forward(self, pixel_values):
        return self.conv(pixel_values)


class Reads(nn.Module):
    """It needs the values of its weights while it is made."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(4, int(torch.ones(3).sum().item()))

    def forward(self, x):
        return self.dense(x)


number = 3
def gives_a_number(): return 3
def raises(): raise ValueError("bad \\x1b[31m\\n::error::thing")  # RAISES
def leaves(): sys.exit(3)
def interrupts(): raise KeyboardInterrupt
def wants_a_gpu(): return Small().to("cuda")
def downloads(): return torch.hub.load_state_dict_from_url("https://example.com/weights.pth")
def library():
    import json
    return json.loads("{")  # LIBRARY
def uses_what_is_missing():
    import no_such_package_at_all
def any_names(**names): return Small(**names)
'''


def line(mark: str) -> int:
    """The number of the line of CODE that ends with a mark."""
    (found,) = [n for n, text in enumerate(CODE.splitlines(), 1) if text.endswith(f"# {mark}")]
    return found


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory with the file model.py; what is imported from it is forgotten."""
    (tmp_path / "model.py").write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    path, known = list(sys.path), set(sys.modules)
    yield tmp_path
    assert sys.path == path
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]
