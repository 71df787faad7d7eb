"""`archprof diff`: what changed between two networks, or in the specs of a repository since a
revision, and what it costs.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import (
    Batch,
    Dtype,
    DtypeOption,
    Freeze,
    Input,
    Output,
    Set,
    complete_network,
)
from archprof.cli.training_options import Accumulate, Amp, Checkpoint, PlannedMemory, StepOptimizer

if TYPE_CHECKING:
    from archprof.commands.diff.met_conditions import MetCondition
    from archprof.commands.diff.review import Review
    from archprof.problem import Problem
    from archprof.targets import Source


class DiffFormat(StrEnum):
    """How a difference is written."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"
    html = "html"


TARGETS = (
    "OLD and NEW: a network's name, a path, PATH:VARIANT, REVISION:PATH, FILE.py:NAME or"
    " REVISION:FILE.py:NAME. With --base: the files"
    " or folders to look at, all of them by default."
)


def diff(
    targets: Annotated[
        list[str] | None,
        Argument(
            metavar="OLD NEW | [PATH…]",
            help=TARGETS,
            autocompletion=complete_network,
            show_default=False,
        ),
    ] = None,
    base: Annotated[
        str | None,
        Option(
            metavar="REVISION",
            help="Compare the specs of this git repository with where they left this revision.",
            show_default=False,
        ),
    ] = None,
    head: Annotated[
        str | None,
        Option(
            metavar="REVISION",
            help="With --base: this revision in place of the working tree.",
            show_default=False,
        ),
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        Option(
            "--fail-on",
            metavar="CONDITION",
            show_default=False,
            help=(
                "Exit 1 where it holds, such as 'macs>+5%', 'params>25M' or 'training_peak>+5%'."
                " Repeatable."
            ),
        ),
    ] = None,
    input: Input = None,
    batch: Batch = 1,
    dtype: DtypeOption = Dtype.float32,
    set: Set = None,
    optimizer: StepOptimizer = None,
    amp: Amp = None,
    freeze: Freeze = None,
    checkpoint: Checkpoint = None,
    accumulate: Accumulate = 1,
    memory: PlannedMemory = None,
    full: Annotated[
        bool, Option("--full", help="Show every layer that changed, nothing folded.")
    ] = False,
    format: Annotated[
        DiffFormat,
        Option(
            "--format",
            "-f",
            metavar="NAME",
            help="How to write the result: table, json, csv, md or html.",
        ),
    ] = DiffFormat.table,
    output: Output = None,
) -> int:
    """What changed from one network to another, layer by layer, and what that did to params, MACs,
    memory and receptive field.

    Example: archprof diff resnet50 resnet101 --fail-on 'params>+100%'
    """
    from dataclasses import replace

    from archprof.analysis.analysis import Analysis, analyze
    from archprof.analysis.kept_copies import kept_copies
    from archprof.cli.training_options import step_words
    from archprof.commands.diff.asked_steps import Freezing, asks_for_step, with_step
    from archprof.commands.diff.captured_since import captured_since, is_captured
    from archprof.commands.diff.compared_specs import specs_since, two_networks
    from archprof.commands.diff.fail_conditions import parse_condition
    from archprof.commands.diff.met_conditions import met_conditions
    from archprof.commands.diff.review import whole
    from archprof.language.network import Network
    from archprof.targets import adjusted, graph_of

    conditions = [parse_condition(text) for text in fail_on or ()]
    step = asks_for_step(conditions, (optimizer, amp, freeze, checkpoint, accumulate > 1))
    words = step_words(optimizer, amp, checkpoint, accumulate, memory)
    kept, freezing = kept_copies(words), Freezing(freeze or ())

    def analyse(network: Source) -> Analysis:
        if isinstance(network, Network):
            network = adjusted(network, input, set)
        graph = graph_of(network)
        frozen = freezing.of(graph)
        found = whole(analyze(graph, batch, dtype.value, "macs", *kept, frozen, words))
        attrgetter("totals")(found)  # worked out here, where its time counts
        return with_step(found) if step else found

    if base is None and head is None:
        review = two_networks(targets or [], analyse, (input or (), set or ()))
    elif base is not None and any(map(is_captured, targets or ())):
        review = captured_since(base, head, targets or [], (input or (), set or ()), analyse)
    else:
        review = specs_since(base, head, targets or [], analyse)
    freezing.check()
    review = replace(review, step=step)
    met = met_conditions(review, conditions)
    _put(review, met, format, full, output)
    sys.stdout.flush()
    _report_failures(met, (*review.old_faults, *review.new_faults))
    if review.new_faults:
        return 2
    return 1 if met else 0


def _put(
    review: Review, met: list[MetCondition], style: DiffFormat, full: bool, output: Path | None
) -> None:
    """Write the review."""
    from archprof.show import terminal
    from archprof.units import inert

    if style is DiffFormat.json:
        import json

        from archprof.commands.diff.difference_data import difference_data

        terminal.emit(json.dumps(difference_data(review, met), indent=1), output)
    elif style is DiffFormat.md:
        from archprof.commands.diff.pull_request import comment

        terminal.emit(_inert(comment(review, met, full)), output)
    elif style is DiffFormat.html:
        _put_page(review, full, output)
    elif style is DiffFormat.csv:
        from archprof.commands.diff.difference_tables import changes_table
        from archprof.show.table import render

        terminal.emit(_inert(render(changes_table(review, full), "csv")), output)
    else:
        from archprof.commands.diff.difference_tables import difference_lines
        from archprof.show.table import put_lines

        lines = difference_lines(review, full, terminal.width())
        put_lines(([(inert(part), colour) for part, colour in line] for line in lines), output)


def _put_page(review: Review, full: bool, output: Path | None) -> None:
    """Write the review as a page; of one changed network with both of its graphs."""
    from archprof.commands.diff.difference_tables import page_tables
    from archprof.show import terminal
    from archprof.show.table import put

    tables = page_tables(review, full)
    found = review.networks[0].found if len(review.networks) == 1 else None
    if found is None or found.identical:
        put(tables, "html", output)
        return
    from archprof.commands.diff.marks import marks
    from archprof.commands.page.report import diff_page

    terminal.emit(diff_page(tables, [found.old, found.new], marks(found)), output)


def _inert(text: str) -> str:
    """Return the text, no line of which is a command for a runner."""
    from archprof.units import inert

    return "\n".join(map(inert, text.split("\n")))


def _report_failures(met: list[MetCondition], faults: tuple[Problem, ...]) -> None:
    """Write conditions that are met, and faults, to standard error.

    Where GitHub's runner reads it, conditions become annotations of the pull request.
    """
    from archprof.problem import ProblemError, Severity
    from archprof.show.annotations import commands

    failed = ProblemError(one.problem for one in met)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        annotations = commands((Severity.error, problem) for problem in failed.problems)
        print(annotations, end="", file=sys.stderr)
        failed = ProblemError(())
    for error in (failed, ProblemError(faults)):
        if error.problems:
            print(_inert(str(error)), file=sys.stderr)
