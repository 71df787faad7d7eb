"""The spec on docs/writing.md is a whole one that holds."""

from __future__ import annotations

import re
from pathlib import Path

from archprof.analysis.analysis import analyze
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks

PAGE = Path(__file__).parent.parent / "docs" / "writing.md"


def test_its_parameters() -> None:
    """A convolution (27 + 1)*16, pairs (9 + 2)*C + (C + 2)*N, a linear layer (128 + 1)*10."""
    (text,) = re.findall(r"```yaml\n(name: .*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (network,) = networks(load_text(text, "writing.yaml"))
    analysis = analyze(expand(network))
    assert analysis.problems() == ()
    pairs = ((16, 32), (32, 64), (64, 128), (128, 128))
    assert analysis.totals.params == 28 * 16 + 129 * 10 + sum(
        11 * channels + (channels + 2) * out for channels, out in pairs
    )


def test_its_shipped_block() -> None:
    """The stem has (27 + 1)*64 parameters; 64 channels are squeezed to 4: 65*4 and 5*64."""
    (layers,) = re.findall(r"```yaml\n(use: .*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (network,) = networks(load_text(f"name: gated\ninput: 3x32x32\n{layers}", "gated.yaml"))
    analysis = analyze(expand(network))
    assert analysis.problems() == ()
    assert analysis.totals.params == 28 * 64 + 65 * 4 + 5 * 64
