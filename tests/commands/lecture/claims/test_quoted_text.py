"""Where a text has what the claims of its lecture quote."""

from pathlib import Path

from archprof.commands.lecture.claims.reader import load_lecture

TEXT = """# One

AlexNet has 60M parameters

# Two

AlexNet has 60M parameters, and 8 layers
"""


def test_the_first_place_of_the_first_piece(tmp_path: Path) -> None:
    """Where nothing is quoted there is none."""
    (tmp_path / "slides.txt").write_text(TEXT, encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(
        "lecture: MINE\ntext: slides.txt\nclaims:\n"
        "  A: {says: 60M parameters … 8 layers, undecidable: taste}\n"
        "  B: {says: 8 layers, undecidable: taste}\n"
        "  C: {slide: s. 3, says: 8 layers, undecidable: taste}\n"
        "  D: {undecidable: taste}\n",
        encoding="utf-8",
    )
    claims = load_lecture(path).claims.values()
    assert [(claim.slide, claim.line) for claim in claims] == [
        ("One", 3),
        ("Two", 7),
        ("s. 3", 7),
        ("", 0),
    ]
