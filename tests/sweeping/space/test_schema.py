"""The schema of space files: it accepts what the reader accepts, refuses what is broken, and is the
shipped one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft202012Validator, meta

from archprof.language.shipped_folder import specs_folder
from archprof.sweeping.space.schema import space_schema
from tests.contracts import fault
from tests.sweeping.space.test_reader import FOLDER, NAMES, SPACE

SHIPPED = sorted((specs_folder() / "spaces").glob("*.yaml"))
BEYOND = {  # what a schema does not see: the network, other values, sizes, and YAML itself
    "axes",
    "digits",
    "down",
    "duplicate",
    "front",
    "index",
    "let",
    "log",
    "network",
    "network_faulty",
    "network_missing",
    "network_outside",
    "of_family",
    "parameter",
    "reserved",
    "sample_endless",
    "sample_huge",
    "sample_more",
    "sample_sobol",
    "set",
    "step",
    "steps",
    "unused",
    "yaml",
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = space_schema()
    meta.validate(schema)
    return Draft202012Validator(schema)


def loaded(text: str) -> Any:
    return yaml.load(text, yaml.SafeLoader)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_spaces(validator: Draft202012Validator, path: Path) -> None:
    assert fault(validator, loaded(path.read_text(encoding="utf-8"))) == ""


def test_each_shipped_file_names_it() -> None:
    for path in SHIPPED:
        first = "# yaml-language-server: $schema=schema.json\n"
        assert path.read_text(encoding="utf-8").startswith(first), path


def test_a_space_of_everything(validator: Draft202012Validator) -> None:
    assert fault(validator, loaded(SPACE)) == ""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BEYOND])
def test_malformed_spaces(validator: Draft202012Validator, name: str) -> None:
    assert fault(validator, loaded((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


def test_schema_with_the_spaces_is_the_programs_own() -> None:
    """Editors read specs/spaces/schema.json; `archprof schema space -o specs/spaces/schema.json`
    writes it again.
    """
    text = (specs_folder() / "spaces" / "schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == space_schema()
