"""Totals and rows: depth, training memory, conventions, bytes moved, sharing, auxiliary heads."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archprof.analysis.analysis import analyze
from archprof.analysis.counting import CONVENTIONS, OPTIMIZERS
from archprof.graph.graph import Graph
from archprof.ops.elements import DTYPES
from archprof.training.training_conditions import TrainingWords
from tests.small import graph_of

CONV = "op: conv2d, out: 4, kernel: 3, padding: 1"
SIZE, ELEMENTS = (4, 6, 8), 4 * 6 * 8
PARAMS, MACS = 9 * 4 * 4 + 4, 9 * 4 * ELEMENTS  # of CONV


@pytest.mark.parametrize(
    ("layers", "depth"),
    [
        ({"a": CONV, "r": "op: relu", "b": CONV}, 2),
        ({"a": CONV, "b": CONV, "x": "op: add, from: [b, a]"}, 2),
        # a projection lies beside, not behind
        ({"a": CONV, "p": CONV + ", from: input", "x": "op: add, from: [a, p]"}, 1),
        (
            {
                "a": CONV,
                "b": CONV,
                "c": CONV + ", from: a",
                "x": "op: concat, from: [b, c]",
                "f": "op: flatten",
                "l": "op: linear, out: 2",
            },
            3,
        ),
        ({"r": "op: relu", "b": "op: batch_norm2d"}, 0),  # no convolution, no linear layer
    ],
)
def test_depth_is_the_longest_path(layers: dict[str, str], depth: int) -> None:
    assert analyze(graph_of(layers, SIZE)).totals.depth == depth


@pytest.fixture
def chain() -> Graph:
    return graph_of({"a": CONV, "r": "op: relu", "n": "op: batch_norm2d"}, SIZE)


@pytest.mark.parametrize(
    ("optimizer", "ema", "copies"),
    [
        ("sgd", False, 1),
        ("momentum", False, 2),
        ("adam", False, 3),
        ("adamw", False, 3),
        ("sgd", True, 2),
        ("adamw", True, 4),
    ],
)
def test_training_memory(chain: Graph, optimizer: str, ema: bool, copies: int) -> None:
    totals = analyze(chain, batch=3, optimizer=optimizer, ema=ema).totals
    params, buffers = PARAMS + 2 * 4, 2 * 4
    weights = 4 * (params + buffers) + 8  # and an int64 counter
    # the input and the relu's output, for the convolution, for relu and for batch norm, and the
    # norm's two statistics
    saved = 3 * (ELEMENTS + ELEMENTS) * 4 + 2 * 4 * 4
    assert (totals.weight_bytes, totals.saved_bytes) == (weights, saved)
    # the gradients, the optimizer's state, the average
    assert totals.training_bytes == weights + copies * 4 * params + saved


def test_arithmetic_and_activations_scale_with_the_batch_parameters_do_not(chain: Graph) -> None:
    one, five = analyze(chain).totals, analyze(chain, batch=5).totals
    assert (five.macs, five.flops, five.sum_outputs_bytes) == (
        5 * one.macs,
        5 * one.flops,
        5 * one.sum_outputs_bytes,
    )
    assert (five.params, five.buffers, five.weight_bytes, five.depth) == (
        one.params,
        one.buffers,
        one.weight_bytes,
        one.depth,
    )


@pytest.mark.parametrize(("dtype", "itemsize"), DTYPES.items())
def test_bytes_follow_the_dtype(chain: Graph, dtype: str, itemsize: int) -> None:
    totals = analyze(chain, dtype=dtype).totals
    assert totals.weight_bytes == itemsize * (PARAMS + 8 + 8) + 8
    assert totals.sum_outputs_bytes == 3 * itemsize * ELEMENTS


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        # bias; relu; batch norm; 8 comparisons for each of 4x3x4
        ("full", 2 * MACS + ELEMENTS + ELEMENTS + 2 * ELEMENTS + 8 * 4 * 3 * 4),
        ("macs", MACS),
        ("torch", 2 * MACS),
        ("fvcore", MACS + 2 * ELEMENTS),
        ("timm", MACS + 2 * ELEMENTS),
        ("lecture", MACS + 9 * 4 * 3 * 4),
    ],
)
def test_conventions(count: str, expected: int) -> None:
    graph = graph_of(
        {
            "a": CONV,
            "r": "op: relu",
            "n": "op: batch_norm2d",
            "m": "op: max_pool2d, kernel: 3, stride: 2, padding: 1",
        },
        SIZE,
    )
    assert analyze(graph, count=count).totals.counted == expected
    assert analyze(graph, count=count, batch=7).totals.counted == 7 * expected


def test_every_convention_says_what_it_means() -> None:
    assert len({c.called for c in CONVENTIONS.values()}) == len(CONVENTIONS)
    assert all(c.unit and c.meaning for c in CONVENTIONS.values())
    assert OPTIMIZERS["sgd"] == 0


def test_bytes_moved_and_intensity(chain: Graph) -> None:
    conv, relu, _ = analyze(chain, batch=2).layers
    # read, weights once, written
    assert conv.bytes_moved == 4 * (2 * ELEMENTS + PARAMS + 2 * ELEMENTS)
    assert conv.intensity == Fraction(2 * (2 * MACS + ELEMENTS), conv.bytes_moved)
    assert relu.bytes_moved == 4 * 2 * (ELEMENTS + ELEMENTS)


def test_a_view_moves_nothing_a_copy_moves_everything() -> None:
    layers = {
        "a": CONV,
        "v": "op: flatten",
        "p": "op: permute, order: [1, 2, 0], from: a",
        "c": "op: flatten",
    }
    rows = {row.node.path: row for row in analyze(graph_of(layers, SIZE, "[v, c]")).layers}
    assert rows["v"].bytes_moved == rows["p"].bytes_moved == 0
    assert rows["v"].intensity is None
    assert rows["c"].bytes_moved == 4 * 2 * ELEMENTS  # out of order: read and written


def test_a_parameter_is_one_for_all_samples() -> None:
    parameter, total = analyze(
        graph_of({"p": "op: parameter, size: [4, 6, 8]", "x": "op: add, from: [input, p]"}, SIZE),
        batch=8,
    ).layers
    assert parameter.output_bytes == 4 * ELEMENTS
    assert total.bytes_moved == 4 * (8 * ELEMENTS + ELEMENTS + 8 * ELEMENTS)


def test_a_shared_weight_counts_once_and_works_twice() -> None:
    graph = graph_of({"a": CONV, "b": CONV + ", share: a"}, SIZE)
    first, second = analyze(graph).layers
    assert (first.params, second.params) == (PARAMS, 0)
    assert (first.weight_bytes, second.weight_bytes) == (4 * PARAMS, 0)
    assert first.macs == second.macs == MACS
    assert second.bytes_moved == first.bytes_moved  # it is read again


def test_auxiliary_heads_train_and_do_not_infer() -> None:
    layers = {"a": CONV, "head": "op: linear, out: 3, aux: true", "b": CONV}
    with_head, without = (
        analyze(graph_of(layers, SIZE)).totals,
        analyze(graph_of({k: v for k, v in layers.items() if k != "head"}, SIZE)).totals,
    )
    assert with_head.aux_params == 8 * 3 + 3
    assert with_head.params == without.params + 27
    assert with_head.macs == without.macs
    # its weights are loaded all the same
    assert with_head.peak_inference_bytes == without.peak_inference_bytes + 4 * 27
    assert with_head.saved_bytes == without.saved_bytes  # its input is kept for b anyway


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dtype": "float8"}, "unknown dtype 'float8': one of float64, float32, float16, bfloat16"),
        ({"count": "gops"}, "unknown count 'gops'"),
        ({"optimizer": "lion"}, "unknown optimizer 'lion'"),
        ({"batch": 0}, "batch 0: at least 1"),
    ],
)
def test_what_is_unknown_is_refused(
    chain: Graph, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        analyze(chain, **arguments)  # type: ignore[arg-type]


def test_a_total_alone_is_the_total() -> None:
    """Each by itself, from a fresh analysis, with sharing, an auxiliary head, a counter of 8
    bytes and a batch.
    """
    graph = graph_of(
        {
            "a": CONV,
            "n": "op: batch_norm2d",
            "b": CONV + ", share: a",
            "head": "op: linear, out: 3, aux: true",
            "c": CONV,
        },
        SIZE,
    )
    totals = analyze(graph, 3, "float16").totals
    for name in (
        "params",
        "buffers",
        "macs",
        "flops",
        "depth",
        "weight_bytes",
        "peak_inference_bytes",
        "saved_bytes",
    ):
        assert analyze(graph, 3, "float16").quantity(name) == getattr(totals, name)


def test_a_stated_shape_that_does_not_hold_hides_no_stated_total() -> None:
    from archprof.language.expand import expand
    from archprof.language.loader import load_text
    from archprof.language.network import networks

    text = "name: net\ninput: 3x8x8\nlayers: [{op: relu, shape: 1x1x1}]\nexpect: {params: 1}\n"
    assert [
        problem.rule for problem in analyze(expand(next(networks(load_text(text))))).problems()
    ] == ["shape-assertion", "expect"]


@pytest.mark.parametrize(
    ("layers", "moved"),
    [
        ({"x": "op: relu"}, [2 * ELEMENTS]),  # read once, written once
        # one tensor is read, however often it is named
        ({"x": "op: add, from: [input, input]"}, [2 * ELEMENTS]),
        ({"a": "op: relu", "x": "op: add, from: [a, input]"}, [2 * ELEMENTS, 3 * ELEMENTS]),
        ({"a": "op: relu", "x": "op: add, from: [a, a, input]"}, [2 * ELEMENTS, 3 * ELEMENTS]),
        ({"x": CONV}, [2 * ELEMENTS + PARAMS]),
        ({"x": "op: flatten"}, [0]),  # a view moves nothing
        # out of order in memory, it is copied
        ({"p": "op: permute, order: [1, 2, 0]", "x": "op: flatten"}, [0, 2 * ELEMENTS]),
    ],
)
def test_bytes_moved_are_those_read_and_written(layers: dict[str, str], moved: list[int]) -> None:
    analysis = analyze(graph_of(layers, SIZE))
    assert [row.bytes_moved for row in analysis.layers] == [4 * elements for elements in moved]
    assert analysis.totals.bytes_moved == 4 * sum(moved)


def test_bytes_moved_read_the_weights_once_per_batch() -> None:
    (row,) = analyze(graph_of({"x": CONV}, SIZE), batch=5, dtype="float16").layers
    assert row.bytes_moved == 2 * (5 * 2 * ELEMENTS + PARAMS)


LINEAR = {"fc": "op: linear, out: 2"}  # of 4 features: 4*2 weights, 2 biases


def test_the_step_of_a_linear_layer_by_hand() -> None:
    """Three samples: 3*4*2 = 24 MACs and 6 biases forward; the weights' gradients are 24 MACs, the
    biases' 6 additions, those of the scores 4 for each of 6; each of 10 parameters is multiplied
    and added. At the peak: input 48 and targets 24, weights 40; scores' logarithms 24 kept, the
    loss and its count 8, the gradients of both losses 24 and 24.
    """
    found = analyze(graph_of(LINEAR, (4,)), 3)
    assert found.step_flops == (2 * 24 + 6) + (2 * 24 + 6 + 4 * 6) + 2 * 10
    assert found.training_peak_bytes == 48 + 24 + 40 + 24 + 8 + 24 + 24


def test_a_step_is_run_as_it_is_said() -> None:
    """Four passes: three more forward and backward; the gradients stay alive, 40 bytes."""
    one = analyze(graph_of(LINEAR, (4,)), 3)
    four = analyze(one.graph, 3, step=TrainingWords(accumulate=4))
    assert four.step_flops == one.step_flops + 3 * 132
    assert four.training_peak_bytes == one.training_peak_bytes + 40


def test_a_step_takes_optimizer_average_dtype_and_what_is_frozen_of_the_analysis() -> None:
    words = analyze(
        graph_of(LINEAR, (4,)), 3, "float16", optimizer="adam", ema=True
    ).asked_step.words
    assert (words.optimizer, words.itemsize, words.device) == ("adam,ema", 2, "cuda")
    frozen = analyze(graph_of(LINEAR, (4,)), 3, freeze=["fc"])
    assert frozen.training_step.backward.macs == 0


@pytest.mark.usefixtures("opaque")
def test_what_a_step_lacks_is_named() -> None:
    found = analyze(graph_of({"own": "op: opaque", **LINEAR}, (4,)))
    assert found.lacking("training_peak_bytes") == found.lacking("step_flops") == ("own",)
    assert analyze(graph_of(LINEAR, (4,))).lacking("step_flops") == ()
