"""Text for LaTeX: it reads the same, and commands nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.show.latex import latex
from archprof.show.latex_table import document
from archprof.units import printable
from tests.tex import compile_document


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("a_b & 50% #1 $x$ ~^", r"a\_b \& 50\% \#1 \$x\$ $\sim$\textasciicircum{}"),
        ("--blank", "-{}-blank"),  # no dash
        ("''x'' ``y``", "'{}'x'{}' `{}`y`{}`"),
        ("what?`", "what?{}`"),  # no ¿
        ("“a” — ‘b’ 1–2", "``a'' --- `b' 1--2"),
        ("≈ α² − 1 ≥ Σ", r"$\approx$ $\alpha$$^2$ $-$ 1 $\geq$ $\Sigma$"),
        ("é ü ç ő Ł", r"\'{e} \"{u} \c{c} \H{o} \L{}"),
        ("ﬁ １", "fi 1"),
        ("9% ██▍", r"9\% "),
        ("日 \U0001f600", "? ?"),  # no font of TeX's own has them
        ("ę", "e"),  # an accent that these fonts lack
    ],
)
def test_a_text_is_printed_as_it_stands(text: str, written: str) -> None:
    assert latex(text) == written


ALPHABET = st.one_of(st.characters(max_codepoint=0x24F), st.sampled_from("≈αΩ‖→日“”–√²⌈"))


@settings(max_examples=200)
@given(st.text(ALPHABET))
def test_no_command_but_its_own(text: str) -> None:
    """Whatever is written is ASCII, and every brace is closed."""
    written = latex(printable(text))
    assert written.isascii()
    bare = written.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")


def test_every_letter_compiles(tmp_path: Path) -> None:
    """Latin, Greek, arrows, signs: each is a letter of TeX's own fonts, or a question mark."""
    letters = [chr(i) for r in ((32, 0x250), (0x370, 0x400), (0x2000, 0x2400)) for i in range(*r)]
    lines = [latex(printable(" ".join(letters[i : i + 12]))) for i in range(0, len(letters), 12)]
    compile_document(document("\n".join(f"{line}\\par" for line in lines).splitlines()), tmp_path)
