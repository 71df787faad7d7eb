"""`archprof check`: whether spec files hold what they say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def check(paths: Annotated[list[Path], typer.Argument(help="Spec files, or folders of them.", show_default=False)]) -> int:
    """Check spec files: structure, shapes, `shape:` and `expect:`; every problem of every file in one run.

    Example: archprof check specs/
    """
    from archprof.analysis.analysis import analyze
    from archprof.graph.expand import expand
    from archprof.problem import ProblemError
    from archprof.spec.loader import load_file, networks

    files = [file for path in paths for file in (sorted(path.rglob("*.y*ml")) if path.is_dir() else [path])]
    problems = []
    checked = 0
    for file in files:
        try:
            for network in networks(load_file(file)):
                problems += analyze(expand(network)).problems()
                checked += 1
        except ProblemError as error:
            problems += error.problems
    if problems:
        print(ProblemError(problems))
    print(f"{len(files)} file{'s' if len(files) != 1 else ''}, {checked} network{'s' if checked != 1 else ''}, {len(set(problems)) or 'no'} problem{'s' if len(set(problems)) != 1 else ''}",
          file=sys.stderr)
    return 1 if problems else 0
