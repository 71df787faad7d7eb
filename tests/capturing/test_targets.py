"""What a text names: a target that is captured, or what only a spec can be."""

from __future__ import annotations

import pytest

from archprof.capturing.targets import CODE, target

CAPTURED = [
    ("torchvision:resnet50", "package", "torchvision", "resnet50", ""),
    ("timm:vit_base_patch16_224.augreg_in21k", "package", "timm", None, ""),
    ("package.module:Class", "package", "package.module", "Class", ""),
    ("package:Class.inner", "package", "package", "Class.inner", ""),
    ("model.py:build", "file", "model.py", "build", ""),
    ("../code/model.py:build", "file", "../code/model.py", "build", ""),
    ("/a b/model.py:build:backbone.0", "file", "/a b/model.py", "build", "backbone.0"),
    ("resnet50:variant", "package", "resnet50", "variant", ""),  # a package of that name may be
    ("a:b:c:d", "package", "a", "b", "c:d"),
    ("net.tape.json", "tape", "net.tape.json", "", ""),
    ("model.py:build.tape.json", "tape", "model.py:build.tape.json", "", ""),
    ("net.onnx", "onnx", "net.onnx", "", ""),
    ("net.pt2", "program", "net.pt2", "", ""),
]

SPECS = [
    "resnet50",
    "net.yaml",
    "net.yaml:variant",
    "net.yml:a.b",
    "HEAD:net.yaml",
    "main:specs/net.yml",
    "HEAD:net.yaml:variant",
    "C:\\x.yaml",
    "C:\\model.py",
    "--x",
    "",
    ":",
    ":x",
    "x:",
    "model.py",
    "model.py:",
    "..:x",
    "-:x",
    "1st:x",
    "a b:c",
    "\0:b",
    "a.py:b\0",
    "a.py:b;c",
    "a.py:b()",
    "\u202ea:b\n",
    "a..b:c",
    "net.tape.json ",
]


@pytest.mark.parametrize(("text", "kind", "place", "name", "submodule"), CAPTURED)
def test_what_is_captured(
    text: str, kind: str, place: str, name: str | None, submodule: str
) -> None:
    found = target(text)
    assert found is not None
    assert (found.kind, found.place, found.submodule) == (kind, place, submodule)
    assert name is None or found.name == name
    assert found.text == text


@pytest.mark.parametrize("text", SPECS)
def test_what_only_a_spec_can_be(text: str) -> None:
    assert target(text) is None


def test_only_modules_and_programs_run_code() -> None:
    running = {kind for text, kind, *_ in CAPTURED if kind in CODE}
    assert running == {"package", "file", "program"}
