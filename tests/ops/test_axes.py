"""The words and letters of the axes behind the channels, as messages and formulas have them."""

from __future__ import annotations

from archprof.ops import axes


def test_names_are_torchs() -> None:
    assert [axes.names(rank) for rank in axes.RANKS] == [
        ("length",),
        ("height", "width"),
        ("depth", "height", "width"),
    ]


def test_words_for_messages() -> None:
    assert [axes.in_words(rank) for rank in axes.RANKS] == [
        "length",
        "height and width",
        "depth, height and width",
    ]
    assert [axes.shape_in_words(rank) for rank in axes.RANKS] == [
        "channels x length",
        "channels x height x width",
        "channels x depth x height x width",
    ]
    assert [axes.ends(rank) for rank in axes.RANKS] == [
        "[[left, right]]",
        "[[top, bottom], [left, right]]",
        "[[front, back], [top, bottom], [left, right]]",
    ]


def test_letters_of_formulas() -> None:
    assert [axes.kernels(rank) for rank in axes.RANKS] == ["K", "Kh*Kw", "Kd*Kh*Kw"]
    assert [axes.outputs(rank) for rank in axes.RANKS] == ["Lout", "Hout*Wout", "Dout*Hout*Wout"]
    assert [axes.arriving(rank) for rank in axes.RANKS] == ["Lin", "Hin*Win", "Din*Hin*Win"]


def test_sizes_by_their_letters() -> None:
    assert axes.kernel_values((3, 5, 7)) == {"Kd": 3, "Kh": 5, "Kw": 7}
    assert axes.output_values((3, 5, 7)) == {"Dout": 3, "Hout": 5, "Wout": 7}
    assert axes.input_values((3, 5, 7)) == {"Din": 3, "Hin": 5, "Win": 7}
