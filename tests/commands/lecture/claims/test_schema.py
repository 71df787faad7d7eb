"""The schema of files of claims: it accepts what the reader accepts, refuses what is broken, and
is the shipped one.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft202012Validator, meta

from archprof.commands.lecture.claims.experiments import EXPERIMENTS
from archprof.commands.lecture.claims.figures import parse_figure, parse_filter, parse_volume
from archprof.commands.lecture.claims.keys import KINDS
from archprof.commands.lecture.claims.layer_types import parse_type
from archprof.commands.lecture.claims.quantities import QUANTITIES
from archprof.commands.lecture.claims.ranges import parse_range
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.claims.schema import lecture_schema
from archprof.commands.lecture.claims.schema_words import WORDS
from archprof.language.schema import spec_schema
from archprof.language.shipped_folder import specs_folder
from archprof.problem import ProblemError
from tests.commands.edit.test_schema_command import Core
from tests.commands.lecture.claims.test_reader import CASES, DATA
from tests.contracts import fault

SHIPPED = [
    *sorted((specs_folder() / "lectures").glob("*.yaml")),
    *sorted((specs_folder() / "papers").glob("*.yaml")),
]
WRITTEN = [*SHIPPED, *sorted(Path(__file__).parent.glob("*.yaml"))]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = lecture_schema()
    meta.validate(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("loader", [yaml.SafeLoader, Core], ids=["yaml-1.1", "yaml-1.2"])
@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_shipped_claims(
    validator: Draft202012Validator, path: Path, loader: type[yaml.SafeLoader]
) -> None:
    assert fault(validator, yaml.load(path.read_text(encoding="utf-8"), loader)) == ""


def test_schema_with_the_claims_is_the_programs_own() -> None:
    """Editors read specs/lectures/schema.json; `archprof schema lecture -o
    specs/lectures/schema.json` writes it again.
    """
    assert (
        json.loads((specs_folder() / "lectures" / "schema.json").read_text(encoding="utf-8"))
        == lecture_schema()
    )


def test_each_shipped_file_names_it() -> None:
    assert len(SHIPPED) >= 2
    for path in SHIPPED:
        folder = "" if path.parent.name == "lectures" else "../lectures/"
        first = f"# yaml-language-server: $schema={folder}schema.json\n"
        assert path.read_text(encoding="utf-8").startswith(first), path


def test_a_file_of_every_kind(validator: Draft202012Validator) -> None:
    assert fault(validator, DATA) == ""
    statements = [
        s for claim in DATA["claims"].values() for s in (claim, *claim.get("parts", {}).values())
    ]
    assert {kind for statement in statements for kind in KINDS if kind in statement} == {*KINDS}


def test_no_name_of_the_specs_schema_is_taken() -> None:
    own = lecture_schema()["$defs"].keys() - spec_schema()["$defs"].keys()
    assert {
        "spec",
        "named",
        "claim",
        "part",
        "term",
        "quantity",
        "row",
        "table",
        "experiment",
        "published",
        "figure",
        "range",
        "volume",
        "filter",
        "verdict",
        "ops",
        "settings",
    } == own


# what the reader refuses because of what else the file or a network has, which no schema can know
BEYOND = {
    "network itself",
    "network cycle",
    "network set unknown",
    "network of impossible spec",
    "network unknown",
    "network no file",
    "layer unknown",
    "first unknown",
    "first after last",
    "block unknown",
    "each unknown",
    "each on whole",
    "whole selected",
    "input",
    "input too small",
    "set unknown",
    "table whole with layers",
    "table no network",
    "network missing",
    "of number",
    "ratio of shapes",
    "order shape",
    "stated shape of number",
    "stated number of shape",
    "formula bad",
    "formula letter",
    "formula zero",
    "formula list",
    "formula x",
    "formula caret",
    "formula big",
    "letter before a bracket",
    "a formula in the second line",
    "law bad formula",
    "with no formula",
    "table verdicts",
    "frozen nothing",
    "modules under unknown",
    "contradicts self",
    "duplicate claim",
    "stated exp",
    "blocks only",
    "several networks",
    "variant unknown",
    "stated list",
    "range the wrong way",
    "published, words in order",
    "published, several rows",
    "every, an output's height as a setting",
    "every, an output's height as a setting of an op",
    "every, a setting of another op",
    "every, a setting of some of the layers",
    "every, a setting of an op without any",
    "law, a letter for what the layer does not have",
    "order of a thing with itself",
    "ratio of a thing and itself",
    "arithmetic of dropout",
    "every layer is as selected",
    "law of a letter",
    "equal to itself",
    "published, a row by a column that is not there",
    "published, a column that is not there",
    "stated is not in says",
    "a part's figure is not in says",
    "reads is not in says",
    "reads says no number",
    "reads says another number",
    "a published word is not in says",
    "an experiment's figure is not in says",
}


@pytest.mark.parametrize("name", [name for name in CASES if name not in BEYOND])
def test_what_the_reader_refuses_it_refuses(validator: Draft202012Validator, name: str) -> None:
    try:
        data = yaml.safe_load(CASES[name].partition("---\n")[0])
    except yaml.YAMLError:
        return
    assert fault(validator, data) != ""


@pytest.mark.parametrize("name", sorted(BEYOND))
def test_what_is_said_to_be_beyond_it_is(validator: Draft202012Validator, name: str) -> None:
    try:
        assert fault(validator, yaml.safe_load(CASES[name].partition("---\n")[0])) == ""
    except yaml.YAMLError:
        pytest.skip("no YAML to other readers")


BREAK: dict[str, Callable[[dict[str, Any]], Any]] = {
    "unknown key": lambda c: c["A"].update(sldie="x"),
    "two kinds": lambda c: c["A"].update(undecidable="x"),
    "no kind": lambda c: c["A"].pop("of"),
    "nothing stated": lambda c: c["A"].pop("stated"),
    "no figure": lambda c: c["A"].update(stated="35 KG"),
    "no verdict": lambda c: c["A"].update(verdict="hold"),
    "unknown quantity": lambda c: c["A"]["of"].update(quantity="parms"),
    "unknown op": lambda c: c["D"]["of"].update(op="conv4d"),
    "unknown setting": lambda c: c["D"]["of"]["where"].update(kernal=3),
    "setting of the wrong kind": lambda c: c["D"]["of"]["where"].update(kernel=-3),
    "a ratio of one": lambda c: c["B"]["of"]["ratio"].pop(),
    "an empty table": lambda c: c["F"]["table"].update(rows=[]),
    "a cell that is not a quantity": lambda c: c["F"]["table"]["rows"][0].update(parms=3),
    "a verdict of no cell": lambda c: c["F"]["table"]["rows"][0]["verdicts"].update(layers="holds"),
    "one side": lambda c: c["G"]["order"].update(sides=[1]),
    "unknown relation": lambda c: c["G"]["order"].update(relation="=>"),
    "every of nothing": lambda c: [c["H"]["every"].pop(word) for word in ("is", "followed_by")],
    "a module without its op": lambda c: c["I"]["modules"]["are"][0].pop("op"),
    "a law that gives nothing": lambda c: c["J"]["law"].pop("gives"),
    "a letter for nothing known": lambda c: c["J"]["law"]["names"].update(W="widht"),
    "unknown trend": lambda c: c["K"]["series"].update({"is": "rising"}),
    "unknown experiment": lambda c: c["L"]["experiment"].update(run="rns"),
    "an experiment without its network": lambda c: c["L"]["experiment"].pop("network"),
    "a table in a part": lambda c: c["M"]["parts"].update(three=c["F"]),
    "no parts": lambda c: c["M"].update(parts={}),
    "an id with a blank": lambda c: c.update({"a b": c["A"]}),
}


@pytest.mark.parametrize("name", BREAK)
def test_broken_claims_are_refused(
    validator: Draft202012Validator, tmp_path: Path, name: str
) -> None:
    """By the schema and by the reader."""
    data = copy.deepcopy(DATA)
    BREAK[name](data["claims"])
    assert fault(validator, data) != ""
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    with pytest.raises(ProblemError):
        load_lecture(path)


@pytest.mark.parametrize(
    "text",
    [
        "35K",
        "96 MB",
        "1.8e9",
        "12x",
        "about 5 million",
        "~2",
        "418 MFLOP",
        "24M",
        "3.6e+9",
        "-3",
        "96 MB / image",
        "25%",
        "1,728",
        "5 millions",
        "35 KG",
        "many",
        "3x4",
        "",
        "12 x",
        "1.8.0",
        "B",
        "e9",
        "10 B",
        "4 GiB",
        "62_378_344",
        "≈12x",
        "1.",
        "1e999",
        "3.8 × 10^9",
        "3.8×10⁹ FLOPs",
        "3.8 × 10^999",
        "138M parameters",
        "12 times",
    ],
)
def test_figures_as_the_reader_has_them(validator: Draft202012Validator, text: str) -> None:
    schema = {"$ref": "#/$defs/figure", "$defs": lecture_schema()["$defs"]}
    assert Draft202012Validator(schema).is_valid(text) == (parse_figure(text) is not None)


RANGES = [
    "130-140M",
    "8 to 9 times",
    ">100M",
    "at most 5%",
    "≥ 3",
    "over 60 million",
    "many-few",
    ">",
    "3-",
    "12",
]
FILTERS = ["3×3×3×32", "3 × 3 × 32 dw", "1024x1000", "Pool 7 × 7", "big", "3", "3x3x3x3x3", "dw"]
VOLUMES = ["224 × 224 × 3", "56×56", "4096", "3x224x224", "wide", "3x", ""]
TYPES = [
    "Conv / s2",
    "Conv dw / s1",
    "7×7/2",
    "Max Pool 3x3/2",
    "FC",
    "/ s1",
    "Dense",
    "conv s2",
    "cONV",
]


@pytest.mark.parametrize(
    ("name", "texts", "parse"),
    [
        ("range", RANGES, parse_range),
        ("filter", FILTERS, parse_filter),
        ("volume", VOLUMES, lambda text: parse_volume(text, False)),
    ],
)
def test_what_papers_print_as_the_reader_has_it(
    validator: Draft202012Validator, name: str, texts: list[str], parse: Callable[[str], object]
) -> None:
    schema = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": lecture_schema()["$defs"]})
    valid = [text for text in texts if schema.is_valid(text)]
    assert valid == [text for text in texts if parse(text) is not None]
    assert 0 < len(valid) < len(texts)


def test_types_of_layers_as_the_reader_has_them() -> None:
    """But for letters large and small where nobody has them so."""
    schema = Draft202012Validator(WORDS["type"])
    valid = [text for text in TYPES if schema.is_valid(text)]
    assert valid == [text for text in TYPES[:-1] if parse_type(text) is not None] == TYPES[:6]


def test_every_field_says_what_it_means() -> None:
    """By itself, or by what it refers to; those of a spec are in the schema of specs."""
    schema = lecture_schema()
    own = {
        name: part for name, part in schema["$defs"].items() if name not in spec_schema()["$defs"]
    }
    nodes: list[Any] = [
        schema["properties"],
        *(part for name, part in own.items() if name != "spec"),
    ]
    missing = []
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            nodes += node.values()
            fields = node.get("properties", {})
            missing += [name for name, field in fields.items() if "description" not in field]
    assert missing == []


def test_every_quantity_and_experiment_says_what_it_means() -> None:
    defs = lecture_schema()["$defs"]
    assert {entry["const"] for entry in defs["quantity"]["anyOf"] if entry["description"]} == {
        *QUANTITIES
    }
    assert {
        entry["properties"]["run"]["const"]
        for entry in defs["experiment"]["anyOf"]
        if entry["description"]
    } == {*EXPERIMENTS}
