"""Every kind of mistake a file of claims can have, each with the whole text that its author reads;
and what no file can do.

`python -m tests.commands.lecture.claims.test_reader` writes the texts of malformed.txt again, to be
read before they are believed.
"""

from __future__ import annotations

import copy
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archprof.allowance import Allowance
from archprof.commands.lecture.claims.document import Experiment, Part, Stated
from archprof.commands.lecture.claims.library import shipped_lectures
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.decision import Witnesses
from archprof.commands.lecture.deciding.judge import judge
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.writing.wording import decision_text
from archprof.limits import Limits
from archprof.problem import ProblemError

FILE = Path(__file__).parent / "malformed.txt"
CASES = dict(
    re.findall(
        r"^=== (.+)\n((?:.*\n)*?)(?=^=== |\Z)", FILE.read_text(encoding="utf-8"), re.MULTILINE
    )
)
BESIDE = {  # files that the cases name
    "blocks.yaml": "name: blocks\nblocks: {a: {layers: {b: {op: relu}}}}\n",
    "family.yaml": (
        "name: family\ninput: 3x8x8\nparams: {width: }\nlayers: {a: {op: conv2d, out: $width,"
        " kernel: 3}}\nvariants: {small: {width: 2}, middle: {width: 4}}\n"
    ),
}


