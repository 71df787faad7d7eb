"""Graphs: what is not a layer, what is not known, what does not fit, what has no end."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.capturing.tape import ITEMSIZES
from tests.capturing.onnx.models import (
    INT64,
    analysis,
    graph_of,
    model,
    node,
    numbers,
    onnx,
    operators,
    output_of,
    read,
    refused,
    weight,
)

IMAGE = {"x": [1, 3, 8, 8]}


def test_shapes_that_are_computed_are_no_layers(tmp_path: Path) -> None:
    """What torch's older exporter writes for x.view(x.shape[0], -1) and for expand."""
    nodes = [
        node("Shape", "x", "s"),
        node("Constant", "", "zero", value=numbers("", 0)),
        node("Gather", "s zero", "n"),
        node("Unsqueeze", "n axes", "n1"),
        node("Concat", "n1 rest", "size", axis=0),
        node("Reshape", "x size", "flat"),
        node("ConstantOfShape", "one", "ones", value=numbers("", [1])),
        node("Mul", "ones rest", "open"),
        node("Equal", "size open", "e"),
        node("Where", "e ones size", "w"),
        node("Expand", "flat w", "y"),
    ]
    constants = [numbers("axes", [0]), numbers("rest", [-1]), numbers("one", [2])]
    tape = read(tmp_path, model(nodes, IMAGE, weights=constants))
    assert operators(tape) == ["reshape", "expand"]
    assert output_of(tape) == (1, 192)


@pytest.mark.parametrize(
    ("op", "attributes", "expected"),
    [
        ("Shape", {"start": 1}, (3, 8, 8)),
        ("Shape", {"start": -2, "end": 3}, (8,)),
    ],
)
def test_parts_of_a_shape(
    tmp_path: Path, op: str, attributes: dict[str, int], expected: tuple[int, ...]
) -> None:
    nodes = [node(op, "x", "s", **attributes), node("Reshape", "z s", "y")]
    size = [1]
    for n in expected:
        size[0] *= n
    made = model(nodes, {"x": [1, 3, 8, 8], "z": size})
    assert output_of(read(tmp_path, made)) == expected


def test_the_number_of_elements(tmp_path: Path) -> None:
    nodes = [node("Size", "x", "n"), node("Reshape", "x n1", "y"), node("Unsqueeze", "n a", "n1")]
    nodes[1], nodes[2] = nodes[2], nodes[1]
    made = model(nodes, IMAGE, weights=[numbers("a", [0])])
    assert output_of(read(tmp_path, made)) == (192,)


def test_an_operator_of_another_domain_is_named_and_its_cost_unknown(tmp_path: Path) -> None:
    nodes = [node("Warp", "x", "z", domain="com.acme", name="warp7"), node("Relu", "z", "y")]
    made = model(nodes, IMAGE)
    made.graph.value_info.append(onnx.helper.make_tensor_value_info("z", 1, [None, 5, 4, 4]))
    tape = read(tmp_path, made)
    first, _ = graph_of(tape).nodes
    assert (first.kind, first.output) == ("com.acme.Warp", (5, 4, 4))
    assert first.facts.cost is None
    assert first.mark.file.endswith("net.onnx#warp7")
    assert analysis(tape).totals.unknown.cost == (first.path,)


def test_an_operator_whose_sizes_nobody_tells_ends_the_network(tmp_path: Path) -> None:
    nodes = [
        node("Relu", "x", "r"),
        node("Warp", "r", "z", domain="com.acme", name="warp7"),
        node("Relu", "z", "y"),
    ]
    tape = read(tmp_path, model(nodes, IMAGE))
    assert tape.stopped is not None
    assert "the node `warp7` (com.acme.Warp)" in tape.stopped.reason
    assert analysis(tape).totals.unknown.cost  # so that every sum is a lower bound


def test_sizes_that_depend_on_the_data_end_the_network(tmp_path: Path) -> None:
    nodes = [
        node("Relu", "x", "r"),
        node("NonZero", "r", "places"),
        node("Cast", "places", "y", to=1),
    ]
    tape = read(tmp_path, model(nodes, IMAGE))
    assert tape.stopped is not None
    assert "NonZero" in tape.stopped.reason
    assert output_of(tape) == (1, 3, 8, 8)


def test_an_operator_without_a_row_is_unknown(tmp_path: Path) -> None:
    tape = read(tmp_path, model([node("Hardmax", "x", "y")], IMAGE))
    (layer,) = graph_of(tape).nodes
    assert (layer.kind, layer.output) == ("onnx.Hardmax", (3, 8, 8))
    assert layer.facts.cost is None


def test_a_row_that_does_not_fit_is_unknown(tmp_path: Path) -> None:
    """Attention with the keys of earlier calls: more of them than its row counts."""
    made = model(
        [node("Attention", "q k v - p p", "y present value", q_num_heads=2, kv_num_heads=2)],
        {"q": [1, 5, 8], "k": [1, 6, 8], "v": [1, 6, 8], "p": [1, 2, 3, 4]},
        version=23,
    )
    tape = read(tmp_path, made)
    assert operators(tape) == ["Attention"]
    assert graph_of(tape).nodes[-1].facts.cost is None


