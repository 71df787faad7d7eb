"""A difference as tables and data: what stands in them, and that they agree."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

import archprof
from archprof.commands.diff.difference import difference
from archprof.commands.diff.difference_data import difference_data
from archprof.commands.diff.difference_tables import (
    changes_table,
    difference_lines,
    difference_tables,
)
from archprof.commands.diff.fail_conditions import OF_STEP, QUANTITIES
from archprof.commands.diff.review import Compared, Review, pair
from archprof.commands.diff.totals_text import nothing
from archprof.problem import Mark, Problem
from archprof.show.table import render
from tests.commands.diff.networks import CONV, LAST, WIDER, net


def reviewed(old: str, new: str) -> Review:
    return pair(archprof.load(old).analyze(), archprof.load(new).analyze(), (old, new))


def lines(review: Review, full: bool = False, width: int = 100) -> list[str]:
    return [
        "".join(part for part, _ in line).rstrip() for line in difference_lines(review, full, width)
    ]


def test_totals_of_both_sides() -> None:
    text = lines(reviewed("resnet18", "resnet34"))
    assert text[0] == "resnet18 -> resnet34 · input 3x224x224 · batch 1 · float32"
    assert text[3].split() == ["params", "11.7", "M", "21.8", "M", "+10.1", "M", "+86.5%"]
    assert "parameter depths [2, 2, 2, 2] -> [3, 4, 6, 3]" in text


def test_rows_of_a_table_sum_to_its_total() -> None:
    """As figures, which a CSV writes; the terminal rounds them."""
    for old, new in (
        ("resnet18", "resnet34"),
        ("googlenet", "googlenet_bn"),
        ("resnet50", "convnext_tiny"),
    ):
        review = reviewed(old, new)
        *body, last = changes_table(review).rows
        for column in (4, 5, 6):
            assert sum(row[column].value for row in body) == last[column].value  # type: ignore[attr-defined]


def test_data_has_every_total_and_every_change() -> None:
    review = reviewed("googlenet", "googlenet_bn")
    data = json.loads(json.dumps(difference_data(review)))
    (one,) = data["networks"]
    found = review.networks[0].found
    assert found
    assert set(one["totals"]) == {*QUANTITIES, *OF_STEP}
    assert len(one["changes"]) == len(found.changes)
    assert one["same_layers"] + sum(c["new"] is not None for c in one["changes"]) == len(
        found.new.layers
    )
    for name in ("params", "macs", "flops", "weights", "outputs", "saved", "training", "peak"):
        sides = one["totals"][name]
        assert (
            sum(c["change"][name] for c in one["changes"])
            + (one["input_peak_bytes"] if name == "peak" else 0)
            == sides["new"] - sides["old"]
        )


def test_nothing_is_said_in_one_line() -> None:
    assert nothing(Review("a", "b", ())) == "From a to b: no network touched"
    assert lines(reviewed("alexnet", "alexnet")) == [
        "alexnet and alexnet are the same: 23 layers, and no number differs"
    ]
    assert nothing(reviewed("resnet18", "resnet34")) == ""
    one = net(CONV)
    same = [Compared(f"n{i}", one, one, difference(one, one)) for i in range(2)]
    assert nothing(Review("a", "b", tuple(same))) == (
        "From a to b: 2 networks with the same numbers: n0, n1"
    )
    assert nothing(Review("a", "b", (same[0], Compared("n1", one, None)))) == ""


# --- whole tables ---

ACT = "act: {op: relu}"
FAULT = (Problem(Mark("net.yaml", 1, 1), "shape", "a fault"),)


def small() -> Review:
    """A wider convolution and a larger pool, a sigmoid gone and a tanh new."""
    old = net(CONV, ACT, "pool: {op: max_pool2d, kernel: 2}", "gone: {op: sigmoid}", LAST)
    new = net(WIDER, ACT, "pool: {op: max_pool2d, kernel: 4}", LAST, "soft: {op: tanh}")
    return pair(old, new, ("old", "new"))


def test_a_whole_difference() -> None:
    """The numbers of `small`, before and after:

    params 9*4*8 + 8*2, 9*4*9 + 9*2; MACs 288*64 + 16*16, 324*64 + 18*4
    FLOPs twice these, relu 512 and 576, pool 128*3 and 36*15, sigmoid 128*4, tanh 8*5
    outputs 2*512 + 2*128 + 32, 2*576 + 36 + 2*8 elements of 4 bytes
    peak: weights, input and twice what the relu makes: 1216 + 1024 + 2*2048, 1368 + 1024 + 2*2304
    saved 1024 + 2048 + 128*8 + 128*4, 1024 + 2304 + 36*8 + 36*4 + 8*4; training 2 weights more
    moved 768 + 288, 2*512, 512 + 128, 2*128, 160 + 16; 832 + 324, 2*576, 576 + 36, 44 + 18, 2*8
    """
    assert lines(small()) == [
        "net · old -> new · input 4x8x8 · batch 1 · float32",
        "            Before     After   Change       %",
        "─" * 45,
        "params         304       342      +38  +12.5%",
        "buffers          0         0        -       -",
        "MACs        18.7 K    20.8 K  +2.12 K  +11.3%",
        "FLOPs       38.8 K    42.8 K  +3.99 K  +10.3%",
        "depth            2         2        -       -",
        "field            4         6       +2  +50.0%",
        "weights   1.19 KiB  1.34 KiB   +152 B  +12.5%",
        "outputs   5.12 KiB  4.70 KiB   -432 B   -8.2%",
        "peak      6.19 KiB  6.84 KiB   +664 B  +10.5%",
        "saved     4.50 KiB  3.70 KiB   -816 B  -17.7%",
        "training  6.88 KiB  6.38 KiB   -512 B   -7.3%",
        "moved     12.3 KiB  11.7 KiB   -616 B   -4.9%",
        "layers 2 changed, 1 added, 1 removed, 2 affected, 0 as they were",
        "",
        "net: what became of its layers",
        "Change    Layer  What                  Params     MACs    Peak   Field       Place",
        "─" * 82,
        "changed   conv   out 8 -> 9               +36  +2.30 K  +400 B       -  net.yaml:4",
        "changed   pool   kernel 2 -> 4              -        -       -  4 -> 6  net.yaml:6",
        "added     soft   tanh                       -        -       -       6  net.yaml:8",
        "removed   gone   sigmoid                    -        -       -       4  net.yaml:7",
        "affected  act    input 8x8x8 -> 9x8x8       -        -  +256 B       -  net.yaml:5",
        "affected  last   input 8x4x4 -> 9x2x2      +2     -184    +8 B  4 -> 6  net.yaml:7",
        "─" * 82,
        "Total                                     +38  +2.12 K  +664 B  4 -> 6",
    ]
    totals, layers = difference_tables(small())
    assert (totals.quiet, totals.totals) == ({1, 4}, 0)  # buffers and depth
    assert (layers.quiet, layers.totals) == ({4, 5}, 1)  # what is affected


def test_a_csv_has_every_digit() -> None:
    assert render(changes_table(small()), "csv") == dedent("""\
        Network,Change,Layer,What,Params,MACs,Peak (bytes),Field,Place
        net,changed,conv,out 8 -> 9,36,2304,400,,net.yaml:4
        net,changed,pool,kernel 2 -> 4,0,0,0,4 -> 6,net.yaml:6
        net,added,soft,tanh,0,0,0,6,net.yaml:8
        net,removed,gone,sigmoid,0,0,0,4,net.yaml:7
        net,affected,act,input 8x8x8 -> 9x8x8,0,0,256,,net.yaml:5
        net,affected,last,input 8x4x4 -> 9x2x2,2,-184,8,4 -> 6,net.yaml:7
        net,Total,,,38,2120,664,4 -> 6,
    """)


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (76, "Change Layer What Params MACs Peak Field Place"),
        (66, "Change Layer What Params MACs Peak Field"),
        (52, "Change Layer What Params MACs Field"),
        (48, "Change Layer What Params MACs"),
        (38, "Change Layer What Params"),
        (30, "Change Layer Params"),
    ],
)
def test_a_narrow_terminal_keeps_what_matters_most(width: int, titles: str) -> None:
    head = lines(small(), width=width)
    place = head.index("net: what became of its layers")
    assert head[place + 1].split() == titles.split()
    assert ("%" in " ".join(head[:place])) == (width > 38)
    assert max(map(len, head)) <= max(width, 34)  # numbers are never cut


def several() -> Review:
    """A network of each state; `broken` is one that was fine, and one that was not."""
    old, new = net(CONV, LAST), net(WIDER, LAST)
    a, b, c = ("a.yaml",), ("b.yaml",), ("c.yaml",)
    return Review(
        "main",
        "work",
        (
            Compared("wider", old, new, difference(old, new), (*a, *b)),
            Compared("same", old, old, difference(old, old), b),
            Compared("new", None, old, None, a),
            Compared("gone", old, None, None, a),
            Compared("bad", old, None, None, c, (), FAULT),
            Compared("worse", None, None, None, c, FAULT, FAULT),
            Compared("mended", None, new, None, c, FAULT),
        ),
    )


OVERVIEW = """\
From main to work: 1 network changed, 1 added, 1 removed, 2 broken, 1 mended, 1 with the same
numbers
Network               Params            MACs             Peak          Training Field Depth
───────────────────────────────────────────────────────────────────────────────────────────
wider   changed 342 (+12.5%) 21.9 K (+12.5%) 5.09 KiB (+8.5%) 5.92 KiB (+10.2%)     3     2
new     added            304          19.5 K         4.69 KiB          5.38 KiB     3     2
gone    removed          304          19.5 K         4.69 KiB          5.38 KiB     3     2
bad     broken           304          19.5 K         4.69 KiB          5.38 KiB     3     2
worse   broken             -               -                -                 -     -     -
mended  mended           342          21.9 K         5.09 KiB          5.92 KiB     3     2
through a.yaml: wider, new, gone
through b.yaml: wider, same
through c.yaml: bad, worse, mended
same    touched, and no number differs: same
"""


def test_an_overview_of_several() -> None:
    """params and MACs as in networks.py, on 8x8; peak at the last layer: the weights, 4*256, what
    the convolution makes and 4*128; training: twice the weights, 4*256 and what it makes.
    """
    found = lines(several(), width=97)
    assert found[: found.index("")] == OVERVIEW.splitlines()


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (97, "Params MACs Peak Training Field Depth"),
        (80, "Params MACs Peak Field Depth"),
        (68, "Params MACs Peak Field"),
        (62, "Params MACs Peak"),
        (60, "Params MACs"),
        (40, "Params"),
    ],
)
def test_a_narrow_overview_keeps_what_matters_most(width: int, titles: str) -> None:
    (head,) = [line for line in lines(several(), width=width) if line.startswith("Network")]
    assert head.split()[1:] == titles.split()


def test_layers_of_the_first_networks_and_how_many_more() -> None:
    old, new = net(CONV, LAST), net(WIDER, LAST)
    found = difference(old, new)
    for number, more in (
        (5, None),
        (6, "1 more network changes: --full shows their layers"),
        (7, "2 more networks change: --full shows their layers"),
    ):
        all_of_them = tuple(Compared(f"n{i}", old, new, found) for i in range(number))
        review = Review("main", "work", all_of_them)
        shown = difference_tables(review)
        assert [table.title for table in shown[1:]] == [
            f"n{i}: what became of its layers" for i in range(5)
        ]
        assert list(shown[-1].notes) == ([("more", more)] if more else [])
        assert len(difference_tables(review, full=True)) == 1 + number


def test_names_that_a_line_has_room_for() -> None:
    one = net(CONV)
    same = difference(one, one)

    def found(number: int, files: int) -> list[tuple[str, str]]:
        networks = [
            Compared(f"n{i}", one, one, same, (f"f{i}.yaml",) if i < files else ())
            for i in range(number)
        ]
        broken = Compared("bad", None, None, None, (), (), FAULT)
        return list(difference_tables(Review("main", "work", (broken, *networks)))[0].notes)

    forty = ", ".join(f"n{i}" for i in range(40))
    through = [("through", f"f{i}.yaml: n{i}") for i in range(40)]
    assert found(40, 40) == [*through, ("same", f"touched, and no number differs: {forty}")]
    assert found(42, 42) == [
        *through,
        ("through", "2 more files"),
        ("same", f"touched, and no number differs: {forty} and 2 more"),
    ]


def test_a_field_without_a_size_has_no_change() -> None:
    """A network that sees everything has nothing that a pixel could be compared with."""
    pool = "pool: {op: adaptive_avg_pool2d, size: 1}"
    both = net("conv: {op: conv2d, out: 8, kernel: 1}"), net(pool)
    for old, new, cells in ((*both, ["1", "all"]), (*reversed(both), ["all", "1"])):
        (row,) = [line for line in lines(pair(old, new, ("a", "b"))) if line.startswith("field")]
        assert row.split() == ["field", *cells, "-", "-"]
