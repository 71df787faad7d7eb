"""Record what the tools that `--count` is named after print for archprof's own torch models.

Run it in an environment of its own, because the tools pin nothing and deepspeed is large:

    python -m venv tools && tools/bin/pip install -e . torch fvcore thop ptflops torchinfo calflops
    deepspeed setuptools tools/bin/python scripts/record_counts.py

It writes tests/data/counts/tools.json: each tool's version, and what it counts for NETWORKS and for
every case of tests/ops/cases.py. tests/analysis/test_counting.py compares the presets with it,
integer for integer. Where a preset no longer equals a newer version of its tool, change the
preset's rules and its version in archprof/analysis/counting.py.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.metadata
import io
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archprof.graph.graph import Graph  # noqa: E402
from archprof.language.expand import expand  # noqa: E402
from archprof.language.find import find  # noqa: E402
from archprof.model.compile import build  # noqa: E402
from tests.ops.cases import SEVERAL, SINGLE  # noqa: E402
from tests.small import graph_of  # noqa: E402

RECORD = ROOT / "tests" / "data" / "counts" / "tools.json"
NETWORKS = (
    "alexnet",
    "vgg16_bn",
    "resnet18",
    "resnet50",
    "resnext50_32x4d",
    "seresnet50",
    "resnetv2_50",
    "nf_resnet50",
    "densenet121",
    "googlenet",
    "inception_v3",
    "mobilenet_v1",
    "mobilenet_v2",
    "mobilenet_v2_140",
    "mobilenet_v3_large",
    "efficientnet_b0",
    "nasnetamobile",
    "convnext_tiny",
    "convnextv2_atto",
    "swin_t",
    "vit_b_16",
    "deit_tiny",
    "unet_padded",
    "hourglass_1",
    "lenet5",
)
"""Networks that have between them every layer which the tools count differently."""


def fvcore(model: torch.nn.Module, images: torch.Tensor) -> int:
    from fvcore.nn import FlopCountAnalysis

    return int(
        FlopCountAnalysis(model, images)
        .unsupported_ops_warnings(False)
        .uncalled_modules_warnings(False)
        .total()
    )


def torch_(model: torch.nn.Module, images: torch.Tensor) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        model(images)
    return int(counter.get_total_flops())


def thop(model: torch.nn.Module, images: torch.Tensor) -> int:
    from thop import profile

    return int(profile(model, inputs=(images,), verbose=False)[0])


def _ptflops(backend: str, **config: bool) -> Callable[[torch.nn.Module, torch.Tensor], int]:
    def counted(model: torch.nn.Module, images: torch.Tensor) -> int:
        from ptflops import get_model_complexity_info

        total, _ = get_model_complexity_info(
            model,
            tuple(images.shape[1:]),
            as_strings=False,
            print_per_layer_stat=False,
            backend=backend,
            backend_specific_config=config,
        )
        return int(total)

    return counted


def torchinfo(model: torch.nn.Module, images: torch.Tensor) -> int:
    from torchinfo import summary

    return int(summary(model, input_size=tuple(images.shape), verbose=0).total_mult_adds)


def calflops(model: torch.nn.Module, images: torch.Tensor) -> int:
    from calflops import calculate_flops

    # it takes the device from a parameter
    model.register_parameter("none", torch.nn.Parameter(torch.zeros(1)))
    return int(
        calculate_flops(
            model, input_shape=tuple(images.shape), output_as_string=False, print_results=False
        )[0]
    )


def deepspeed(model: torch.nn.Module, images: torch.Tensor) -> int:
    from deepspeed.profiling.flops_profiler import get_model_profile

    return int(
        get_model_profile(
            model, tuple(images.shape), print_profile=False, warm_up=0, as_string=False
        )[0]
    )


TOOLS: dict[str, tuple[str, Callable[[torch.nn.Module, torch.Tensor], int]]] = {
    "torch": ("torch", torch_),
    "fvcore": ("fvcore", fvcore),
    "thop": ("thop", thop),
    "ptflops": ("ptflops", _ptflops("pytorch")),
    "ptflops_modules": ("ptflops", _ptflops("pytorch", count_functional=False)),
    "ptflops_aten": ("ptflops", _ptflops("aten")),
    "torchinfo": ("torchinfo", torchinfo),
    "calflops": ("calflops", calflops),
    "deepspeed": ("deepspeed", deepspeed),
}
"""By the name of `--count` the distribution that has the tool, and how it is called."""


REPLACED = (torch, torch.Tensor, torch.nn.functional)
"""The objects whose functions the tools replace while they count."""


@contextlib.contextmanager
def contained() -> Iterator[None]:
    """Discard output, compute no gradients, and restore torch's functions at the end.

    calflops leaves its own in place where it fails.
    """
    before = [dict(vars(replaced)) for replaced in REPLACED]
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
        for replaced, names in zip(REPLACED, before, strict=True):
            for name in [name for name in vars(replaced) if name not in names]:
                delattr(replaced, name)
            for name, value in names.items():
                if vars(replaced)[name] is not value:
                    setattr(replaced, name, value)


def counts(graph: Graph) -> dict[str, int | None]:
    """Return what each tool counts for one image, None where it fails.

    Each gets a model of its own, because most of them change it.
    """
    found: dict[str, int | None] = {}
    for name, (_, counted) in TOOLS.items():
        # torch's own counter does not see the fused attention of the CPU
        device = "meta" if name == "torch" else "cpu"
        with contained():
            try:
                found[name] = counted(
                    build(graph, device=device).eval().requires_grad_(False),
                    torch.zeros(1, *graph.input, device=device),
                )
            except TypeError:  # calflops, of an upsampling with a factor for each axis
                found[name] = None
    gc.collect()  # a model and the tools' hooks refer to each other
    return found


def cases() -> Iterator[tuple[dict[str, str], tuple[int, ...]]]:
    """Yield every op alone, and shared weights, as layers on an input."""
    for op, settings in SINGLE.items():
        for text, size in settings:
            yield {"x": f"op: {op}, {text}".rstrip(", ")}, size
    for several in SEVERAL.values():
        for layers, size in several:
            yield {"start": "op: scale, size: []"} | layers, size
    yield (
        {
            "x": "op: conv2d, out: 4, kernel: 3, padding: 1",
            "y": "op: conv2d, out: 4, kernel: 3, padding: 1, share: x",
        },
        (4, 6, 8),
    )
    yield {"x": "op: linear, out: 8", "y": "op: linear, out: 8, share: x"}, (6, 8)


def main() -> None:
    record = {
        "about": (
            "What each tool counts for one image, of archprof's own torch models; written by"
            " scripts/record_counts.py"
        ),
        "versions": {
            name: f"{distribution} {Version(importlib.metadata.version(distribution)).public}"
            for name, (distribution, _) in TOOLS.items()
        },
        "networks": {name: counts(expand(find(name))) for name in NETWORKS},
        "ops": [
            {"layers": layers, "input": list(size), "counts": counts(graph_of(layers, size))}
            for layers, size in cases()
        ],
    }
    text = json.dumps(record, separators=(",", ":"))
    RECORD.write_text(text.replace("},", "},\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
