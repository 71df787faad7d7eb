"""Modules of users' files and packages, and what can go wrong before there is one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from archprof.capturing.targets import target
from archprof.model.importing import imported, with_weights
from archprof.model.meta import Built
from archprof.problem import ProblemError
from tests.user_code import line


def built(text: str, **values: Any) -> Built:
    found = target(text)
    assert found is not None
    return imported(found, values)


def refused(text: str, **values: Any) -> str:
    with pytest.raises(ProblemError) as error:
        built(text, **values)
    (problem,) = error.value.problems
    assert problem.rule == "capture"
    return str(error.value)


pytestmark = pytest.mark.usefixtures("code")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("model.py:Small", "Small"),
        ("model.py:build", "Small"),
        ("model.py:ready", "Small"),
        ("model.py:Outer.Inner", "Inner"),
        ("model:Small", "Small"),
        ("model.py:Configured", "Configured"),
        ("model.py:Small:body", "Sequential"),
        ("model.py:Small:body.1", "Conv2d"),
    ],
)
def test_what_gives_a_module(text: str, kind: str) -> None:
    assert type(built(text).module).__name__ == kind


def test_arguments_reach_the_constructor() -> None:
    module = built("model.py:Small", depth=3, width=4, bias=False).module
    assert sum(p.numel() for p in module.parameters()) == (
        (3 * 9 * 4 + 4) + 3 * 4 * 4 + (4 * 10 + 10)
    )
    assert built("model.py:Configured", width=5).module.conv.out_channels == 5
    assert len(built("model.py:any_names", depth=1).module.body) == 1


def test_what_is_printed_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    built("model.py:Small")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["imported", "made", "made"]  # `ready` and ours


def test_a_module_is_built_without_weights() -> None:
    found = built("model.py:Small")
    assert found.way == "meta"
    assert all(p.is_meta for p in found.module.parameters())


def test_one_that_reads_values_has_only_its_parameters_without() -> None:
    found = built("model.py:Reads")
    assert found.way == "registered"
    assert [tuple(p.shape) for p in found.module.parameters()] == [(3, 4), (3,)]
    assert all(p.is_meta for p in found.module.parameters())


def test_one_that_is_there_has_its_weights() -> None:
    found = built("model.py:ready")
    assert found.way == "given"
    assert not any(p.is_meta for p in found.module.parameters())


def test_weights_are_made_where_it_is_to_run() -> None:
    found = target("model.py:Small")
    assert found is not None
    module = with_weights(found, {"depth": 1})
    assert not any(p.is_meta for p in module.parameters())
    assert len(module.body) == 1


def test_random_numbers_stay() -> None:
    before = torch.get_rng_state()
    built("model.py:Small")
    assert torch.equal(torch.get_rng_state(), before)


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gives_a_number", "an object of class int, expected a torch.nn.Module"),
        ("number", "`number` is an object of class int"),
        ("Smal", "did you mean `Small`?"),
        ("Outer.Iner", "did you mean `Inner`?"),
        ("leaves", "SystemExit: 3"),
        ("wants_a_gpu", "move it to a device outside of the constructor"),
        ("downloads", "it downloads https://example.com/weights.pth"),
        ("uses_what_is_missing", "pip install no_such_package_at_all"),
        ("Small:bdy", "did you mean `body`?"),
    ],
)
def test_what_gives_none(name: str, said: str) -> None:
    assert said in refused(f"model.py:{name}")


def test_an_error_has_its_line_and_is_inert() -> None:
    text = refused("model.py:raises")
    assert text.startswith(f"model.py:{line('RAISES')}: error: model.py:raises cannot be built: ")
    assert "\x1b" not in text
    assert not [part for part in text.splitlines() if part.startswith("::")]


def test_the_line_is_the_users_and_not_pythons() -> None:
    assert refused("model.py:library").startswith(f"model.py:{line('LIBRARY')}: error: ")


def test_who_interrupts_interrupts() -> None:
    with pytest.raises(KeyboardInterrupt):
        built("model.py:interrupts")


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("model.py:Small", {"dept": 3}, "it takes no argument `dept` [capture]\n  hint: did you"),
        ("model.py:Small", {"bais": True}, "did you mean `bias`?"),
        ("model.py:build", {"depth": 3}, "leave --arg out"),
        ("model.py:ready", {"depth": 3}, "it is a module already"),
        ("model.py:Configured", {"widht": 3}, "did you mean `width`?"),
        ("model.py:Configured", {"image_sise": 3}, "did you mean `image_size`?"),
        ("model.py:any_names", {"dept": 3}, "unexpected keyword argument 'dept'"),
        ("model.py:Small", {"depth": "x"}, "TypeError"),
    ],
)
def test_arguments_that_do_not_fit(text: str, values: dict[str, Any], said: str) -> None:
    assert said in refused(text, **values)


def test_nothing_is_downloaded_and_all_is_as_before() -> None:
    load, offline = torch.hub.download_url_to_file, os.environ.get("HF_HUB_OFFLINE")
    assert "--arg pretrained=false" in refused("model.py:downloads")
    assert torch.hub.download_url_to_file is load
    assert os.environ.get("HF_HUB_OFFLINE") == offline
    assert nn.Module.register_parameter.__module__ == "torch.nn.modules.module"


# --- files and packages ---


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.py", "def f(:\n", "bad.py:1:7: error: bad.py:f cannot be built: SyntaxError"),
        ("zero.py", "a = 1\0", "cannot be built"),
        ("empty.py", "", "empty.py has no `f`"),
        ("none.py", None, "none.py: error: there is no such file"),
        ("latin.py", "é".encode("latin-1"), "cannot be built: SyntaxError"),
    ],
)
def test_files(code: Path, name: str, content: str | bytes | None, said: str) -> None:
    if isinstance(content, str):
        (code / name).write_text(content, encoding="utf-8")
    elif content is not None:
        (code / name).write_bytes(content)
    assert said in refused(f"{name}:f")


def test_a_folder_is_no_file(code: Path) -> None:
    (code / "folder.py").mkdir()
    assert "there is no such file" in refused("folder.py:f")


def test_packages_of_the_working_directory(code: Path) -> None:
    package = code / "pack"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "nets.py").write_text("from .parts import Net\n", encoding="utf-8")
    (package / "parts.py").write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from torch import nn\n"
        "@dataclass\n"
        "class Sizes:\n"
        "    width: int = 4\n"
        "class Net(nn.Linear):\n"
        "    def __init__(self, sizes: Sizes | None = None):\n"
        "        super().__init__((sizes or Sizes()).width, 2)\n",
        encoding="utf-8",
    )
    assert built("pack.nets:Net").module.in_features == 4
    assert built("pack/parts.py:Net").module.in_features == 4  # dataclasses want their module
    assert "package.module:NAME" in refused("pack/nets.py:Net")
    assert "pip install pack.none" in refused("pack.none:Net")
    assert "pack has no `Net`" in refused("pack:Net")


def test_a_file_finds_what_is_beside_it(code: Path) -> None:
    folder = code / "sub"
    folder.mkdir()
    (folder / "beside_it.py").write_text("from torch.nn import Linear\n", encoding="utf-8")
    (folder / "net.py").write_text(
        "from beside_it import Linear\ndef build(): return Linear(2, 3)\n", encoding="utf-8"
    )
    assert built("sub/net.py:build").module.out_features == 3
    assert "beside_it" in sys.modules


def test_a_shipped_networks_variant_goes_by_its_own_name() -> None:
    assert "a variant of a shipped family goes by its own name" in refused("resnet50:variant")
    assert "pip install no_such" in refused("no_such:variant")
