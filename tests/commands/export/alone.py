"""Runs exported code where archprof cannot be imported: `python alone.py FOLDER NETWORK…`.

FOLDER holds NETWORK.py, the exported code, and NETWORK.pt, an image and what archprof's own build
gives for it under the weights of `filled`. Prints for each network whether the code gives the same.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import torch
from torch import Tensor, nn


class Blocked:
    """Finds archprof nowhere."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == "archprof":
            raise ModuleNotFoundError(f"No module named {name!r}")


def filled(module: nn.Module) -> nn.Module:
    """The module in evaluation, under weights that depend on the keys' order and shapes alone and
    keep numbers of a readable size.
    """
    generator = torch.Generator().manual_seed(13)
    state: dict[str, Tensor] = module.state_dict()
    for key, tensor in state.items():
        if not tensor.is_floating_point():
            continue
        if tensor.ndim < 2:
            tensor.uniform_(0.5, 1.0, generator=generator)
        else:
            bound = (3 / tensor[0].numel()) ** 0.5
            tensor.uniform_(-bound, bound, generator=generator)
        if key.endswith("bias"):
            tensor.sub_(0.75)
    return module.eval()


def main(folder: Path, networks: list[str]) -> None:
    sys.meta_path.insert(0, Blocked())  # type: ignore[arg-type]
    torch.set_num_threads(1)
    for network in networks:
        module = filled(runpy.run_path(str(folder / f"{network}.py"))["build"]())
        image, expected = torch.load(folder / f"{network}.pt")
        with torch.inference_mode():
            same = torch.equal(module(image), expected)
        print(network, "same" if same else "different", "archprof" in sys.modules)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
