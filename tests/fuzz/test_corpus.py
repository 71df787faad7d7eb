"""What coverage-guided fuzzing has kept: every input once more, and each find is one of them
from then on.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.target import survives

CORPUS = sorted((Path(__file__).parent.parent / "data" / "corpus").iterdir())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_kept_inputs(path: Path) -> None:
    survives(path.read_bytes())


def test_the_corpus_is_kept_small() -> None:
    assert 50 < len(CORPUS) < 1000
    assert sum(path.stat().st_size for path in CORPUS) < 200_000
