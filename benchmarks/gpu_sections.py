"""What `gpu_report.py measure` measures: networks and conditions, most worth first."""

from __future__ import annotations

from typing import NamedTuple

from archprof.commands.measure.measurement_options import MeasurementOptions

HEADLINE = ("resnet50", "convnext_t")
LECTURES = (
    *("alexnet", "zfnet", "vgg16", "googlenet", "inception_v3", "resnet18", "resnet50"),
    *("resnet101", "wide_resnet50_2", "resnext50_32x4d", "seresnet50", "densenet121"),
    *("mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0", "nf_resnet50"),
    *("vit_b_16", "deit_small_patch16_224", "swin_t", "convnext_tiny", "convnextv2_tiny"),
)
"""From AlexNet to ConvNeXt V2, in the order of the lectures."""

OPENED = ("resnet50", "convnext_tiny", "mobilenet_v2", "efficientnet_b0", "vit_b_16")
"""Whose time is told by layer."""

PRODUCTS = ("vit_b_16", "convnext_tiny")
"""Most of whose arithmetic is in linear layers, which float8 has."""

CAPTURED = ("resnet50", "torchvision:resnet50")
"""A spec, and a module of the same network."""

REMEMBERED = ("resnet50", "convnext_tiny", "mobilenet_v2", "densenet121", "vit_b_16", "swin_t")


class Section(NamedTuple):
    """A part of the report: its file, the networks and the conditions.

    `alone` measures each network by itself; else all of a group take turns.
    """

    file: str
    networks: tuple[str, ...]
    options: MeasurementOptions
    alone: bool = True


def sections(device: str, limit: float) -> list[Section]:
    """Return what is measured on the device, most worth first.

    The layers are those of networks of the first sections, and come after them. A row takes about
    3 s, one that is compiled 15 s more.
    """
    usual = MeasurementOptions(device, time_limit=limit)
    fast = usual._replace(dtype="bfloat16", memory_format="channels_last")
    graph = fast._replace(mode="graph")
    headline = fast._replace(batch="1,32,256")
    every = headline._replace(
        dtype="bfloat16,tf32,float32", memory_format="channels_last,contiguous"
    )
    return [
        _turns(headline._replace(mode="graph,eager")),
        Section("networks", OPENED, graph._replace(batch="1,64")),
        Section("captured", CAPTURED, graph._replace(batch="1,64"), alone=False),
        Section("float8", PRODUCTS, graph._replace(batch="64", dtype="bfloat16,float8")),
        Section("networks", LECTURES, graph._replace(batch="1,64")),
        _turns(headline._replace(batch="32", mode="compile")),
        Section("memory", REMEMBERED, usual._replace(batch="64")),
        Section("memory", REMEMBERED, usual._replace(batch="16", train=True)),
        _turns(every._replace(batch="32", mode="graph")),
        _turns(every._replace(batch="1,256", mode="graph")),
        _turns(headline._replace(batch="1,256", mode="compile")),
        Section(
            "float8",
            PRODUCTS,
            fast._replace(batch="64", dtype="bfloat16,float8", mode="compile"),
        ),
        _turns(every),
        Section("eager", LECTURES, fast._replace(batch="1")),
    ]


def _turns(options: MeasurementOptions) -> Section:
    return Section("compare", HEADLINE, options, alone=False)


def rehearsed(limit: float) -> list[Section]:
    """Return the same on a CPU: small networks, and what a CPU has."""
    usual = MeasurementOptions("cpu", time_limit=limit, threads=1)
    small = ("lenet5", "lenet5_full")
    return [
        Section("networks", ("lenet5", "mobilenet_v2"), usual._replace(batch="1,2")),
        Section("compare", small, usual._replace(batch="1,2"), alone=False),
        Section("compare", small, usual._replace(batch="2,4"), alone=False),
        Section("memory", ("lenet5", "resnet18"), usual),
        Section("memory", ("lenet5", "resnet18"), usual._replace(train=True)),
    ]


FIRST = 2  # sections, after which the layers are timed
USUAL = 8  # sections, after which come those with other dtypes, and their peaks
