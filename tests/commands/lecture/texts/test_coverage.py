"""What of a text no claim quotes, and what claims quote that it does not have."""

from pathlib import Path

import pytest

from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.texts.coverage import Coverage, coverage
from archprof.commands.lecture.texts.quotes import LectureText
from tests.command_line import Run
from tests.contracts import contract, keeps, printed

TEXT = """# AlexNet

- 60M parameters
- [55x55x96] CONV1: 96 11x11 filters
- [27x27x96] POOL1
- [13x13x256] POOL2
- Every filter is small
- Trained for 90 epochs

# Again

- Trained for 90 epochs
"""
HEAD = "lecture: MINE\nshapes: HxWxC\nclaims:\n"
ALL = (
    HEAD
    + """
  A: {says: 60M parameters, of: {network: alexnet, quantity: params}, stated: 60M}
  B:
    says: "[55x55x96] CONV1 … [13x13x256] POOL2"
    table:
      network: alexnet
      rows: [{layers: conv1, shape: 55x55x96}, {layers: pool1, shape: 27x27x96},
             {layers: pool2, shape: 13x13x256}]
  C: {says: 96 11x11 filters, every: {network: alexnet, layers: conv1, is: {out: 96, kernel: 11}}}
  D: {says: Every filter is small, undecidable: taste}
not_claims: [{quote: Trained for 90 epochs, why: what training takes}]
"""
)


def of(tmp_path: Path, file: str) -> Coverage:
    path = tmp_path / "mine.yaml"
    path.write_text(file, encoding="utf-8")
    return coverage(load_lecture(path), LectureText("slides.txt", TEXT))


def uncovered(tmp_path: Path, file: str) -> list[tuple[tuple[int, ...], tuple[str, ...]]]:
    return [(one.lines, one.figures) for one in of(tmp_path, file).uncovered]


def test_everything_is_covered(tmp_path: Path) -> None:
    found = of(tmp_path, ALL)
    assert (found.uncovered, found.misquoted) == ((), ())
    # 60M; 55x55x96, 96, 11x11; 27x27x96; 13x13x256; twice 90
    assert (found.figures, found.sentences) == (8, 1)


def test_nothing_is_covered(tmp_path: Path) -> None:
    file = HEAD + "  A: {of: {network: alexnet, quantity: params}, stated: 60M}\n"
    assert uncovered(tmp_path, file) == [
        ((3,), ("60M",)),
        ((4,), ("55x55x96", "96", "11x11")),
        ((5,), ("27x27x96",)),
        ((6,), ("13x13x256",)),
        ((7,), ()),
        ((8, 12), ("90",)),
    ]


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        # what is left out of a quotation is covered where the claim states it
        ("{layers: pool1, shape: 27x27x96},\n", "\n", [((5,), ("27x27x96",))]),
        ("says: Every filter is small, ", "", [((7,), ())]),
        ("{quote: Trained for 90 epochs", "{quote: Trained", [((8, 12), ("90",))]),
        ("{quote: Trained for 90 epochs", "{quote: [90]", []),
        ("says: 96 11x11 filters, ", "says: 11x11 filters, ", [((4,), ("96",))]),
    ],
)
def test_one_thing_is_not_covered(
    tmp_path: Path, before: str, after: str, left: list[tuple[tuple[int, ...], tuple[str, ...]]]
) -> None:
    assert before in ALL
    assert uncovered(tmp_path, ALL.replace(before, after)) == left


@pytest.mark.parametrize(
    ("before", "after", "words", "stated"),
    [
        ("says: Every filter", "says: Each filter", "Each filter is small", False),
        ("{quote: Trained for", "{quote: Trained in", "Trained in 90 epochs", False),
        ("shape: 27x27x96", "shape: 27x27x97", "27x27x97", True),
        # the figure between the pieces is not missed where a piece is wrong
        ('POOL2"', 'POOL3"', "[13x13x256] POOL3", False),
    ],
)
def test_misquoted(tmp_path: Path, before: str, after: str, words: str, stated: bool) -> None:
    (found,) = of(tmp_path, ALL.replace(before, after)).misquoted
    assert (found.words, found.stated) == (words, stated)
    assert (found.nearest is None) is stated


@pytest.mark.parametrize(
    ("not_claims", "message"),
    [
        ("3", "`not_claims` is 3, expected a list"),
        ("[3]", "an entry of `not_claims` is 3, expected a mapping"),
        ("[{quote: x}]", "an entry of `not_claims` needs `why`"),
        ("[{why: x}]", "an entry of `not_claims` needs `quote`"),
        ("[{quote: x, why: 3}]", "`why` is 3, expected a text"),
        ("[{quote: x, why: y, wy: z}]", "unknown key `wy`"),
    ],
)
def test_malformed(run: Run, tmp_path: Path, not_claims: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + f"  A: {{undecidable: x}}\nnot_claims: {not_claims}\n")
    done = run("lecture", path, "--static")
    assert (done.code, message in done.err) == (2, True), done.err


def test_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "slides.txt").write_text(TEXT, encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(ALL, encoding="utf-8")
    done = run("lecture", path, "--coverage", tmp_path / "slides.txt")
    assert done.code == 0
    assert "0 sentences that no claim quotes" in done.out
    path.write_text(
        ALL.replace("60M parameters, of", "70M parameters, of")
        .replace("stated: 60M", "stated: 70M")
        .replace("90 epochs,", "9,"),
        encoding="utf-8",
    )
    done = run("lecture", path, "--coverage", tmp_path / "slides.txt", "--format", "md")
    assert done.code == 1
    assert "| 3 | 60M | 60M parameters |" in " ".join(done.out.split())
    found = printed(run, "lecture", path, "--coverage", tmp_path / "slides.txt", code=1)
    keeps(contract(run, "coverage"), found)
    assert [one["lines"] for one in found["uncovered"]] == [[3], [8, 12]]


@pytest.mark.parametrize("text", ["missing.txt", ".", "bytes.bin", "empty.txt"])
def test_a_text_that_cannot_be_read(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "bytes.bin").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty.txt").write_text(" \n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(ALL, encoding="utf-8")
    done = run("lecture", tmp_path / "mine.yaml", "--coverage", tmp_path / text)
    assert (done.code, "error:" in done.err, "Traceback" in done.err) == (2, True, False)


def test_an_empty_text(run: Run, tmp_path: Path) -> None:
    """Every quotation would be missing from it: what is wrong is the text."""
    (tmp_path / "slides.txt").write_text("\n\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(ALL, encoding="utf-8")
    done = run("lecture", tmp_path / "mine.yaml", "--coverage", tmp_path / "slides.txt")
    assert "slides.txt: error: the text is empty, expected what is quoted" in done.err
    (tmp_path / "mine.yaml").write_text(f"text: slides.txt\n{ALL}", encoding="utf-8")
    done = run("lecture", tmp_path / "mine.yaml", "--static")
    assert done.err.count("error:") == 1
    assert "`slides.txt`: the text is empty" in done.err


def test_no_lecture_is_named(run: Run, tmp_path: Path) -> None:
    done = run("lecture", "--coverage", tmp_path / "slides.txt")
    assert (done.code, "no lecture is named" in done.err) == (2, True)
