"""Decided lectures as tables: whole, at several widths, and what stands beneath them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from archprof.commands.lecture.deciding.deciding import DecidedLectures, decide
from archprof.commands.lecture.deciding.explanation import SolverMove
from archprof.commands.lecture.deciding.joint import JointExplanation, JointFigure
from archprof.commands.lecture.writing.tables import (
    COLUMNS,
    contradiction_table,
    joint_table,
    verdict_table,
)
from archprof.show.table import Table, lines

# a convolution of 3x8x8 to 4x6x6: 28*4 = 112 parameters, 27*4*36 = 3,888 MACs, and twice these with
# a bias each for 144 outputs, 7,920 FLOPs
FILE = """lecture: MINE
title: My own slides
networks:
  small: {spec: {input: 3x8x8, layers: {conv: {op: conv2d, out: 4, kernel: 3}}}}
claims:
  A: {slide: s. 1, says: "112 weights", of: {network: small, quantity: params}, stated: 112,
      formula: (F*F*C + 1)*N, with: {F: 3, C: 3, N: 4}, verdict: holds}
  B: {of: {network: small, quantity: params}, stated: 0.1K, verdict: holds, note: a note}
  C: {of: {network: small, quantity: flops}, stated: 3888, verdict: differs}
  D: {says: better, undecidable: needs training, note: never}
  E: {says: gains 1.71, experiment: {run: gain, op: relu}, stated: "1.71"}
  F:
    says: 112, 3887, 6
    note: a note of F
    contradicts: A
    parts:
      p: {of: {network: small, quantity: params}, stated: 112}
      q: {of: {network: small, quantity: macs}, stated: 3887}
      r: {of: {network: small, quantity: height}, stated: 6}
  G:
    slide: s. 2
    contradicts: B
    parts:
      p: {of: {network: small, quantity: params}, stated: 112}
      q: {of: {network: small, quantity: height}, stated: 6}
"""


def decided(tmp_path: Path, claim: str | None = None) -> DecidedLectures:
    path = tmp_path / "mine.yaml"
    path.write_text(FILE, encoding="utf-8")
    return decide(str(path), claim)


def text(table: Table, width: int = 120) -> str:
    found = ("".join(part for part, _ in line).rstrip() for line in lines(table, width))
    return "".join(f"{line}\n" for line in found)


SHORT = f"""\
MINE · My own slides
Claim Stated       By hand                      Analysis torch fvcore Verdict
{"─" * 99}
A     112          (F*F*C + 1)*N = (3*3*3 +          112              holds
                   1)*4 = 112
B     0.1K                                           112              holds rounded (recorded:
                                                                      holds)
C     3888                                         7,920              holds as MACs (recorded:
                                                                      differs)
D                                                                     undecidable
E     1.71         gain: op relu                                      not run
F     3 statements                                                    2 holds, 1 differs
  q   3887                                         3,888              differs
G     2 statements                                                    holds
F    q: it is 3,888
F    a note of F
MINE 7 claims, 10 statements: 5 holds, 1 holds rounded, 1 holds as …, 1 differs, 1 undecidable, 1
     not run