def complaints(text: str) -> str:
    """All that is said about a file of claims: when it is read, else when its claims are
    decided.
    """
    Path("case.yaml").write_text(text, encoding="utf-8")
    try:
        lecture = load_lecture(Path("case.yaml"))
        subjects = Subjects(lecture)
        for claim in lecture.claims.values():
            judge(lecture, claim, subjects, Witnesses())
    except ProblemError as error:
        return str(error) + "\n"
    return ""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in BESIDE.items():
        Path(name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", CASES)
def test_message(name: str) -> None:
    text, rule, expected = CASES[name].partition("---\n")
    assert rule
    found = complaints(text)
    assert found == expected
    assert found.startswith("case.yaml") or "in network alexnet (case.yaml:2)" in found


def test_there_are_many_cases() -> None:
    assert len(CASES) > 130


def test_most_mistakes_have_a_way_out() -> None:
    """Where the message already says what is expected, a hint would repeat it."""
    for name, case in CASES.items():
        for problem in re.split(r"\n(?=case.yaml:)", case.partition("---\n")[2]):
            assert re.search(
                "hint: |expected|is not part of| has no |there is no file|divides by zero", problem
            ), (name, problem)


# --- what is not a plain file, or reaches too far ---


def test_missing_and_directory(folder: Path) -> None:
    with pytest.raises(ProblemError, match=r"claims.yaml: error: there is no such file \[file\]"):
        load_lecture(Path("claims.yaml"))
    Path("claims.yaml").mkdir()
    with pytest.raises(ProblemError, match="a directory, expected a file of claims"):
        load_lecture(Path("claims.yaml"))


CLAIM = "lecture: T\nclaims:\n  A: {of: {network: NET, quantity: params}, stated: 3}\n"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../../etc/hostname", "../outside.yaml", "~/x.yaml", "sub/../../outside.yaml"],
)
def test_networks_of_claims_stay_in_their_project(
    path: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies outside is neither read nor shown."""
    (folder.parent / "outside.yaml").write_text("name: secret\n", encoding="utf-8")
    text = complaints(CLAIM.replace("NET", path))
    assert "leads out of the project" in text or "there is no file" in text
    assert "root:" not in text
    assert "secret" not in text


def test_networks_beside_the_claims(folder: Path) -> None:
    """A path is taken from the claims on, wherever the program runs."""
    (folder / "deep").mkdir()
    claims = folder / "deep" / "claims.yaml"
    (folder / "archprof.toml").touch()
    claims.write_text(CLAIM.replace("NET", "../family.yaml:small"), encoding="utf-8")
    lecture = load_lecture(claims)
    [found] = judge(lecture, lecture.claims["A"], Subjects(lecture), Witnesses()).decisions
    assert decision_text(found).analysis == str(3 * 3 * 3 * 2 + 2)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "text",
    [
        "lecture: T\0\n",
        "\ud800",
        'lecture: "T\\e[31m"\nclaims: {"A\\u202e": {undecidable: x}}\n',
        (
            'lecture: T\nclaims: {A: {of: {network: "\\e[2J", quantity: "\\e[2J"}, stated:'
            ' "\\e[2J"}}\n'
        ),
    ],
)
def test_nothing_reaches_the_terminal_raw(text: str) -> None:
    Path("case.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ProblemError) as raised:
        load_lecture(Path("case.yaml"))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", str(raised.value))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "stated",
    [
        "9" * 5000,
        "1." + "0" * 5000,
        "1e999",
        "1" + "," * 5000,
        "~" * 5000,
        "1 / " + "x" * 5000,
        "0x" * 3000,
    ],
)
def test_figures_beyond_all_measure(stated: str) -> None:
    start = time.process_time()
    text = complaints(CLAIM.replace("NET", "alexnet").replace("stated: 3", f'stated: "{stated}"'))
    assert text == "" or "expected a figure" in text
    assert time.process_time() - start < 2


@pytest.mark.usefixtures("folder")
def test_aliases_and_depth() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcde", "bcdef", strict=True)
    )
    assert "more than 100,000 values" in complaints(bomb)
    assert "nested deeper" in complaints("lecture: T\nclaims: " + "{a: " * 50 + "1" + "}" * 50)


# --- what is read as it stands ---


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("written", "text", "step"),
    [
        ("1.50", "1.50", "1/100"),
        ("1.5", "1.5", "1/10"),
        ("1.8e+9", "1.8e+9", "100000000"),
        ("35", "35", "0"),
        ('"1.8e9"', "1.8e9", "100000000"),
    ],
)
def test_a_figure_states_the_digits_it_is_written_with(written: str, text: str, step: str) -> None:
    """YAML would make 1.5 of 1.50, and ten digits of 1.8e+9."""
    Path("case.yaml").write_text(
        CLAIM.replace("NET", "alexnet").replace("stated: 3", f"stated: {written}"), encoding="utf-8"
    )
    statement = load_lecture(Path("case.yaml")).claims["A"].parts[0].statement
    assert isinstance(statement, Stated)
    assert statement.figure
    assert (statement.text, str(statement.figure.step)) == (text, step)


@pytest.mark.usefixtures("folder")
def test_words_of_formulas() -> None:
    """A letter may have digits behind it; a number its exponent; a word of the language is not
    a letter.
    """
    formula = "floor((W1 - F + 2*P) / S) + 1 if S > 0 and not P < 0 else 1e3 * max(F, 24.5e1)"
    Path("case.yaml").write_text(
        "lecture: T\nclaims:\n  A: {of: {network: alexnet, layers: conv1, quantity: height},"
        f" stated: 55, formula: '{formula}', with: {{W1: 227, F: 11, P: 0, S: 4}}}}\n",
        encoding="utf-8",
    )
    lecture = load_lecture(Path("case.yaml"))
    [found] = judge(lecture, lecture.claims["A"], Subjects(lecture), Witnesses()).decisions
    assert found.verdict.word == "holds"
    assert decision_text(found).by_hand.endswith("= 55")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("written", "inputs"), [("3x8x8", "3x8x8"), ("[3x8x8, 3x9x9]", ["3x8x8", "3x9x9"])]
)
def test_an_input_of_an_experiment_or_several(written: str, inputs: object) -> None:
    experiment = f"{{run: runs, network: alexnet, inputs: {written}}}"
    Path("case.yaml").write_text(
        f"lecture: T\nclaims: {{A: {{experiment: {experiment}, stated: runs}}}}\n", encoding="utf-8"
    )
    statement = load_lecture(Path("case.yaml")).claims["A"].parts[0].statement
    assert isinstance(statement, Experiment)
    assert statement.arguments == (("network", "alexnet"), ("inputs", inputs))


# --- the shipped files ---


def parts() -> Iterator[tuple[str, Part]]:
    for lecture in shipped_lectures():
        for claim in lecture.claims.values():
            for part in claim.parts:
                yield claim.id, part


def test_every_shipped_claim_says_something_and_records_its_verdict() -> None:
    found = list(parts())
    assert len(found) > 100
    for claim, part in found:
        assert part.recorded, (claim, part.label)


def test_ids_are_the_shipped_lectures_own_and_contradictions_name_claims() -> None:
    claims = [claim for lecture in shipped_lectures() for claim in lecture.claims.values()]
    known = [claim.id for claim in claims]
    assert len(known) == len(set(known))
    for claim in claims:
        assert set(claim.contradicts) <= set(known), claim.id


def test_every_network_of_a_shipped_file_is_spoken_of() -> None:
    for lecture in shipped_lectures():
        body = lecture.text.partition("\nclaims:\n")[2]
        for name in lecture.networks:
            assert re.search(rf"(network|left|right): {re.escape(name)}\b", body), (
                lecture.id,
                name,
            )


# --- hostile files ---

SOUND = """
lecture: T
title: every kind
shapes: HxWxC
networks:
  small: {spec: {input: 3x8x8,
                 blocks: {unit: {layers: {conv: {op: conv2d, out: 4, kernel: 3, padding: 1},
                                          relu: {op: relu}}}},
                 layers: {a: {block: unit, repeat: 2}, pool: {op: max_pool2d, kernel: 2},
                          flatten: {op: flatten}, fc: {op: linear, out: 5}}}}
  other: {network: lenet5, input: 1x32x32}
claims:
  A: {slide: s, says: s 325, note: n, likely: x, contradicts: [B], verdict: holds,
      of: {network: small, layers: fc, quantity: params}, stated: 325, formula: (I + 1)*O,
      with: {I: 64, O: 5}}
  B: {of: {ratio: [{network: small, quantity: macs},
                   {network: other, op: [conv2d, linear], quantity: flops}],
           batch: 2, dtype: float16}, stated: 12x}
  C: {of: {network: small, layers: a.0, quantity: shape}, stated: 8x8x4, shapes: HxWxC}
  D: {of: {network: small, each: unit, op: conv2d, where: {kernel: 3}, quantity: layers},
      stated: 1}
  E: {of: {network: small, first: a.0, last: pool, block: unit, quantity: flops}, stated: 0.5M}
  F: {table: {network: small,
              rows: [{layers: fc, params: 325, shape: 5, verdicts: {params: holds}, label: fc},
                     {layers: pool, elements: 64, verdict: holds}]}}
  G: {order: {relation: ">", sides: [{network: small, op: linear, quantity: params}, 3,
                                     {network: other, quantity: field, layers: c1}]}}
  H: {every: {network: small, op: conv2d, is: {kernel: 3, groups: 1}, followed_by: relu}}
  I: {modules: {network: small, under: a.0, are: [{op: conv2d, out: 4}, {op: relu}]}}
  J: {law: {network: small, op: conv2d, formula: (W - F + 2*P)/S + 1,
            names: {W: input_width, F: kernel, P: padding, S: stride}, gives: width}}
  K: {series: {network: small, op: conv2d, quantity: channels, is: never falling}}
  L: {experiment: {run: runs, network: small, inputs: [3x8x8]}, stated: runs}
  M: {parts: {one: {of: {network: small, quantity: depth}, stated: 3},
              two: {undecidable: taste, verdict: undecidable},
              four: {published: {value: "1e-4", source: a paper}, stated: "1e-4"},
              five: {published: {relation: "<", source: a paper, values: [1%,
                       {table: convnext_roadmap, row: {regime: t, step: 6},
                        column: accuracy, unit: "%"}]}, stated: better},
              three: {not_modelled: no recurrent layers, verdict: not modelled}},
      also: {six: {of: {network: small, quantity: depth}, stated: 3, reads: three}},
      network: small, set: {}, optimizer: adam}
"""
DATA = yaml.safe_load(SOUND)
VALUES: tuple[Any, ...] = (
    0,
    -1,
    1,
    3,
    2.5,
    10**17,
    True,
    False,
    None,
    "",
    [],
    {},
    [[]],
    {"a": {"b": "c"}},
    [1, 2],
    "relu",
    "input",
    "small",
    "other",
    "a.0",
    "a.*",
    "*",
    "[",
    "shape",
    "params",
    "field",
    "input_width",
    "channels",
    "35K",
    "1e9",
    "12x",
    "3x8x8",
    "8",
    "$W",
    "W",
    "(W",
    "W/0",
    "sum(W)",
    "range(9)",
    "3x3",
    "holds",
    "holds as ",
    "x" * 300,
    "\u202e\x1b[0m",
    {"network": "small", "quantity": "params"},
    {"ratio": [1, 0]},
    [{"layers": "fc", "params": 3}],
    {"op": "relu"},
    "family.yaml",
    "family.yaml:small",
    "../x.yaml",
    {"undecidable": "x"},
    ">",
    "HxWxC",
    "unit",
    {"spec": {"input": "3x8x8", "layers": [{"op": "relu"}]}},
)
PIECES = (
    "yes",
    "1e3",
    "010",
    "1:30",
    ".inf",
    "!!python/object:os.system x",
    "&a [*a]",
    "*a",
    "<<",
    "? x",
    "---",
    "#",
    "|",
    "'",
    '"',
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "\t",
    "\x07",
    "１２",
    "$",
    "null",
    "a: b",
)
CHECKED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.fixture(scope="module", autouse=True)
def few_layers() -> Iterator[None]:
    with Allowance(Limits(seconds=1e6, layers=2000), alarm=False):
        yield


def survives(text: str) -> None:
    """A verdict or a ProblemError, soon, and nothing raw in it."""
    start = time.process_time()
    shown = complaints(text)
    assert time.process_time() - start < 3
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)


@pytest.mark.usefixtures("folder")
def test_the_file_they_start_from_is_sound() -> None:
    assert complaints(SOUND) == ""
    lecture = load_lecture(Path("case.yaml"))
    kinds = {
        type(part.statement).__name__ for claim in lecture.claims.values() for part in claim.parts
    }
    assert len(kinds) == 10
    assert any(isinstance(part.statement, Experiment) for part in lecture.claims["L"].parts)


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every entry of a tree, as its container and its key there."""
    found: list[tuple[Any, Any]] = []
    keys: list[Any] = []
    if isinstance(data, dict):
        keys = [*data]
    elif isinstance(data, list):
        keys = [*range(len(data))]
    for key in keys:
        found += [(data, key), *places(data[key])]
    return found


@settings(CHECKED, max_examples=200)
@given(
    changes=st.lists(
        st.tuples(
            st.sampled_from(("value", "other", "delete", "rename")),
            st.integers(0, 5000),
            st.integers(0, 5000),
            st.sampled_from(VALUES),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_every_word_changed(folder: Path, changes: list[tuple[str, int, int, Any]]) -> None:
    data = copy.deepcopy(DATA)
    for kind, place, other, value in changes:
        entries = places(data)
        (container, key), (source, name) = (
            entries[place % len(entries)],
            entries[other % len(entries)],
        )
        if kind == "delete":
            del container[key]
        elif kind == "rename" and isinstance(container, dict):
            container[str(value)[:50]] = container.pop(key)
        else:
            container[key] = copy.deepcopy(value if kind == "value" else source[name])
    survives(yaml.safe_dump(data, allow_unicode=True, sort_keys=False))


@settings(CHECKED, max_examples=250)
@given(place=st.integers(0, len(SOUND)), cut=st.integers(0, 12), piece=st.sampled_from(PIECES))
def test_text_edited(folder: Path, place: int, cut: int, piece: str) -> None:
    survives(SOUND[:place] + piece + SOUND[place + cut :])


def rewrite() -> None:
    import tempfile

    texts = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, text in BESIDE.items():
            Path(name).write_text(text, encoding="utf-8")
        for name, case in CASES.items():
            text = case.partition("---\n")[0]
            texts.append(f"=== {name}\n{text}---\n{complaints(text)}")
    FILE.write_text("".join(texts), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
