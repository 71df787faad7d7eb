"""Linear layers with a bias: exporters write them as two nodes, MatMul and Add."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from archprof.capturing.onnx.values import Known


def sums_behind(nodes: Iterable[Any], outputs: Iterable[str]) -> dict[str, Any]:
    """Return by the name of a matrix product the sum that alone uses it."""
    nodes = list(nodes)
    used = Counter(name for node in nodes for name in node.input)
    used.update(outputs)
    products = {n.output[0] for n in nodes if n.op_type == "MatMul" and n.output and not n.domain}
    found: dict[str, Any] = {}
    for node in nodes:
        if node.op_type == "Add" and len(node.input) == 2 and node.output:
            for name in node.input:
                if name in products and used[name] == 1:
                    found[name] = node
    return found


def with_bias(onnx: Any, node: Any, addition: Any, env: Mapping[str, Known]) -> Any:
    """Return a product and the sum behind it as one node of three inputs, None where they are not
    a linear layer: its weight is a constant matrix, its bias a constant vector.

    The arithmetic is the same, and so is what it costs.
    """
    product, weight = node.output[0], env.get(node.input[1]) if len(node.input) == 2 else None
    names = [name for name in addition.input if name != product]
    bias = env.get(names[0]) if len(names) == 1 else None
    if weight is None or bias is None or not weight.constant or not bias.constant:
        return None
    if weight.shape is None or len(weight.shape) != 2 or bias.shape != weight.shape[1:]:
        return None
    whole = onnx.NodeProto()
    whole.CopyFrom(node)
    whole.input.append(names[0])
    whole.output[:] = addition.output
    return whole
