"""The examples of Python in the documents run, and docs/python.md shows everything that the package
offers.
"""

from __future__ import annotations

import doctest
import os
import re
from pathlib import Path

import pytest

import archprof
from archprof.api import Loaded

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "python.md"
FENCED = re.DOTALL | re.MULTILINE


PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    if ">>> " in page.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
    text = "\n\n".join(re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), FENCED))
    examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert examples.examples
    reported: list[str] = []
    doctest.DocTestRunner(verbose=False).run(examples, out=reported.append)
    assert not reported, "".join(reported)


def test_there_are_examples() -> None:
    assert {ROOT / "README.md", PAGE} <= set(PAGES)
    assert PAGE.read_text(encoding="utf-8").count(">>> ") >= 25


def test_everything_is_shown() -> None:
    text = PAGE.read_text(encoding="utf-8")
    functions = set(archprof.__all__) - {"__version__", "Loaded", "ProblemError"}
    assert not {name for name in functions if f"archprof.{name}(" not in text}
    methods = {
        name for name, value in vars(Loaded).items() if callable(value) and not name.startswith("_")
    }
    assert not {name for name in methods if f".{name}(" not in text}


def test_public_names_can_be_imported_and_nothing_else() -> None:
    for name in archprof.__all__:
        assert getattr(archprof, name) is not None
    with pytest.raises(AttributeError, match="module 'archprof' has no attribute 'summary'"):
        archprof.summary  # type: ignore[attr-defined]  # noqa: B018


def test_a_layer_that_is_not_there() -> None:
    with pytest.raises(archprof.ProblemError) as raised:
        archprof.load("alexnet").explain("conv9")
    (problem,) = raised.value.problems
    assert problem.message == "alexnet has no layer `conv9`"
    assert "conv" in problem.hint
