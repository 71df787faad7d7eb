"""Specs that a hand has slipped in, or that somebody means ill with: an answer or a
ProblemError, soon and in little memory.
"""

from __future__ import annotations

import copy
import json
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archprof import allowance
from archprof.analysis.analysis import analyze
from archprof.commands.check.check_file import check
from archprof.commands.check.check_options import Options
from archprof.commands.check.config import Config, LowerLimits
from archprof.commands.compare.comparison_tables import comparison_tables
from archprof.commands.edit.formatting import formatted
from archprof.commands.summary.summary_data import summary_data
from archprof.commands.summary.summary_table import summary_table
from archprof.language.expand import expand
from archprof.language.files import Source
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.language.shipped_folder import specs_folder
from archprof.problem import STATED, ProblemError
from archprof.show.table import lines, render
from tests.effort import NIGHTLY
from tests.generated.networks import specs, text_of
from tests.language.test_hostile import CHANGES, PIECES, changed, edited, written

FOLDER = specs_folder()
LARGEST = 10_000 if NIGHTLY else 4_500
"""Characters of a spec: of the larger ones the variants, each of which is tried, are more."""
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))]
SHIPPED = [text for text in TEXTS if len(text) < LARGEST]
MOST_LAYERS, MOST_SECONDS, MOST_BYTES = 2000, 20, 2**30
MUTATED = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(
            ("delete", "duplicate", "swap", "truncate", "indent", "dedent", "splice", "drop")
        ),
        st.integers(0, 5000),
        st.integers(0, 5000),
        st.sampled_from(PIECES),
    ),
    min_size=1,
    max_size=3,
)


@cache
def trees() -> list[Any]:
    """Return the smaller shipped specs as lists and mappings."""
    return [yaml.safe_load(text) for text in SHIPPED if len(text) < 6000]


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stops what takes longer, by the processor's time."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} seconds")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.fixture(autouse=True, scope="module")
def little_memory() -> Iterator[None]:
    """A gibibyte more than there is in use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def survives(text: str) -> None:
    """The whole way: reading, building, analysis, reports, `check` and `fmt`.

    Whatever is raised but ProblemError fails the test.
    """
    with limited(MOST_SECONDS):
        try:
            analyses = []
            for network in list(networks(load_text(text, "net.yaml", FOLDER)))[:2]:
                with allowance.Allowance(allowance.Limits(layers=MOST_LAYERS), alarm=False):
                    graph = expand(network)
                str(graph.problems)
                if any(problem.rule not in STATED for problem in graph.problems):
                    continue
                analysis = analyze(graph, batch=2, dtype="bfloat16")
                str(analysis.problems())
                table = summary_table(analysis, 80)
                for line in lines(table, 80):
                    "".join(part for part, _ in line).encode()
                for style in ("md", "csv", "latex"):
                    render(table, style).encode()
                json.dumps(summary_data(analysis)).encode()
                for node in graph.nodes:
                    for working in node.op.working(node.facts.inputs, node.output).values():
                        working.substituted()
                analyses.append(analysis)
            if len(analyses) == 2:
                comparison_tables(analyses)
        except ProblemError as error:
            str(error).encode("utf-8", "surrogatepass")
        report = check(
            Source(None, "net.yaml", text.encode("utf-8", "surrogatepass")),
            Config(limits=LowerLimits(MOST_LAYERS, MOST_SECONDS)),
            Options(),
        )
        assert not report.bug, report.bug
        try:
            assert formatted(formatted(text)) == formatted(text)
        except ProblemError:
            return


@pytest.mark.slow
@settings(MUTATED, max_examples=100)
@given(text=st.sampled_from(SHIPPED), edits=EDITS)
def test_shipped_texts(text: str, edits: list[tuple[str, int, int, str]]) -> None:
    for edit in edits:
        text = edited(text, *edit)
    survives(text)


@pytest.mark.slow
@settings(MUTATED, max_examples=100)
@given(tree=st.deferred(lambda: st.sampled_from(trees())), changes=CHANGES)
def test_shipped_trees(tree: Any, changes: list[tuple[str, int, int, Any]]) -> None:
    tree = copy.deepcopy(tree)
    for change in changes:
        changed(tree, *change)
    survives(written(tree))


@pytest.mark.slow
@settings(MUTATED, max_examples=200)
@given(spec=specs(), changes=CHANGES)
def test_generated_trees(spec: dict[str, Any], changes: list[tuple[str, int, int, Any]]) -> None:
    """Networks over every op, so that whatever an op is asked, by whom, has been answered."""
    for change in changes:
        changed(spec, *change)
    survives(written(spec))


@pytest.mark.slow
@settings(MUTATED, max_examples=75)
@given(spec=specs(), edits=EDITS)
def test_generated_texts(spec: dict[str, Any], edits: list[tuple[str, int, int, str]]) -> None:
    text = text_of(spec)
    for edit in edits:
        text = edited(text, *edit)
    survives(text)
