"""The board of a small file, whole: as text and as Markdown, and its LaTeX piece by piece."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.lecture.deciding.deciding import decide
from archprof.commands.lecture.writing.board import Judged
from archprof.commands.lecture.writing.board_latex import _lines, _math, latex_text
from archprof.commands.lecture.writing.board_text import markdown_text, text_lines
from tests.tex import compile_document

# 3x8x8, 4x6x6 twice, 2x4x4: parameters (27 + 1)*4 and (36 + 1)*2
FILE = """lecture: MINE
networks:
  small:
    spec:
      input: 3x8x8
      layers:
        conv: {op: conv2d, out: 4, kernel: 3}
        act: {op: relu}
        last: {op: conv2d, out: 2, kernel: 3}
claims:
  A: {slide: s. 1, says: "112 weights", of: {network: small, layers: conv, quantity: params},
      stated: 112, formula: (F*F*C + 1)*N, with: {F: 3, C: 3, N: 4}}
  B: {of: {network: small, quantity: params}, stated: 0.2K, note: a note}
  C: {of: {network: small, layers: conv, quantity: flops}, stated: 3888}
  D: {says: better, undecidable: needs training}
  E: {of: {ratio: [{network: small, layers: conv, quantity: macs},
                   {network: small, layers: last, quantity: macs}]}, stated: 3x}
  F:
    parts:
      p: {of: {network: small, layers: last, quantity: height}, stated: 5}
      q: {of: {network: small, quantity: depth}, stated: 2}
      r: {of: {network: small, layers: [conv, act], quantity: elements}, stated: 288}
      s: {of: {difference: [{network: small, layers: conv, quantity: params}, 12]}, stated: 100}
"""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    path = tmp_path_factory.mktemp("board") / "claims.yaml"
    path.write_text(FILE, encoding="utf-8")
    return decide(str(path)).judged


TEXT = """\
A · s. 1
“112 weights”

stated                112
by hand               (F·F·C + 1)·N = (3·3·3 + 1)·4 = 112
params of small conv  (K·K·C + 1)·N = (3·3·3 + 1)·4 = 112
verdict               holds

B

stated           0.2K
params of small  (K·K·C + 1)·N
conv             (3·3·3 + 1)·4 = 112
last             (3·3·4 + 1)·2 = 74
sum              186
verdict          holds rounded

note      a note

C

stated               3888
flops of small conv  7,920
as MACs              K·K·C·N·H·W = 3·3·3·4·6·6 = 3,888
verdict              holds as MACs

D
“better”

verdict  undecidable
why      needs training

E

stated              3x
macs of small conv  K·K·C·N·H·W = 3·3·3·4·6·6 = 3,888
macs of small last  K·K·C·N·H·W = 3·3·4·2·4·4 = 1,152
ratio               3888 / 1152 = 3.375
verdict             holds rounded

F

p
stated                5
height of small last  floor((H + 2·P - K)/S) + 1 = floor((6 + 2·0 - 3)/1) + 1 = 4
verdict               differs
why                   it is 4

q
stated          2
depth of small  2
verdict         holds

r
stated                       288
elements of small conv, act
conv, act                    4·6·6 = 144 (2 times)
sum                          288
verdict                      holds

s
stated                100
params of small conv  (K·K·C + 1)·N = (3·3·3 + 1)·4 = 112
difference            112 - 12 = 100
verdict               holds
"""


def test_text(judged: Judged) -> None:
    found = ["".join(part for part, _ in line).rstrip() for line in text_lines(judged, 100)]
    assert found == TEXT.splitlines()


MARKDOWN = """\
### A · s. 1

> 112 weights

stated: 112

- by hand: `(F·F·C + 1)·N = (3·3·3 + 1)·4 = 112`
- params of small conv: `(K·K·C + 1)·N = (3·3·3 + 1)·4 = 112`
- **holds**

### B

stated: 0.2K

- params of small: `(K·K·C + 1)·N`
- conv: `(3·3·3 + 1)·4 = 112`
- last: `(3·3·4 + 1)·2 = 74`
- sum: `186`
- **holds rounded**

a note

### C

stated: 3888

