"""What other tools say of twelve public models, beside archprof and torch's own count on meta.

Each tool gets a network of its own with real weights, in evaluation, and the same image: some write
into the module, and none but archprof counts without data.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from coverage_row import row
from public_models import with_weights
from torch import Tensor, nn

TWELVE = [
    "torchvision:resnet50",
    "torchvision:mobilenet_v3_large",
    "torchvision:vit_b_16",
    "torchvision:swin_t",
    "torchvision:convnext_tiny",
    "torchvision:maxvit_t",
    "torchvision:efficientnet_v2_s",
    "timm:nf_resnet50",
    "timm:coatnet_0_rw_224",
    "timm:mobilevit_s",
    "timm:davit_tiny",
    "timm:efficientformer_l1",
]

Counted = tuple[int, int | None]  # MACs, and parameters where the tool says them


def torchinfo(module: nn.Module, image: Tensor) -> Counted:
    """Return what torchinfo calls mult-adds, and total params."""
    import torchinfo

    found = torchinfo.summary(module, input_data=image, verbose=0)
    return int(found.total_mult_adds), int(found.total_params)


def fvcore(module: nn.Module, image: Tensor) -> Counted:
    """Return fvcore's flops, which are multiply-accumulates."""
    from fvcore.nn import FlopCountAnalysis, parameter_count

    counted = FlopCountAnalysis(module, image)
    counted.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return int(counted.total()), int(parameter_count(module)[""])


def _ptflops(backend: str) -> Callable[[nn.Module, Tensor], Counted]:
    def count(module: nn.Module, image: Tensor) -> Counted:
        from ptflops import get_model_complexity_info

        macs, params = get_model_complexity_info(
            module,
            tuple(image.shape[1:]),
            as_strings=False,
            print_per_layer_stat=False,
            backend=backend,
        )
        return int(macs), int(params)

    return count


def thop(module: nn.Module, image: Tensor) -> Counted:
    """Return thop's MACs and params."""
    import thop

    macs, params = thop.profile(module, inputs=(image,), verbose=False)
    return int(macs), int(params)


def calflops(module: nn.Module, image: Tensor) -> Counted:
    """Return calflops' MACs and params."""
    from calflops import calculate_flops

    _, macs, params = calculate_flops(
        model=module,
        input_shape=tuple(image.shape),
        output_as_string=False,
        print_results=False,
        print_detailed=False,
    )
    return int(macs), int(params)


def torchprofile(module: nn.Module, image: Tensor) -> Counted:
    """Return torchprofile's MACs; it counts no parameters."""
    from torchprofile import profile_macs

    return int(profile_macs(module, image)), None


def torchlens(module: nn.Module, image: Tensor) -> Counted:
    """Return TorchLens' MACs of the forward pass, and its parameters."""
    import torchlens

    log = torchlens.trace(module, image)
    return int(log.total_macs_forward), int(log.num_params)


def flop_counter(module: nn.Module, image: Tensor) -> Counted:
    """Return half of what torch's FlopCounterMode counts where it is used as it comes."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        module(image)
    return counter.get_total_flops() // 2, None


TOOLS: dict[str, Callable[[nn.Module, Tensor], Counted]] = {
    "torchinfo": torchinfo,
    "fvcore": fvcore,
    "ptflops pytorch": _ptflops("pytorch"),
    "ptflops aten": _ptflops("aten"),
    "thop": thop,
    "calflops": calflops,
    "torchprofile": torchprofile,
    "torchlens": torchlens,
    "FlopCounterMode": flop_counter,
}


def beside(target: str) -> dict[str, Any]:
    """Return archprof's row of a target, and what each installed tool says of it."""
    found = row(target)
    found["tools"] = {
        name: _said_alone(name, target) if name in ALONE else said(name, target) for name in TOOLS
    }
    return found


ALONE = ("torchlens",)
"""What refuses to run in a forked process: it runs in an interpreter of its own."""

PROGRAM = "import json, sys, coverage_peers; print(json.dumps(coverage_peers.said(*sys.argv[1:])))"


def _said_alone(name: str, target: str) -> dict[str, Any]:
    here = Path(__file__).parent
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(
            [str(here), str(here.parent), os.environ.get("PYTHONPATH", "")]
        )
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, name, target],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode:
        return {"version": "?", "error": done.stderr.strip()[-120:]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def said(name: str, target: str) -> dict[str, Any]:
    """Return what a tool says of a target, and its version."""
    package = "torch" if name == "FlopCounterMode" else name.partition(" ")[0]
    try:
        answer: dict[str, Any] = {"version": metadata.version(package)}
    except metadata.PackageNotFoundError:
        return {"missing": True}
    module, image = with_weights(target)
    start = time.process_time()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            with torch.no_grad():
                macs, params = TOOLS[name](module, image)
    except Exception as error:  # noqa: BLE001 - whatever a tool raises
        return answer | {"error": f"{type(error).__name__}: {error}"[:120]}
    seconds = round(time.process_time() - start, 2)
    return answer | {"macs": macs, "params": params, "seconds": seconds}
