"""What a node of an ONNX file is called: the module that it ran in, and the line of its code.

ONNX has no modules. torch's exporter by torch.export writes them down beside each node; its older
one and TensorFlow's converters put them into the nodes' names, the oldest ones only into those of
the weights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

LONGEST = 200  # characters of a path, which bounds how deep blocks lie in each other

_METADATA = "pkg.torch.onnx."
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_FRAME = re.compile(r'File "([^"\n]*)", line (\d{1,9})')
# frames of torch itself, whose file may lie anywhere
_TORCH = re.compile(r"(^|/)torch/(nn|_ops|fx|export|utils|_|overrides|functional)")
# the calls that TensorFlow puts around a saved model, and Caffe2's name of a device
_AROUND = re.compile(r"^((Stateful)?PartitionedCall(_\d+)?|gpu_\d+)/")
_NUMBERED = re.compile(r"__\d+$")  # which tf2onnx puts behind the nodes that it adds
_STATE = re.compile(r"[A-Za-z_]\w*(\.\w+)+\Z")
_WEIGHT = re.compile(r"(.+?)[_/.](w|s|weights?|kernel|scale|gamma)(_\d+)?(:0)?\Z", re.IGNORECASE)
# names that exporters make up for constants
_MADE_UP = re.compile(
    r"(\d+|val_\d+|onnx::.*|_?const.*|constant.*|lifted_tensor.*|c_lifted.*|scalar_tensor.*"
    r"|_?tensor_constant\d*|initializer.*|tmp.*|.*\.constant_?\d*|.*constant_?output.*"
    r"|const_fold.*|p2o\..*|helper\..*|identity.*|auto\..*|fill_constant.*|assign_value.*)\Z",
    re.IGNORECASE,
)


class NodePlace(NamedTuple):
    """Where a node is: the modules around it by path and class, outermost first, file and line."""

    stack: tuple[tuple[str, str], ...]
    file: str
    line: int

    @property
    def path(self) -> str:
        return self.stack[-1][0] if self.stack else ""


def is_state_name(name: str) -> bool:
    """Whether a name is one of a state dict, such as `layer1.0.conv1.weight`, not made up."""
    return _STATE.match(name) is not None and not _MADE_UP.match(name)


def is_made_up(name: str) -> bool:
    """Whether an exporter made a name up, so that it tells nothing."""
    return not name or _MADE_UP.match(name) is not None


def metadata(node: Any) -> Mapping[str, str]:
    """Return what torch's exporter wrote beside a node, by name."""
    found = getattr(node, "metadata_props", ())
    return {
        entry.key.removeprefix(_METADATA): entry.value
        for entry in found
        if entry.key.startswith(_METADATA)
    }


def where(node: Any, weights: Sequence[str], model: str) -> NodePlace:
    """Return where a node is; `weights` are the names of the weights that it has, `model` is what
    the file is called.
    """
    written = metadata(node)
    kinds: Mapping[str, str] = {}
    path = ""
    if "name_scopes" in written and not _folded_into(node, written):
        paths, classes = _listed(written["name_scopes"]), _listed(written.get("class_hierarchy"))
        kinds = dict(zip(paths, (c.rpartition(".")[2] for c in classes), strict=False))
        path = next((p for p in reversed(paths[:-1]) if p), "")
    elif not written or weights:
        path = _from_names(node, weights)
    file, line = _line(written.get("stack_trace", ""))
    if not file:
        file = f"{model}#{node.name[:LONGEST]}" if node.name else model
    return NodePlace(stack(path, kinds), file, line)


def stack(path: str, kinds: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the modules that a path leads through, outermost first, each with its class, "" where
    that is not known.
    """
    parts = path[:LONGEST].split(".")
    found, before = [], ""
    for part in parts:
        before = f"{before}.{part}" if before else part
        if before:
            found.append((before, kinds.get(before, "")))
    return tuple(found)


def _folded_into(node: Any, written: Mapping[str, str]) -> bool:
    """Whether a convolution has the place of the norm that was folded into its weights."""
    return node.op_type.startswith("Conv") and "batch_norm" in written.get("fx_node", "")


def _listed(text: str | None) -> list[str]:
    """Return the texts of a list as Python prints it."""
    return [one or other for one, other in _QUOTED.findall(text or "")]


def _from_names(node: Any, weights: Sequence[str]) -> str:
    """Return the path that names tell: the node's own where modules are in it, else those of its
    weights, else the node's own as it is.

    The modules in a node's name may be the innermost ones only, with a number behind them, as those
    of a network that torch.fx wrote: then its weights tell the rest.
    """
    name = _NUMBERED.sub("", _AROUND.sub("", node.name))
    inner = _through(name)
    for weight in weights:
        path = weight.rpartition(".")[0]
        bare = re.sub(r"_\d+$", "", inner)
        if not inner or path.endswith((f".{inner}", f".{bare}")):
            return path
    if inner:
        return inner
    if _is_generic(name, node.op_type):
        return ""
    return name.strip("/").replace(".", "_")


def _through(name: str) -> str:
    """Return the path in a name such as `/layer1/layer1.0/conv1/Conv`: what torch calls a module of
    a Sequential has the Sequential's name before it once more.
    """
    parts = [part for part in name.split("/") if part][:-1]  # the last one is the operator
    path: list[str] = []
    for part in parts:
        if path and part.startswith(f"{path[-1]}."):
            path.pop()
        path.append(part)
    return ".".join(path)


def _is_generic(name: str, op: str) -> bool:
    """Whether a name only says which operator it is, and which number of it."""
    bare = name.strip("/").lower().removeprefix("p2o.").removeprefix("node_")
    return re.fullmatch(rf"(n?|{re.escape(op.lower())})[._]?\d*", bare) is not None


def from_weights(names: Sequence[str]) -> str:
    """Return the path in the name of a weight such as Caffe2's `conv3_12/x2_w_0`, "" for none."""
    for name in names:
        found = _WEIGHT.match(_AROUND.sub("", name))
        if found and not is_made_up(name):
            return found[1].replace("/", ".").strip(".")
    return ""


def from_output(name: str) -> str:
    """Return a path that the name of a node's output gives, "" where it was made up."""
    bare = _AROUND.sub("", name)
    return "" if is_made_up(bare) else bare.replace("/", ".").replace(":", "_").strip(".")


def _line(trace: str) -> tuple[str, int]:
    """Return the file and line of the innermost frame that is not torch's own, "" for none."""
    frames = [(file, int(line)) for file, line in _FRAME.findall(trace)]
    theirs = [frame for frame in frames if not _TORCH.search(frame[0])]
    if not theirs:
        return "", 0
    file, line = theirs[-1]
    _, installed, inside = file.rpartition("site-packages/")
    if installed:
        return inside, line
    try:
        return str(Path(file).relative_to(Path.cwd())), line
    except ValueError:
        return file, line