"""


def test_a_lecture_is_a_row_for_each_claim(tmp_path: Path) -> None:
    """Of claims with several parts a row for each that does not hold."""
    assert text(verdict_table(decided(tmp_path).lectures[0]), 99) == SHORT


def test_in_full_every_part_has_a_row(tmp_path: Path) -> None:
    found = text(verdict_table(decided(tmp_path).lectures[0], full=True), 99).splitlines()
    short = SHORT.splitlines()
    assert found[:12] == short[:12]
    assert [line.split() for line in found[12:18]] == [
        ["p", "112", "112", "holds"],
        ["q", "3887", "3,888", "differs"],
        ["r", "6", "6", "holds"],
        ["G", "2", "statements", "holds"],
        ["p", "112", "112", "holds"],
        ["q", "6", "6", "holds"],
    ]
    assert found[18:] == short[14:]


@pytest.mark.parametrize(
    ("claim", "rows", "notes"),
    [
        (
            "A",
            ["A      112     (F*F*C + 1)*N = (3*3*3 + 1)*4 = 112       112                 holds"],
            ["says “112 weights” (s. 1)"],
        ),
        (
            "B",
            ["B      0.1K                  112                 holds rounded (recorded: holds)"],
            ["note a note"],
        ),
        (
            "C",
            ["C      3888                7,920                 holds as MACs (recorded: differs)"],
            [],
        ),
        (
            "D",
            ["D                                                undecidable"],
            ["says “better”", "D    needs training", "note never"],
        ),
        (
            "E",
            ["E      1.71    gain: op relu                           not run"],
            ["says “gains 1.71”", "E    needs torch, fvcore"],
        ),
        (
            "F",
            [
                "F      3 statements                                    2 holds, 1 differs",
                "  p    112                         112                 holds",
                "  q    3887                      3,888                 differs",
                "  r    6                             6                 holds",
            ],
            [
                "says “112, 3887, 6”",
                "F    q: it is 3,888",
                "note a note of F",
                "MINE 1 claim, 3 statements: 2 holds, 1 differs",
            ],
        ),
        (
            "G",  # a slide without words
            [
                "G      2 statements                                    holds",
                "  p    112                         112                 holds",
                "  q    6                             6                 holds",
            ],
            ["MINE 1 claim, 2 statements: 2 holds"],
        ),
    ],
)
def test_one_claim_alone(tmp_path: Path, claim: str, rows: list[str], notes: list[str]) -> None:
    """What it says, all of its parts, why it is open, and its note."""
    found = text(verdict_table(decided(tmp_path, claim).lectures[0])).splitlines()
    assert found[3:] == [*rows, *notes]


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (66, "Claim Stated By hand Analysis torch fvcore Verdict"),
        (65, "Claim Stated By hand Analysis torch Verdict"),
        (58, "Claim Stated Analysis torch Verdict"),
        (45, "Claim Stated Analysis Verdict"),
    ],
)
def test_a_narrow_terminal_keeps_what_matters_most(tmp_path: Path, width: int, titles: str) -> None:
    found = text(verdict_table(decided(tmp_path).lectures[0]), width)
    assert found.splitlines()[1].split() == titles.split()


def test_no_text_is_cut() -> None:
    """Every column but that of the claims' names takes several lines."""
    row = [" ".join(f"{letter}{i}" for i in range(20)) for letter in "abcdefgh"]
    found = text(Table(COLUMNS, [["claim", *row[1:]]]), 100)
    assert set(found.split()) >= {word for cell in row[1:] for word in cell.split()}


def test_contradictions_are_side_by_side(tmp_path: Path) -> None:
    """With what a claim says or, where it has no words, what it states."""
    outcome = decided(tmp_path)
    assert (
        text(contradiction_table(outcome.contradictions, outcome.lectures))
        == f"""\
2 contradictions
Claim  Says          Verdict  Claim  Says         Verdict
{"─" * 63}
F      112, 3887, 6  differs  A      112 weights  holds
G      112, 6        holds    B      0.1K         holds rounded
"""
    )
    one = contradiction_table(outcome.contradictions[:1], [])
    assert (one.title, one.rows) == (
        "1 contradiction",
        # of claims that are not decided here their files' verdicts
        [["F", "112, 3887, 6", "", "A", "112 weights", "holds"]],
    )
    words = " ".join(f"w{i}" for i in range(20))
    narrow = text(Table(one.columns, [["F", words, words.upper(), "A", words, words]]), 60)
    assert set(narrow.split()) >= {*words.split(), *words.upper().split()}


def test_joint_explanations() -> None:
    """Figures that hang on another one behind those that they follow from."""
    work = JointFigure("L", "L-1", "work", "13.6G", ("for vgg13", "for vgg11"))
    size = JointFigure("L", "L-2", "", "48.6 MiB")
    after = JointFigure("L", "L-3", "", "19.4x")
    move = SolverMove("without {}", 3, "slip", False, ("conv3_2",))
    found = joint_table(
        [
            JointExplanation("vgg16", move, (work, size), (after,), Fraction(1, 200)),
            JointExplanation("vgg19", move, (size, after), (), Fraction(1, 300)),
        ]
    )
    assert (
        text(found, 48)
        == f"""\
What confirms each other
Figures         One explanation Luck
{"─" * 48}
L-1 work 13.6G  vgg16 without   hardly luck, 1
(also for vgg13 conv3_2         in 200
or for vgg11),
L-2 48.6 MiB;
and so L-3
19.4x
L-2 48.6 MiB,   vgg19 without   hardly luck, 1
L-3 19.4x       conv3_2         in 300
"""
    )


