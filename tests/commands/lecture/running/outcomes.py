"""An experiment of a file of claims, run."""

from __future__ import annotations

from pathlib import Path

from archprof.commands.lecture.claims.document import Experiment
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.running.experiments import run


def outcome_of(networks: str, folder: Path, **arguments: object) -> str:
    """Return what an experiment, `run` and its arguments, gives over these networks."""
    path = folder / "claims.yaml"
    path.write_text(
        f"lecture: T\nnetworks:\n{networks}\nclaims: {{a: {{undecidable: it is run}}}}\n"
    )
    lecture = load_lecture(path)
    name = str(arguments.pop("run"))
    statement = Experiment(name, tuple(arguments.items()), "", lecture.claims["a"].mark)
    return run(statement, Subjects(lecture))
