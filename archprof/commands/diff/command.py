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

import typer

from archprof.cli.options import (
    Batch,
    Dtype,
    DtypeOption,
    Input,
    Output,
    Set,
    adjusted,
    complete_network,
)

if TYPE_CHECKING:
    from archprof.commands.diff.review import Analyse, Review, Verdict
    from archprof.language.network import Network
    from archprof.problem import Problem


class Format(StrEnum):
    """How a difference is written."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"


TARGETS = (
    "OLD and NEW: a shipped network, a path, PATH:VARIANT or REVISION:PATH. With --base: the files"
    " or folders to look at, all of them by default."
)


def diff(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="OLD NEW | [PATH…]",
            help=TARGETS,
            autocompletion=complete_network,
            show_default=False,
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REVISION",
            help="Compare the specs of this git repository with where they left this revision.",
            show_default=False,
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="REVISION",
            help="With --base: this revision in place of the working tree.",
            show_default=False,
        ),
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="CONDITION",
            show_default=False,
            help="Exit 1 where it holds, such as 'macs>+5%' or 'params>25M'. Repeatable.",
        ),
    ] = None,
    input: Input = None,
    batch: Batch = 1,
    dtype: DtypeOption = Dtype.float32,
    set: Set = None,
    full: Annotated[
        bool, typer.Option("--full", help="Show every layer that changed, nothing folded.")
    ] = False,
    format: Annotated[
        Format,
        typer.Option(
            "--format",
            "-f",
            metavar="NAME",
            help="How to write the result: table, json, csv or md.",
        ),
    ] = Format.table,
    output: Output = None,
) -> int:
    """What changed from one network to another, layer by layer, and what that did to params, MACs,
    memory and receptive field.

    Example: archprof diff resnet50 resnet101 --fail-on 'params>+100%'
    """
    from archprof.analysis.analysis import Analysis, analyze
    from archprof.commands.diff.conditions import parse_condition
    from archprof.commands.diff.review import whole
    from archprof.language.expand import expand

    conditions = [parse_condition(text) for text in fail_on or ()]

    def analyse(network: Network) -> Analysis:
        found = whole(analyze(expand(adjusted(network, input, set)), batch, dtype.value, "macs"))
        attrgetter("totals")(found)  # worked out here, where its time counts
        return found

    review = (
        _two(targets or [], analyse)
        if base is None and head is None
        else _since(base, head, targets or [], analyse)
    )
    verdicts = review.verdicts(conditions)
    _put(review, verdicts, format, full, output)
    sys.stdout.flush()
    _tell(verdicts, (*review.old_faults, *review.new_faults))
    return 2 if review.new_faults else 1 if verdicts else 0


def _two(targets: list[str], analyse: Analyse) -> Review:
    """Two networks that are named. Raises ProblemError for any other number of them."""
    from archprof.allowance import share
    from archprof.commands.diff.review import pair
    from archprof.problem import Mark, Problem, ProblemError

    if len(targets) != 2:
        path = next((target for target in targets if target.endswith((".yaml", ".yml"))), "")
        hint = (
            f"to compare it with a git revision: archprof diff --base HEAD {path}".rstrip()
            if len(targets) < 2
            else "archprof compare takes more"
        )
        raise ProblemError(
            [
                Problem(
                    Mark("diff"),
                    "option",
                    f"found {len(targets)} network{'s' * (len(targets) != 1)}, expected OLD"
                    " and NEW",
                    hint,
                )
            ]
        )
    share(2)
    old, new = (_find(target) for target in targets)
    called = (old.name, new.name) if old.name != new.name else (targets[0], targets[1])
    return pair(analyse(old), analyse(new), called)


def _find(target: str) -> Network:
    """A network by name, path, PATH:VARIANT or REVISION:PATH[:VARIANT]; a revision's path begins
    at the root of the repository, or with a dot.
    """
    from archprof.language.find import find
    from archprof.language.loader import load_file
    from archprof.language.network import pick
    from archprof.language.revisions import SUFFIXES, Repository, Revision

    revision, _, rest = target.partition(":")
    path, _, variant = rest.partition(":")
    if not path.endswith(SUFFIXES) or revision.endswith(SUFFIXES) or Path(target).exists():
        return find(target)
    with Repository() as repository:
        tree = Revision(repository, revision, repository.commit(revision, target))
        place = (
            Path.cwd() / path
            if path.startswith("./") or path.startswith("../")
            else tree.root / path
        )
        return pick(
            load_file(place, f"{revision}:{tree.place(place) or path}", tree),
            variant,
            f"{revision}:{path}",
        )


def _parts(target: str) -> tuple[str, str, str]:
    """PATH, or PATH:VARIANT in three parts; a shipped network is one of its file."""
    from archprof.language.find import shipped_network
    from archprof.language.revisions import SUFFIXES

    if target.rpartition(":")[0].endswith(SUFFIXES):
        return target.rpartition(":")
    network = None if Path(target).exists() else shipped_network(target)
    return (
        (os.path.relpath(network.document.path), ":", network.name) if network else (target, "", "")
    )


def _since(base: str | None, head: str | None, targets: list[str], analyse: Analyse) -> Review:
    """The specs of a repository that changed since its head left the base. Raises ProblemError."""
    from archprof.allowance import share
    from archprof.commands.diff.review import review
    from archprof.commands.diff.touched import touched
    from archprof.language.revisions import Repository, Revision, WorkingTree
    from archprof.problem import Mark, Problem, ProblemError

    if base is None:
        raise ProblemError(
            [
                Problem(
                    Mark("--head"),
                    "option",
                    "--head goes with --base",
                    f"archprof diff --base main --head {head}",
                )
            ]
        )
    paths = [_parts(target) for target in targets]
    with Repository() as repository:
        tip = repository.commit(base, "--base")
        end = repository.commit(head, "--head") if head else "HEAD"
        left = repository.merge_base(tip, end) or tip
        old = Revision(repository, base if left == tip else left[:10], left)
        new = Revision(repository, head, end) if head else WorkingTree(repository)
        if left != tip:
            print(
                f"{base} and {head or 'HEAD'} part at {left[:10]}: compared with that",
                file=sys.stderr,
            )
        # of a file the variants asked for, each with what was typed
        only: dict[str, dict[str, str]] = {}
        selected = [repository.place(Path(path)) for path, _, _ in paths]
        known = old.files.keys() | new.files.keys()
        share(2 * len(known))
        for (path, colon, variant), place in zip(paths, selected, strict=True):
            if colon:
                only.setdefault(place, {})[variant] = f"{path}:{variant}"
            if place != "." and not any(
                one == place or one.startswith(f"{place}/") for one in known
            ):
                raise ProblemError(
                    [
                        Problem(
                            Mark(path),
                            "file",
                            f"there is no spec here, now or at {old.name}",
                            "give a file or a folder of the repository",
                        )
                    ]
                )
        return review(old, new, touched(old, new, selected), analyse, only)


def _put(
    review: Review, verdicts: list[Verdict], style: Format, full: bool, output: Path | None
) -> None:
    from archprof.show import terminal
    from archprof.units import inert

    if style is Format.json:
        import json

        from archprof.commands.diff.tables import difference_data

        terminal.emit(json.dumps(difference_data(review, verdicts), indent=1), output)
    elif style is Format.md:
        from archprof.commands.diff.pull_request import comment

        terminal.emit("\n".join(map(inert, comment(review, verdicts, full).split("\n"))), output)
    elif style is Format.csv:
        from archprof.commands.diff.tables import changes_table
        from archprof.show.table import render

        terminal.emit(
            "\n".join(map(inert, render(changes_table(review, full), "csv").split("\n"))), output
        )
    else:
        from archprof.commands.diff.tables import difference_lines
        from archprof.show.table import put_lines

        put_lines(
            (
                [(inert(part), colour) for part, colour in line]
                for line in difference_lines(review, full, terminal.width())
            ),
            output,
        )


def _tell(verdicts: list[Verdict], faults: tuple[Problem, ...]) -> None:
    """What fails and what is faulty, on standard error: as annotations of the pull request where
    GitHub's runner reads along.
    """
    from archprof.problem import ProblemError, Severity
    from archprof.show.annotations import commands
    from archprof.units import inert

    failed = ProblemError(v.problem for v in verdicts)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print(
            commands((Severity.error, problem) for problem in failed.problems),
            end="",
            file=sys.stderr,
        )
        failed = ProblemError(())
    for error in (failed, ProblemError(faults)):
        if error.problems:
            print("\n".join(map(inert, str(error).split("\n"))), file=sys.stderr)
