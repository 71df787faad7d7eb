"""Shell completion: the functions, and the protocol the shell's script speaks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from archprof.cli.application import application
from archprof.cli.options import complete_layer, complete_network
from archprof.language.find import shipped
from archprof.language.network import names
from tests.cli.test_terminal import ARCHPROF, CLEAN, shell


def test_networks() -> None:
    assert complete_network("vgg19") == ["vgg19", "vgg19_bn"]
    assert "convnext_t" in complete_network("convnext_t")  # an alias
    assert complete_network("nothing") == []
    assert sorted(complete_network("")) == sorted(
        name for network in shipped() for name in names(network)
    )


def context(**parameters: str | None) -> typer.Context:
    found = typer.Context(get_command(application("explain")))
    found.params = parameters
    return found


@pytest.mark.parametrize(
    ("net", "typed", "expected"),
    [
        ("alexnet", "conv", ["conv1", "conv2", "conv3", "conv4", "conv5"]),
        ("resnet18", "layer1.0.c", ["layer1.0.conv1", "layer1.0.conv2"]),
        ("alexnet", "x", []),
        ("alxnet", "", []),
        ("", "", []),
        (None, "", []),
    ],
)
def test_layers(net: str | None, typed: str, expected: list[str]) -> None:
    assert complete_layer(context(net=net), typed) == expected


def test_layers_before_a_network_is_typed() -> None:
    assert complete_layer(context(), "") == []


def test_layers_and_blocks(tmp_path: Path) -> None:
    """A block is explained as well as a layer."""
    assert complete_layer(context(net="resnet18"), "layer1")[:3] == [
        "layer1",
        "layer1.0",
        "layer1.0.conv1",
    ]
    broken = tmp_path / "net.yaml"
    broken.write_text("name: [", encoding="utf-8")
    assert complete_layer(context(net=str(broken)), "") == []


def complete(line: str) -> list[str]:
    """What bash is offered for the last word of the line."""
    words = line.split(" ")
    done = subprocess.run(
        [ARCHPROF],
        capture_output=True,
        text=True,
        check=True,
        env=CLEAN
        | {
            "_ARCHPROF_COMPLETE": "complete_bash",
            "COMP_WORDS": "\n".join(words),
            "COMP_CWORD": str(len(words) - 1),
        },
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("archprof expl", ["explain"]),
        ("archprof summary alexnet_t", ["alexnet_two_gpu"]),
        ("archprof explain alexnet fc", ["fc6", "fc7", "fc8"]),
        ("archprof explain --dtype float16 alexnet --batch 8 fc", ["fc6", "fc7", "fc8"]),
        ("archprof summary alexnet --count f", ["full", "fvcore"]),
        ("archprof summary alexnet --so", ["--sort"]),
        ("archprof verify alexnet_two", ["alexnet_two_gpu"]),
    ],
)
def test_protocol(line: str, offered: list[str]) -> None:
    assert complete(line) == offered


def test_bash_itself() -> None:
    """The installed script, in a shell that asks it as the tab key does."""
    done = shell(
        'eval "$(SHELL=/bin/bash archprof --show-completion)"; COMP_WORDS=(archprof explain alexnet'
        ' pool); COMP_CWORD=3; _archprof_completion archprof; echo "${COMPREPLY[@]}"'
    )
    assert done.stdout.splitlines()[0] == "pool1 pool2 pool3"
