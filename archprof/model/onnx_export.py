"""A module as an ONNX file, by torch's exporter and onnx_ir, which comes with it."""

from __future__ import annotations

import copy
import logging
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from archprof.capturing.origin import CapturedNetwork
from archprof.graph.graph import Graph
from archprof.model.captured_module import module_of, of_one_input
from archprof.model.compile import build
from archprof.model.deformable import DeformConv2d
from archprof.model.inputs import zeros

LARGEST = 2**31 - 1
"""Bytes of the largest file: protobuf's own limit."""

_KEPT = ("pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy")
"""What a node says of where it comes from. The exporter's own also has paths of this machine."""


def program(
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    path: Path | None = None,
    optimize: bool = True,
) -> Any:
    """Return the torch.onnx.ONNXProgram of a module for inputs of these shapes, and write it.

    What fails is of the exporter's own classes.
    """
    # how a fused kernel lays out its output is not how the operators do that ONNX has
    with _quiet(), sdpa_kernel(SDPBackend.MATH):
        return torch.onnx.export(
            module,
            inputs,
            path,
            dynamo=True,
            verbose=False,
            optimize=optimize,
            **_deforming(module),
        )


def _deforming(module: nn.Module) -> dict[str, Any]:
    """Return how the exporter takes a deformable convolution, which ONNX has since version 19;
    nothing for a module without one.
    """
    if not any(isinstance(part, DeformConv2d) for part in module.modules()):
        return {}
    op = import_module("onnxscript").opset19

    def translated(x: Any, weight: Any, offset: Any, mask: Any, bias: Any, *window: int) -> Any:
        *sides, groups, parts, use_mask = window
        strides, pads, dilations = sides[:2], sides[2:4], sides[4:]
        return op.DeformConv(
            *(x, weight, offset, bias, *([mask] if use_mask else [])),
            strides=strides,
            pads=[*pads, *pads],
            dilations=dilations,
            group=groups,
            offset_group=parts,
        )

    table = {torch.ops.archprof.deform_conv2d.default: translated}
    return {"opset_version": 19, "custom_translation_table": table}


class Exported(NamedTuple):
    """A module in evaluation, and inputs for it: both on the meta device where it has no
    weights.
    """

    module: nn.Module
    inputs: tuple[Tensor, ...]

    @property
    def nbytes(self) -> int:
        """The bytes of its state dict."""
        return sum(tensor.nbytes for tensor in self.module.state_dict().values())


def of_graph(graph: Graph, weights: bool) -> Exported:
    """Return a network's module: archprof's own of a spec, a captured one's own.

    Raises ProblemError for a tape, which has none.
    """
    if isinstance(graph.network, CapturedNetwork):
        network = of_one_input(graph)
        module = module_of(network) if weights else on_meta(network.module)
    elif weights:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            module = build(graph)
    else:
        module = build(graph, device="meta")
    tensor = next(module.parameters(), torch.empty(0, device=None if weights else "meta"))
    inputs = zeros(graph, 1, tensor.device, tensor.dtype)
    return Exported(module.eval(), inputs)


def on_meta(module: nn.Module) -> nn.Module:
    """Return a copy of a module without the bytes of its weights."""
    memo = {id(tensor): _on_meta(tensor) for tensor in (*module.parameters(), *module.buffers())}
    copied: nn.Module = copy.deepcopy(module, memo)
    return copied


