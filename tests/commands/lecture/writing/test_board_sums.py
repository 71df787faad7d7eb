"""A sum on the board: the formula once, layers that are alike in one line."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.lecture.writing.board_sums import MAX_TERMS, of_layers, on_a_board
from archprof.targets import graph_of, source


@pytest.mark.parametrize(
    ("formula", "numbers", "board"),
    [
        ("Kh*Kw*Cin*Cout*Hout*Wout", "3*3*64*128*56*56", "K*K*C*N*H*W"),
        ("(Kh*Kw*Cin + 1)*Cout", "(11*11*3 + 1)*96", "(K*K*C + 1)*N"),
        ("(Kh*Kw - 1)*C*Hout*Wout", "(3*3 - 1)*64*27*27", "(K*K - 1)*C*H*W"),
        ("Kh*Kw*Cin", "1*7*64", "Kh*Kw*Cin"),  # no square
        ("Kh*Kw*Cin*C", "3*3*64*2", "Kh*Kw*Cin*C"),  # C is taken
        ("floor((H + 2*P - K)/S) + 1", "floor((6 + 2*0 - 3)/1) + 1", "floor((H + 2*P - K)/S) + 1"),
        ("Kh*Kw", "", "Kh*Kw"),
    ],
)
def test_letters(formula: str, numbers: str, board: str) -> None:
    assert on_a_board(formula, numbers) == board


def test_layers_that_are_alike() -> None:
    """The first two stages of VGG-16: 3*3*3*64, 3*3*64*64, 3*3*64*128 and 3*3*128*128 weights."""
    analysis = analyze(graph_of(source("vgg16")))
    rows = analysis.layers[:14]
    found = of_layers("macs", analysis, rows, "macs", {"features.12": "conv3_2"})
    assert found[0] == ("macs", ("K*K*C*N*H*W",))
    assert [line.label for line in found[1:]] == [
        *("features.0", "features.2", "features.5", "features.7", "features.10"),
        "conv3_2",
    ]
    assert found[1].parts == ("3*3*3*64*224*224", "86,704,128")
    elements = of_layers("elements", analysis, rows, "elements", {})
    assert elements[1] == (
        "features.0, features.1, features.2, …",
        ("64*224*224", "3,211,264 (4 times)"),
    )


def test_too_many_are_not_written_out() -> None:
    analysis = analyze(graph_of(source("googlenet")))
    assert of_layers("params", analysis, analysis.layers, "params", {}) == []
    few = analysis.layers[:3]
    assert 1 < len(of_layers("params", analysis, few, "params", {})) <= MAX_TERMS
