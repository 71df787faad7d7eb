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
    from archprof.problem import Mark, Problem, ProblemError
    from archprof.spec.loader import load_file, networks

    files = [file for path in paths for file in (sorted(path.rglob("*.y*ml")) if path.is_dir() else [path])]
    if not files:
        raise ProblemError([Problem(Mark(str(paths[0])), "file", "there is no .yaml file in this folder", "name the folder that has the specs")])
    problems: list[Problem] = []
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
    sys.stdout.flush()
    counts = {"file": len(files), "network": checked, "problem": len(set(problems))}
    print(", ".join(f"{n or 'no'} {what}{'s' if n != 1 else ''}" for what, n in counts.items()), file=sys.stderr)
    return 2 if any(not path.exists() for path in paths) else 1 if problems else 0