def _on_meta(tensor: Tensor) -> Tensor:
    made = torch.empty_like(tensor, device="meta")
    return nn.Parameter(made, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else made


def written(exported: Exported, name: str, weights: bool, optimize: bool, producer: str) -> bytes:
    """Return an ONNX file of a module, checked by onnx.checker.

    Not optimised, it has an operator for each of the module's, and its initialisers are the
    module's parameters and buffers; without `weights` they lie in another file, which is not
    written. Raises RuntimeError where torch cannot export the module.
    """
    try:
        model = program(*exported, optimize=optimize).model
    except Exception as error:
        raise RuntimeError(_first_cause(error)) from error
    with _quiet():
        if not optimize:
            _cleaned(model)
        if not weights:
            _without_weights(model, data_file(name))
        _described(model, name, producer)
        proto = import_module("onnx_ir").to_proto(model)
    content: bytes = proto.SerializeToString(deterministic=True)
    _check(content, model, None if weights else data_file(name))
    return content


def _cleaned(model: Any) -> None:
    """Work out what depends on shapes alone, which the exporter leaves to the runtime.

    The weights are inputs meanwhile, so that nothing is folded into them.
    """
    graph = model.graph
    weights = dict(graph.initializers)
    values = {name: weight.const_value for name, weight in weights.items()}
    graph.initializers.clear()
    for weight in weights.values():
        weight.const_value = None
    count = len(graph.inputs)
    graph.inputs.extend(weights.values())
    import_module("onnxscript.optimizer").optimize_ir(model)
    del graph.inputs[count:]
    _without_zero_biases(graph)
    _as_nodes(graph)
    for name, weight in weights.items():
        weight.const_value = values[name]
        graph.initializers[name] = weight


def _without_zero_biases(graph: Any) -> None:
    """Leave out the zeros that the exporter adds to convolutions without a bias."""
    for node in graph:
        if node.op_type not in ("Conv", "ConvTranspose") or len(node.inputs) < 3:
            continue
        bias = node.inputs[2]
        constant = None if bias is None else bias.const_value
        if constant is not None and not constant.numpy().any():
            node.resize_inputs(2)


def _as_nodes(graph: Any) -> None:
    """Make nodes of the constants that are not weights: initialisers are the weights alone."""
    ir = import_module("onnx_ir")
    for name, value in list(graph.initializers.items()):
        tensor = value.const_value
        del graph.initializers[name]
        if not value.uses():
            continue
        node = ir.Node("", "Constant", [], [ir.AttrTensor("value", tensor)], num_outputs=1)
        made = node.outputs[0]
        made.shape, made.dtype, made.const_value = value.shape, value.dtype, tensor
        ir.convenience.replace_all_uses_with(value, made)
        made.name = name
        graph.insert_before(graph[0], node)


def data_file(name: str) -> str:
    """Return what the file is called that weights would be in which are left out, as torch calls
    it.
    """
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return f"{plain}.onnx.data"


def _without_weights(model: Any, file: str) -> None:
    """Let weights lie in another file, one behind the other."""
    ir = import_module("onnx_ir")
    position = 0
    for name, value in model.graph.initializers.items():
        tensor = value.const_value
        value.const_value = ir.ExternalTensor(
            file, position, tensor.nbytes, tensor.dtype, shape=tensor.shape, name=name, base_dir=""
        )
        position += tensor.nbytes


def _described(model: Any, name: str, producer: str) -> None:
    """Say who wrote the model, and leave out what tells of this machine."""
    model.graph.name = name
    model.producer_name, _, model.producer_version = producer.partition(" ")
    for node in model.graph:
        kept = {key: node.metadata_props[key] for key in _KEPT if key in node.metadata_props}
        node.metadata_props.clear()
        node.metadata_props.update(kept)


def _check(content: bytes, model: Any, file: str | None) -> None:
    """Run onnx.checker on a file; it wants the file of the weights there, of which a hole will
    do.
    """
    checker = import_module("onnx.checker")
    if file is None:
        checker.check_model(content, full_check=True)
        return
    tensors = [value.const_value for value in model.graph.initializers.values()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        path.write_bytes(content)
        with (Path(folder) / file).open("wb") as hole:
            hole.truncate(sum(tensor.nbytes for tensor in tensors))
        checker.check_model(str(path), full_check=True)


def _first_cause(error: BaseException) -> str:
    """Return the first line of what an error began with: the exporter wraps it several times."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what torch's exporter says of itself: deprecations, and torchvision's absence."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
