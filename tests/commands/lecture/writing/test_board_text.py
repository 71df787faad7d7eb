"""A claim's calculation on the board, whole: (11*11*3 + 1)*96 = 364*96 = 34,944."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from archprof.commands.lecture.deciding.deciding import decide
from archprof.commands.lecture.deciding.decision import JudgedClaim
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.writing.board_latex import latex_text
from archprof.commands.lecture.writing.board_text import MAX_LABEL, markdown_text, text_lines


@cache
def judged() -> list[tuple[Subjects, JudgedClaim]]:
    return decide("L8-07").judged


def test_plain_text() -> None:
    """Labels as wide as the longest and two blanks; the verdict in bold."""
    label = "params of alexnet conv1"
    assert list(text_lines(judged(), 80)) == [
        [("", "cyan"), ("L8-07 · Case Study: AlexNet", "bold")],
        [("", "cyan"), ("“Parameters: (11*11*3 + 1)*96 = 35K”", "")],
        [],
        [("stated".ljust(len(label) + 2), "cyan"), ("35K", "")],
        [("by hand".ljust(len(label) + 2), "cyan"), ("(11·11·3 + 1)·96 = 34,944", "")],
        [(f"{label}  ", "cyan"), ("(K·K·C + 1)·N = (11·11·3 + 1)·96 = 34,944", "")],
        [("verdict".ljust(len(label) + 2), "cyan"), ("holds rounded", "bold")],
    ]


def test_a_long_label_has_a_line_of_its_own() -> None:
    found = list(text_lines(decide("L8-33").judged, 200))
    long = [line for line in found if line and line[-1][1] == "cyan"]
    label = "elements of vgg16 conv2d+max_pool2d+linear"
    assert {line[-1][0] for line in long} == {"elements of vgg16", label}
    assert len(label) > MAX_LABEL
    below = found[found.index([("", "cyan"), (label, "cyan")]) + 1]
    # as wide as the bare labels of its layers leave room for
    assert below == [
        ("conv1_1, conv1_2".ljust(MAX_LABEL + 2), "cyan"),
        ("64·224·224 = 3,211,264 (2 times)", ""),
    ]


def test_labels_of_34_and_of_35_letters(tmp_path: Path) -> None:
    """The longest that has its text beside it, and one that has it on the next line."""
    path, conv = tmp_path / "labels.yaml", "{op: conv2d, out: 4, kernel: 1}"
    path.write_text(
        f"""lecture: L
networks:
  net: {{spec: {{input: 3x8x8, layers: {{{"a" * 20}: {conv}, {"b" * 21}: {conv}}}}}}}
claims:
  A: {{of: {{network: net, layers: {"a" * 20}, quantity: params}}, stated: 16}}
  B: {{of: {{network: net, layers: {"b" * 21}, quantity: params}}, stated: 20}}
""",
        encoding="utf-8",
    )
    found = list(text_lines(decide(str(path)).judged, 80))
    assert found[3] == [
        (f"params of net {'a' * 20}  ", "cyan"),
        ("(K·K·C + 1)·N = (1·1·3 + 1)·4 = 16", ""),
    ]
    assert found[9:11] == [
        [("", "cyan"), (f"params of net {'b' * 21}", "cyan")],
        [(" " * 36, "cyan"), ("= (K·K·C + 1)·N = (1·1·4 + 1)·4 = 20", "")],
    ]


def test_markdown() -> None:
    assert (
        markdown_text(judged())
        == r"""### L8-07 · Case Study: AlexNet

> Parameters: (11\*11\*3 + 1)\*96 = 35K

stated: 35K

- by hand: `(11·11·3 + 1)·96 = 34,944`
- params of alexnet conv1: `(K·K·C + 1)·N = (11·11·3 + 1)·96 = 34,944`
- **holds rounded**
"""
    )


def test_latex() -> None:
    text = latex_text(judged())
    worked = r"\left(11 \cdot 11 \cdot 3 + 1\right) \cdot 96"
    formula = r"\left(K \cdot K \cdot C + 1\right) \cdot N"
    assert text[text.index(r"\subsection") :].splitlines() == [
        r"\subsection*{L8-07 --- Case Study: AlexNet}",
        r"\begin{quote}Parameters: (11{*}11{*}3 + 1){*}96 = 35K\end{quote}",
        r"stated: 35K\par",
        rf"\begin{{align*}}\text{{by hand}}\quad & {worked} = 34\,944\\",
        rf"\text{{params of alexnet conv1}}\quad & {formula} = {worked} = 34\,944\end{{align*}}",
        r"\textbf{holds rounded}\par\medskip",
        r"\end{document}",
    ]