def test_parts_of_every_kind_have_their_label(tmp_path: Path) -> None:
    """One that nothing decides, one that was not run, one about the structure, and a value."""
    path = tmp_path / "parts.yaml"
    networks = FILE[FILE.index("networks") : FILE.index("claims")]
    path.write_text(
        f"""lecture: PARTS
{networks}claims:
  A:
    parts:
      taste: {{undecidable: needs training}}
      run: {{experiment: {{run: gain, op: relu}}, stated: "1.71"}}
      window: {{every: {{network: small, op: conv2d, is: {{kernel: 3}}}}}}
      wide: {{every: {{network: small, op: conv2d, is: {{kernel: 5}}}}}}
      value: {{of: {{network: small, quantity: params}}, stated: 112}}
""",
        encoding="utf-8",
    )
    table = verdict_table(decide(str(path)).lectures[0])
    assert table.rows == [
        ["A", "5 statements", "", "", "", "", "2 holds, 1 differs, 1 undecidable, 1 not run"],
        ["  taste", "", "", "", "", "", "undecidable"],
        ["  run", "1.71", "gain: op relu", "", "", "", "not run"],
        ["  window", "every conv2d of small: kernel 3", "", "1 of 1", "", "", "holds"],
        ["  wide", "every conv2d of small: kernel 5", "", "0 of 1", "", "", "differs"],
        ["  value", "112", "", "112", "", "", "holds"],
    ]
    assert table.notes == [
        ("A", "taste: needs training"),
        ("A", "run: needs torch, fvcore"),
        ("A", "wide: conv kernel is not 5"),
        ("PARTS", "1 claim, 5 statements: 2 holds, 1 differs, 1 undecidable, 1 not run"),
    ]


def test_what_is_published_has_a_column_where_anything_is(tmp_path: Path) -> None:
    (tmp_path / "papers.yaml").write_text(
        "lecture: P\nclaims:\n"
        "  A: {published: {value: He, source: a paper}, stated: Xavier}\n"
        "  B: {undecidable: taste}\n"
    )
    (papers,) = decide(str(tmp_path / "papers.yaml")).lectures
    assert (
        text(verdict_table(papers))
        == """\
P
Claim  Stated  By hand  Analysis  torch  fvcore  Published     Verdict
──────────────────────────────────────────────────────────────────────────
A      Xavier                                    He (a paper)  differs
B                                                              undecidable
A published is He (a paper)
P 2 claims, 2 statements: 1 differs, 1 undecidable
"""
    )


def test_supporting_checks_are_not_stated(tmp_path: Path) -> None:
    """AlexNet has 5 convolutions and 3 linear layers."""
    (tmp_path / "also.yaml").write_text(
        "lecture: S\nclaims:\n"
        "  A:\n"
        "    of: {network: alexnet, op: conv2d, quantity: layers}\n"
        "    stated: 5\n"
        "    also:\n"
        "      right: {of: {network: alexnet, op: linear, quantity: layers}, stated: 3}\n"
        "      wrong: {of: {network: alexnet, op: linear, quantity: layers}, stated: 4}\n"
        "  B: {undecidable: taste}\n"
    )
    (lecture,) = decide(str(tmp_path / "also.yaml")).lectures
    assert (
        text(verdict_table(lecture))
        == """\
S
Claim         Stated  By hand  Analysis  torch  fvcore  Verdict
───────────────────────────────────────────────────────────────────
A             5                       5                 holds
  also wrong                          3                 (differs)
B                                                       undecidable
S 2 claims, 2 statements: 1 holds, 1 undecidable
S 2 checks beside: 1 holds, 1 differs
"""
    )
    everything = text(verdict_table(lecture, full=True))
    assert "  also right                          3                 (holds)" in everything
