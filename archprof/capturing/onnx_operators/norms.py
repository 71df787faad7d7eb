"""Normalization of ONNX."""

from __future__ import annotations

from archprof.capturing.onnx_operators.given import Given, OnnxOperator, same


def _batch_norm(given: Given) -> None:
    """Write a batch norm; ONNX's momentum is the share that stays, torch's the one that is new."""
    arguments = {
        "input": given.value(0),
        "weight": given.weight(1, "weight"),
        "bias": given.weight(2, "bias"),
        "running_mean": given.weight(3, "running_mean"),
        "running_var": given.weight(4, "running_var"),
        "training": bool(given.attribute("training_mode", 0)),
        "momentum": round(1 - given.attribute("momentum", 0.9), 6),
        "eps": _eps(given),
    }
    given.emit("aten.batch_norm.default", arguments, given.outputs[:1])


def _eps(given: Given, usual: float = 1e-5) -> float:
    """Return the epsilon, which a file has in single precision: 1e-5, not 9.99999974e-06."""
    return float(f"{given.attribute('epsilon', usual):.6g}")


def _layer_norm(given: Given) -> None:
    axis = given.axis("axis", -1)
    arguments = {
        "input": given.value(0),
        "normalized_shape": list(given.shape(0)[axis:]),
        "weight": given.weight(1, "weight"),
        "bias": given.weight(2, "bias"),
        "eps": _eps(given),
    }
    given.emit("aten.layer_norm.default", arguments, given.outputs[:1])


def _rms_norm(given: Given) -> None:
    axis = given.axis("axis", -1)
    arguments = {
        "input": given.value(0),
        "normalized_shape": list(given.shape(0)[axis:]),
        "weight": given.weight(1, "weight"),
        "eps": _eps(given),
    }
    given.emit("aten.rms_norm.default", arguments, given.outputs[:1])


def _group_norm(given: Given) -> None:
    arguments = {
        "input": given.value(0),
        "num_groups": given.attribute("num_groups"),
        "weight": given.weight(1, "weight"),
        "bias": given.weight(2, "bias"),
        "eps": _eps(given),
    }
    given.emit("aten.group_norm.default", arguments)


def _instance_norm(given: Given) -> None:
    arguments = {
        "input": given.value(0),
        "weight": given.weight(1, "weight"),
        "bias": given.weight(2, "bias"),
        "use_input_stats": True,
        "eps": _eps(given),
    }
    given.emit("aten.instance_norm.default", arguments)


def _standardised(given: Given) -> None:
    """Write MeanVarianceNormalization, which is an instance norm without weights."""
    given.emit("aten.instance_norm.default", {"input": given.value(0), "use_input_stats": True})


def _response_norm(given: Given) -> None:
    arguments = {"input": given.value(0), "size": given.attribute("size", 5)}
    given.emit("aten.local_response_norm.default", arguments)


def _unit_length(given: Given) -> None:
    """Write LpNormalization: the length along an axis, by which every element is divided."""
    axis = given.axis("axis", -1)
    shape = tuple(1 if i == axis else n for i, n in enumerate(given.shape(0)))
    arguments = {
        "self": given.value(0),
        "ord": given.attribute("p", 2),
        "dim": [axis],
        "keepdim": True,
    }
    length = given.between("aten.linalg_vector_norm.default", arguments, shape)
    given.emit("aten.div.Tensor", {"self": given.value(0), "other": length})


def _added_norm(operator: str) -> OnnxOperator:
    """Return the row of the sum of two inputs and a bias, and a norm over the last dimension: what
    ONNX Runtime makes of a residual and the norm behind it.
    """

    def write(given: Given) -> None:
        whole = operator == "aten.layer_norm.default"
        bias = 4 if whole else 3
        both = {"self": given.value(0), "other": given.value(1)}
        added = given.between("aten.add.Tensor", both, given.shape(0))
        if given.has(bias):
            more = {"self": added, "other": given.weight(bias, "skip_bias")}
            added = given.between("aten.add.Tensor", more, given.shape(0))
        arguments = {
            "input": added,
            "normalized_shape": [given.shape(0)[-1]],
            "weight": given.weight(2, "weight"),
            "bias": given.weight(3, "bias") if whole else None,
            "eps": _eps(given, 1e-12),
        }
        given.emit(operator, arguments, given.outputs[:1])
        # the last of its outputs is the sum itself
        for known in given.outputs[1:]:
            if known is not None and known.shape is not None:
                known.number = added.number

    return OnnxOperator(write, lambda given: [given.shape(0), None, None, given.shape(0)])


NORMS = {
    "BatchNormalization": OnnxOperator(_batch_norm, same),
    "LayerNormalization": OnnxOperator(_layer_norm, same),
    "RMSNormalization": OnnxOperator(_rms_norm, same),
    "SimplifiedLayerNormalization": OnnxOperator(_rms_norm, same),
    "GroupNormalization": OnnxOperator(_group_norm, same),
    "InstanceNormalization": OnnxOperator(_instance_norm, same),
    "MeanVarianceNormalization": OnnxOperator(_standardised, same),
    "LRN": OnnxOperator(_response_norm),
    "LpNormalization": OnnxOperator(_unit_length),
    "com.microsoft.SkipLayerNormalization": _added_norm("aten.layer_norm.default"),
    "com.microsoft.SkipSimplifiedLayerNormalization": _added_norm("aten.rms_norm.default"),
}
"""Norms, in evaluation."""
