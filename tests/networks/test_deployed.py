"""What is deployed is the trained network: each block's branches, folded into one convolution.

The folding is that of section 3.3 of RepVGG, arXiv 2101.03697: a batch norm scales its
convolution's kernel and moves its bias; a 1x1 kernel and the identity are kernels padded with 0.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import archprof

EPS = 1e-5


def normed(kernel: Tensor, norm: str, state: dict[str, Tensor], size: int) -> tuple[Tensor, Tensor]:
    """The kernel and the bias of a convolution and its norm, the kernel padded to `size`."""
    scale = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + EPS).sqrt()
    bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
    around = (size - kernel.shape[-1]) // 2
    return nn.functional.pad(kernel * scale[:, None, None, None], 4 * (around,)), bias


def folded(block: str, like: Tensor, state: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """The kernel, of the shape of `like`, and the bias of all branches of a block together."""
    size = like.shape[-1]
    branches = [
        normed(weight, f"{key.removesuffix('.conv.weight')}.bn", state, size)
        for key, weight in state.items()
        if key.startswith(f"{block}.") and key.endswith(".conv.weight")
    ]
    if f"{block}.identity.weight" in state:
        same = nn.init.dirac_(torch.empty_like(like[..., :1, :1]), like.shape[0] // like.shape[1])
        branches.append(normed(same, f"{block}.identity", state, size))
    kernels, biases = zip(*branches, strict=True)
    return sum(kernels, torch.zeros(())), sum(biases, torch.zeros(()))


@pytest.mark.parametrize("name", ["repvgg_a0", "mobileone_s0"])
def test_the_deployed_network_gives_what_the_trained_one_gives(name: str) -> None:
    torch.manual_seed(0)
    trained = archprof.load(name, input="3x32x32").build().double().eval()
    deployed = archprof.load(f"{name}_deployed", input="3x32x32").build().double().eval()
    for module in trained.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    state, own = trained.state_dict(), deployed.state_dict()
    for key, weight in own.items():
        block, _, kind = key.rpartition(".reparam_conv.")
        if not block:
            own[key] = state[key]
        elif kind == "weight":
            own[key], own[f"{block}.reparam_conv.bias"] = folded(block, weight, state)
    deployed.load_state_dict(own)
    image = torch.randn(1, 3, 32, 32, dtype=torch.float64)
    with torch.no_grad():
        wanted = trained(image)
        torch.testing.assert_close(deployed(image), wanted, rtol=0, atol=1e-9 * wanted.std().item())
