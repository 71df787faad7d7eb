"""Expressions of the language at random, well formed and otherwise."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from archprof.language.functions import FUNCTIONS

SCOPE: dict[str, Any] = {
    "w": 8,
    "n": -3,
    "h": 0.5,
    "l": [4, 2, 7],
    "e": [],
    "s": "text",
    "t": True,
    "z": 0,
}

LEAVES = st.one_of(
    st.sampled_from([f"${name}" for name in SCOPE]),
    st.integers(0, 300).map(str),
    st.sampled_from(["0.25", "1.5", "3.0", "'text'", '"ex"', "true", "false", "null"]),
)


def _longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def two(*signs: str) -> st.SearchStrategy[str]:
        return st.builds(
            lambda a, sign, b: f"({a} {sign} {b})", inner, st.sampled_from(signs), inner
        )

    return st.one_of(
        two("+", "-", "*", "/", "//", "%", "**"),
        two("==", "!=", "<", "<=", ">", ">=", "in", "not in"),
        two("and", "or"),
        inner.map("-({})".format),
        inner.map("(not {})".format),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("({} < {} < {})".format, inner, inner, inner),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        inner.map("[[$x, {}] for x in $l if $x > 2]".format),
        inner.map("[$x for x in {} for y in $l if $y > $x]".format),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[{}:{}]".format, inner, inner, inner),
        st.builds("{}[::{}]".format, inner, inner),
        st.builds(
            lambda name, items: f"{name}({', '.join(items)})",
            st.sampled_from([*FUNCTIONS]),
            st.lists(inner, min_size=1, max_size=3),
        ),
    )


EXPRESSIONS = st.recursive(LEAVES, _longer, max_leaves=8)
"""Well formed, of any kinds: most have a value."""

_TOKENS = st.sampled_from(
    [
        *(f"${name}" for name in SCOPE),
        "$index",
        "$channels",
        "$shape",
        "$none",
        "1",
        "2.5",
        "'a'",
        "null",
        "+",
        "-",
        "/",
        "//",
        "**",
        "==",
        "<",
        "in",
        "and",
        "not",
        "if",
        "else",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "[0]",
        "[::-1]",
        ".",
        "=",
        "lambda",
        "for",
        "for x in",
        "$x",
        "x",
        "_",
        "\\",
        "\n",
        "#",
        "é",
        "９",
        "`",
        "max(",
        "len(",
    ]
)
TOKENS = st.lists(_TOKENS, min_size=1, max_size=12).map(" ".join)
"""Words of the language and others in any order: most are not an expression."""
