"""A tree of values to a Document: every structural fault is found here, at once and in its place.

`document` reads the whole, with its blocks and what it uses; `layers` read bodies, with `targets`
for the ops and blocks that layers name; `statements` read what a spec states of a network, and
`variants` those of a family.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from archprof.language.document import Document, Template
from archprof.language.reader.document import DocumentReader
from archprof.language.text import with_lines
from archprof.language.value import Value
from archprof.problem import ProblemError, Problems


def read_document(
    value: Value,
    path: Path,
    file: str,
    text: str,
    found: Problems,
    use: Callable[[Template], Document | None],
) -> Document:
    """Return the document, checked; `use` loads the files that `use:` names.

    Raises ProblemError with `found` and everything else that is wrong.
    """
    reader = DocumentReader(file, text)
    try:
        document = reader.read(value, path, use)
        problems = list(reader.problems)
    except ProblemError as error:
        document, problems = None, list(error.problems)
    # where the text itself is at fault, complaints about the value in its place are of no use
    faulty = {problem.mark for problem in found}
    problems = [*found, *(problem for problem in problems if problem.mark not in faulty)]
    if problems or document is None:
        raise ProblemError(with_lines(problems, {file: text}))
    return document