def test_inputs_that_do_not_fit(tmp_path: Path) -> None:
    made = model([node("Conv", "x w", "y", name="first")], IMAGE, weights=[weight("w", 4, 5, 3, 3)])
    found = str(refused(tmp_path, made))
    assert "the node `first` (Conv) does not fit what it is given, 1x3x8x8, 4x5x3x3" in found


def test_a_value_that_nothing_gives(tmp_path: Path) -> None:
    found = str(refused(tmp_path, model([node("Relu", "nothing", "y")], IMAGE)))
    assert "nothing gives `nothing`, an input of a node Relu that gives `y`" in found


@pytest.mark.parametrize(
    "made",
    [
        # which the library's C++ takes without a look, and ends the process by
        lambda: model([node("LayerNormalization", "x s", "y", axis=2**63 - 1)], IMAGE, weights=S),
        lambda: model([node("Split", "x", "a b y", num_outputs=2)], IMAGE, version=18),
        lambda: model([node("Expand", "x s", "y")], {"x": [1], "s": [10**9]}),
        lambda: model([node("Relu", "", "y")], IMAGE),
        lambda: model([node("Gemm", "x", "y")], IMAGE),
        lambda: model([node("Conv", "x w", "y")], IMAGE, weights=[weight("w", -1, 3, 3, 3)]),
        lambda: model([node("Conv", "x w", "y", strides=[0, 0])], IMAGE, weights=W),
        lambda: model([node("Conv", "x w", "y", strides=[2**62] * 9)], IMAGE, weights=W),
        lambda: model([node("Concat", "x x", "y", axis=-(2**63))], IMAGE),
        lambda: model([node("Transpose", "x", "y", perm=[9, 9, 9, 9])], IMAGE),
        lambda: model([node("Reshape", "x s", "y")], IMAGE, weights=[numbers("s", [-1, -1])]),
    ],
)
def test_hostile_nodes_are_refused(tmp_path: Path, made: object) -> None:
    refused(tmp_path, made())  # type: ignore[operator]


S = [onnx.TensorProto(name="s", dims=[8], data_type=1)]
W = [onnx.TensorProto(name="w", dims=[4, 3, 3, 3], data_type=1)]


@pytest.mark.parametrize("field", ["name", "op_type", "output", "key"])
def test_names_that_are_no_text(tmp_path: Path, field: str) -> None:
    made = model([node("Relu", "x", "hostile", name="hostile")], IMAGE, "y")
    if field == "op_type":
        made.graph.node[0].op_type = "hostile"
    if field == "key":
        made.graph.node[0].metadata_props.add(key="hostile", value="")
    data = made.SerializeToString().replace(b"hostile", b"\xff\xffstile")
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    from archprof.capturing.onnx.file import read_onnx
    from archprof.problem import ProblemError

    with pytest.raises(ProblemError, match="not in UTF-8"):
        read_onnx(path)


def test_more_layers_than_a_network_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHPROF_LIMITS", "layers=10")
    nodes = [node("Relu", f"a{i}", f"a{i + 1}") for i in range(11)]
    found = str(refused(tmp_path, model(nodes, {"a0": [1, 4]}, "a11")))
    assert "more than 10 layers" in found
    assert "ARCHPROF_LIMITS=layers=100" in found


def test_more_nodes_than_a_network_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are not layers count too."""
    monkeypatch.setenv("ARCHPROF_LIMITS", "layers=10")
    nodes = [node("Identity", f"a{i}", f"a{i + 1}") for i in range(41)]
    found = str(refused(tmp_path, model(nodes, {"a0": [1, 4]}, "a41")))
    assert "more than 40 nodes" in found


def test_every_dtype_has_a_size(tmp_path: Path) -> None:
    for dtype in range(1, 24):
        made = model([node("Cast", "x", "y", to=dtype)], IMAGE, version=21)
        made.graph.node[0].domain = ""
        if dtype in (8, 14, 15, 23):  # texts and complex numbers are not dtypes of a cast here
            continue
        tape = read(tmp_path, made)
        assert tape.tensors[tape.outputs[0]].dtype in ITEMSIZES, dtype
    assert INT64 == 7


def test_constants_without_an_end_are_not_worked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A range of 2^40 numbers, a tensor of 2^60: their sizes are known, and nothing is made."""
    monkeypatch.setenv("ARCHPROF_LIMITS", "megabytes=200,seconds=5")
    ends = [numbers("zero", 0), numbers("far", 2**40), numbers("one", 1)]
    nodes = [node("Range", "zero far one", "r"), node("Reshape", "x r", "y")]
    assert "1099511627776" in str(refused(tmp_path, model(nodes, IMAGE, weights=ends)))
    nodes = [node("ConstantOfShape", "s", "c"), node("Add", "x c", "y")]
    made = model(nodes, {"x": [1]}, weights=[numbers("s", [2**20] * 3)])
    assert output_of(read(tmp_path, made)) == (2**20,) * 3


def test_layers_alike_take_as_long_as_others(tmp_path: Path) -> None:
    """Each has its number; nobody counts up to it again."""
    nodes = [node("Relu", f"a{i}", f"a{i + 1}") for i in range(3_000)]
    layers = graph_of(read(tmp_path, model(nodes, {"a0": [1, 4]}, "a3000"))).nodes
    assert [layers[0].path, layers[1].path, layers[-1].path] == ["relu", "relu_1", "relu_2999"]
