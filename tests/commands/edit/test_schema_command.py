"""`archprof schema`: the spec's schema accepts what archprof accepts, and editors' readers see
the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import yaml
from jsonschema_rs import Draft202012Validator, meta

from archprof.cli.application import COMMANDS
from archprof.commands.edit.schema_command import MAKERS, PRINTED_BY, Of
from archprof.language.shipped_folder import specs_folder
from tests.command_line import Run
from tests.contracts import fault

SHIPPED = sorted([*specs_folder().glob("*.yaml"), *specs_folder().glob("blocks/*.yaml")])


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors read: no underscores in numbers, no `on` for true,
    no numbers to the base of 60.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own name


Core.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
Core.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
Core.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789")
)
Core.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    from archprof.language.schema import spec_schema

    schema = spec_schema()
    meta.validate(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("loader", [yaml.SafeLoader, Core], ids=["yaml-1.1", "yaml-1.2"])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_specs(
    validator: Draft202012Validator, path: Path, loader: type[yaml.SafeLoader]
) -> None:
    data = yaml.load(path.read_text(encoding="utf-8"), loader)
    assert fault(validator, data) == ""


def test_readers_differ_where_the_schema_must_not() -> None:
    text = "a: 62_378_344\nb: on\nc: 1:30"
    assert yaml.safe_load(text) == {"a": 62_378_344, "b": True, "c": 90}
    assert yaml.load(text, Core) == {"a": "62_378_344", "b": "on", "c": "1:30"}


SOUND = """
name: net
title: A net
input: 3x8x8
params: {width: 4, deep: }
blocks:
  unit:
    params: {out: , stride: 1}
    layers:
      conv: {op: conv2d, out: $out, kernel: 3, stride: $stride, padding: 1}
      relu: {op: relu}
layers:
  stem: {op: conv2d, out: $width * 2, kernel: [3, 1], bias: false, shape: 8x6x8}
  body: {block: unit, repeat: $deep, with: {out: 16}, first: {stride: 2}}
  features: [{op: relu}, {op: max_pool2d, kernel: 2}]
  norm: {op: batch_norm2d, frozen: [bias]}
  sum: {op: add, from: [features, features]}
  fc: {op: linear, out: 10, when: $width > 2}
expect: {params: 1_000, depth: 3, output: 10x2x2}
budget:
  - {max_params: 1M}
  - {max_step_flops: 1T, batch: 64, dtype: float32, optimizer: [adamw, fused], amp: bfloat16,
     freeze: ['stem*'], checkpoint: auto, accumulate: 4, device: cpu}
variants:
  small: {deep: 1, aliases: [tiny], budget: {max_macs: 1G, batch: 2}}
"""

BREAK: dict[str, Callable[[dict[str, Any]], Any]] = {
    "unknown key": lambda s: s.update(layer={}),
    "unknown setting": lambda s: s["layers"]["stem"].update(kernal=3),
    "unknown op": lambda s: s["layers"]["stem"].update(op="conv3d"),
    "op missing": lambda s: s["layers"]["stem"].pop("op"),
    "setting missing": lambda s: s["layers"]["stem"].pop("out"),
    "block missing": lambda s: s["layers"]["body"].pop("block"),
    "setting of the wrong kind": lambda s: s["layers"]["stem"].update(bias="maybe"),
    "negative": lambda s: s["layers"]["stem"].update(kernel=-3),
    "shape that is none": lambda s: s["layers"]["stem"].update(shape="8 by 6"),
    "input that is none": lambda s: s.update(input="big"),
    "input missing": lambda s: s.pop("input"),
    "name missing": lambda s: s.pop("name"),
    "name that is none": lambda s: s.update(name="a net"),
    "layer that is not a name": lambda s: s["layers"].update({"a b": {"op": "relu"}}),
    "layer that is a text": lambda s: s["layers"].update(a="relu"),
    "no layers": lambda s: s.update(layers={}),
    "layers that are a text": lambda s: s.update(layers="conv"),
    "unknown total": lambda s: s["expect"].update(parms=1),
    "total that is not a number": lambda s: s["expect"].update(params="many"),
    "repeat that is not a number": lambda s: s["layers"]["body"].update(repeat="often"),
    "year of no paper": lambda s: s.update(year=12),
    "block without layers": lambda s: s["blocks"].update(empty={"params": {}}),
    "from that is a number with a point": lambda s: s["layers"]["sum"].update({"from": 1.5}),
    "unknown initializer": lambda s: s.update(init={"conv2d": {"weight": {"gauss": 1}}}),
    "frozen that is no name": lambda s: s["layers"]["norm"].update(frozen=[1]),
    "unknown condition": lambda s: s["budget"][1].update(batches=3),
    "batch that is none": lambda s: s["budget"][1].update(batch=0),
    "unknown autocast": lambda s: s["budget"][1].update(amp="int8"),
    "budget that is a text": lambda s: s.update(budget="small"),
    "op and block": lambda s: s["layers"]["body"].update(op="relu"),
}


@pytest.mark.parametrize("loader", [yaml.SafeLoader, Core], ids=["yaml-1.1", "yaml-1.2"])
def test_sound(validator: Draft202012Validator, loader: type[yaml.SafeLoader]) -> None:
    assert list(validator.iter_errors(yaml.load(SOUND, loader))) == []


@pytest.mark.parametrize("fault", BREAK)
def test_broken(validator: Draft202012Validator, run: Run, tmp_path: Path, fault: str) -> None:
    """The schema and `check` refuse alike."""
    data = yaml.safe_load(SOUND)
    BREAK[fault](data)
    assert not validator.is_valid(data)
    path = tmp_path / "net.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert run("check", path).code == 1


def test_commands_print_them(
    run: Run, summary: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    spec = json.loads(run("schema").out)
    assert json.loads(run("schema", "spec").out) == spec
    assert run("schema", "-o", tmp_path / "schema.json").code == 0
    assert json.loads((tmp_path / "schema.json").read_text(encoding="utf-8")) == spec
    contract = json.loads(run("schema", "summary").out)
    meta.validate(contract)
    assert fault(Draft202012Validator(contract), summary("alexnet")) == ""
    assert (spec["$schema"], contract["$schema"]) == (
        "https://json-schema.org/draft/2020-12/schema",
    ) * 2


def _enums(annotation: Any) -> Iterator[type[Enum]]:
    """The enums in a type, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield annotation
    for part in get_args(annotation):
        yield from _enums(part)


def _prints_json(command: str) -> bool:
    function = getattr(import_module(f"archprof.commands.{COMMANDS[command]}"), command)
    hints = get_type_hints(function, include_extras=True)
    enums = [*_enums(hints.get("format")), *_enums(hints.get("to"))]
    return any("json" in [member.value for member in enum] for enum in enums)


def test_every_command_that_prints_json_has_a_schema() -> None:
    """A new command with `--format json` or `--to json` needs a contract: a member of `Of` and
    its maker.
    """
    files = (Of.spec, Of.lecture, Of.space)
    printed_by = [PRINTED_BY.get(of, of.value) for of in Of if of not in files]
    documented = {command.partition(" ")[0] for command in printed_by}
    documented |= {"search"}  # its table is as a sweep's, and so is its JSON
    assert documented == {command for command in COMMANDS if _prints_json(command)}
    assert MAKERS.keys() == set(Of)


@pytest.mark.parametrize("of", list(Of))
def test_every_schema_is_one(run: Run, of: Of) -> None:
    schema = json.loads(run("schema", of.value).out)
    meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
