"""Render a letter for each shipped lecture into reports/lectures/, and their index.

`python scripts/render_letters.py` writes them again, which takes torch and fvcore and some minutes;
tests/commands/lecture/test_letters_report.py compares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archprof.commands.lecture.deciding.deciding import DecidedLectures, consult_all, decide
from archprof.commands.lecture.deciding.verdicts import Verdict
from archprof.commands.lecture.letters.letter import Letter, letters
from archprof.commands.lecture.letters.letter_paper import letter_paper
from archprof.show.markdown import markdown
from archprof.show.markdown_page import pipe_table
from archprof.show.paper import markdown_paper

REPORTS = Path(__file__).parents[1] / "reports"
FOLDER, INDEX = REPORTS / "lectures", REPORTS / "lecture.md"
_TITLES = ("Lecture", "Figures and statements", "Right", "To change", "To consider", "Not checked")
_INTRODUCTION = """\
# What lectures say, checked

A letter to the author of each source, with all that was checked behind it;
`archprof lecture L8 --letter -f latex` makes one to print.
`python scripts/render_letters.py` renders them.
"""


def rendered(outcome: DecidedLectures) -> dict[Path, str]:
    """Return the text of every file."""
    written = letters(outcome)
    texts = {
        _file(letter): markdown_paper(letter_paper(letter, outcome.beside)) for letter in written
    }
    return texts | {INDEX: _index(written)}


def _file(letter: Letter) -> Path:
    return FOLDER / f"{letter.lecture.path.stem}.md"


def _index(written: Sequence[Letter]) -> str:
    """Return one line for each lecture, with a link to its letter."""
    rows = []
    for letter in written:
        link = f"[{markdown(letter.lecture.id)}](lectures/{_file(letter).name})"
        title = f"{link}: {markdown(letter.lecture.title)}"
        right = sum(n for kind, n in letter.counts.items() if Verdict(kind).is_true)
        open_ = sum(n for kind, n in letter.counts.items() if Verdict(kind).is_open)
        numbers = (letter.counts.total(), right, len(letter.change), len(letter.consider), open_)
        rows.append([title, *map(str, numbers)])
    return f"{_INTRODUCTION}\n{pipe_table(_TITLES, rows)}\n"


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in rendered(decide(consult=consult_all)).items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
