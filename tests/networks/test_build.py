"""The compiled networks are the public ones: the outputs for the deterministic fill, and strict
loading.
"""

import json
import math
from pathlib import Path

import pytest
import torch

import archprof
from archprof.model.compile import build
from archprof.model.weights import fill, uniform
from tests.networks import shared


def large(path: Path) -> bool:
    """Whether a run in float64 takes too long, and too much memory."""
    return int(json.loads(path.read_text(encoding="utf-8"))["params"]) > 60_000_000


def network_of(path: Path) -> str:
    """Return the name here of a record's network."""
    name = path.stem.partition("-")[2]
    return shared.OURS.get(name, name)


RECORDS = [
    path
    for path in sorted((Path(__file__).parent.parent / "data" / "models").glob("*.json"))
    if network_of(path) in shared.OF_EACH_KIND
]
"""Those of each kind, and in the nightly profile all: the keys, shapes, order and counts of every
record are compared in test_records.py, the numbers of a network's layers are those of its siblings.
"""


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=p.stem, marks=[pytest.mark.slow] if large(p) else []) for p in RECORDS],
)
def test_fingerprint(path: Path) -> None:
    """First eight outputs, mean and deviation in float64 agree to 1e-6 of the deviation
    (tests/data/models/README.md); of the large ones in float32 to 1e-4 of it, where 24 bits leave
    some 2e-6, and another network is off by the deviation itself.
    """
    dtype, share = (torch.float32, 1e-4) if large(path) else (torch.float64, 1e-6)
    record = json.loads(path.read_text(encoding="utf-8"))
    printed = record["fingerprint"]
    network = shared.graph(network_of(path))
    if any(node.kind == "interpolate" for node in network.nodes):  # to a size of the input's
        network = archprof.load(network_of(path), input=tuple(printed["input"])).graph
    # buffers with values of their own
    tables = any(
        node.kind in ("buffer", "blur_pool2d", "relative_position_bias", "window_mask")
        for node in network.nodes
    )
    module = build(network, device="cpu" if tables else "meta", dtype=dtype)
    kinds = {
        key: torch.int64 if key.endswith("num_batches_tracked") else dtype
        for key in record["state_dict"]
    }
    own = {
        key: value
        for key, value in module.state_dict().items()
        if key.endswith("relative_position_index")
    }
    state = fill(
        {
            key: own[key] if key in own else torch.empty(shape, dtype=kinds[key])
            for key, shape in record["state_dict"].items()
        }
    )
    module.load_state_dict(state, strict=True, assign=True)
    shape = printed["input"]
    images = uniform("input", math.prod(shape)).to(dtype).reshape(1, *shape)
    with torch.no_grad():
        out = module.eval()(images).flatten().double()
    bound = share * printed["std"]
    assert torch.allclose(
        out[:8], torch.tensor(printed["first8"], dtype=torch.float64), rtol=0, atol=bound
    )
    assert abs(out.mean().item() - printed["mean"]) <= bound
    assert abs(out.std(unbiased=False).item() - printed["std"]) <= bound