- flops of small conv: `7,920`
- as MACs: `K·K·C·N·H·W = 3·3·3·4·6·6 = 3,888`
- **holds as MACs**

### D

> better

stated:

- **undecidable**: needs training

### E

stated: 3x

- macs of small conv: `K·K·C·N·H·W = 3·3·3·4·6·6 = 3,888`
- macs of small last: `K·K·C·N·H·W = 3·3·4·2·4·4 = 1,152`
- ratio: `3888 / 1152 = 3.375`
- **holds rounded**

### F

**p** stated: 5

- height of small last: `floor((H + 2·P - K)/S) + 1 = floor((6 + 2·0 - 3)/1) + 1 = 4`
- **differs**: it is 4

**q** stated: 2

- depth of small: `2`
- **holds**

**r** stated: 288

- elements of small conv, act:
- conv, act: `4·6·6 = 144 (2 times)`
- sum: `288`
- **holds**

**s** stated: 100

- params of small conv: `(K·K·C + 1)·N = (3·3·3 + 1)·4 = 112`
- difference: `112 - 12 = 100`
- **holds**
"""


def test_markdown(judged: Judged) -> None:
    assert (
        "\n".join(line.rstrip() for line in markdown_text(judged).splitlines()) == MARKDOWN.rstrip()
    )


def test_latex(judged: Judged, tmp_path: Path) -> None:
    """The document is that of board.tex, and compiles."""
    text = latex_text(judged)
    assert text == (Path(__file__).parent / "board.tex").read_text(encoding="utf-8")
    compile_document(text, tmp_path)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("a - b - c", "a - b - c"),
        ("a + (b + c)", "a + b + c"),
        ("(a + b)*c", r"\left(a + b\right) \cdot c"),
        ("c*(a - b)", r"c \cdot \left(a - b\right)"),
        ("a*b*c", r"a \cdot b \cdot c"),
        ("(a + b)/c", r"\frac{a + b}{c}"),
        ("(a + b)//c", r"\left\lfloor \frac{a + b}{c} \right\rfloor"),
        ("floor(a/b) + 1", r"\left\lfloor \frac{a}{b} \right\rfloor + 1"),
        ("ceil(x)", r"\left\lceil x \right\rceil"),
        ("sqrt(K*K)", r"\sqrt{K \cdot K}"),
        ("max(a, b)", r"\mathrm{max}\left(a, b\right)"),
        ("floor(a, b)", r"\mathrm{floor}\left(a, b\right)"),
        ("-x", "-x"),
        ("-(a + b)", r"-\left(a + b\right)"),
        ("12345*2.5", r"12\,345 \cdot 2.5"),
        ("1,224,000 + 1", r"1\,224\,000 + 1"),
        ("a % b", r"a \bmod b"),
        ("a**2", r"a^{2}"),
        ("(a*b)**2", r"\left(a \cdot b\right)^{2}"),
        ("Kh*K", r"\mathit{Kh} \cdot K"),
        # what is not an expression of these is text
        ("a @ b", r"\text{a @ b}"),
        ("a b", r"\text{a b}"),
        ("f(x)(y)", r"\text{f(x)(y)}"),
        ("not a", r"\text{not a}"),
        ("", r"\text{}"),
    ],
)
def test_expressions(text: str, latex: str) -> None:
    assert _math(text) == latex


@pytest.mark.parametrize(
    ("terms", "rows"),
    [
        (4, ["1 + 2 + 3 + 4"]),
        (5, ["1 + 2 + 3 + 4", "5"]),
        (8, ["1 + 2 + 3 + 4", "5 + 6 + 7 + 8"]),
        (9, ["1 + 2 + 3 + 4", "5 + 6 + 7 + 8", "9"]),
    ],
)
def test_a_long_sum_has_four_terms_in_a_line(terms: int, rows: list[str]) -> None:
    text = " + ".join(str(i + 1) for i in range(terms))
    assert _lines(text) == r" \\ & \quad + ".join(rows)


def test_a_sum_with_brackets_is_not_broken() -> None:
    assert _lines("2*(1 + 2) + 3 + 4 + 5 + 6") == r"2 \cdot \left(1 + 2\right) + 3 + 4 + 5 + 6"
