"""The guide to files of claims: every example is a whole file whose verdicts are as it records
them, and every word of the language is taught.
"""

import re
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import (
    COMBINATIONS,
    RELATIONS,
    TRENDS,
    Experiment,
    Lecture,
    Quantity,
    Selection,
    Subject,
)
from archprof.commands.lecture.claims.experiments import EXPERIMENTS
from archprof.commands.lecture.claims.figures import PREFIXES, parse_figure
from archprof.commands.lecture.claims.keys import (
    ABOUT,
    BODIES,
    KINDS,
    NAMED,
    QUANTITY,
    ROW,
    SHAPES,
    TOP,
)
from archprof.commands.lecture.claims.layer_facts import FACTS
from archprof.commands.lecture.claims.quantities import QUANTITIES
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC
from archprof.commands.lecture.deciding.decision import Decision, Witnesses
from archprof.commands.lecture.deciding.judge import judge
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.verdicts import MEANINGS
from archprof.commands.lecture.solving.moves import LEFT_OUT
from archprof.commands.lecture.solving.scenes import SIDES
from archprof.commands.lecture.solving.search import solve
from archprof.commands.lecture.writing.wording import decision_text
from archprof.language.functions import FUNCTIONS
from archprof.language.shipped_folder import specs_folder
from archprof.ops.elements import DTYPES
from archprof.problem import Mark

GUIDE = (specs_folder() / "lectures" / "README.md").read_text(encoding="utf-8")
SLIDES = """# AlexNet
Parameters: $(11 \\cdot 11 \\cdot 3 + 1) \\cdot 96 = 35K$, half the neurons on each GPU.
ILSVRC'12 classification winner
"""
"""The text that an example of the guide quotes."""
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


def read(text: str, folder: Path) -> Lecture:
    path = folder / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    (folder / "slides.txt").write_text(SLIDES, encoding="utf-8")
    return load_lecture(path)


def findings(lecture: Lecture, witnesses: Witnesses) -> list[tuple[str, Decision]]:
    subjects = Subjects(lecture)
    return [
        (claim.id, f)
        for claim in lecture.claims.values()
        for f in judge(lecture, claim, subjects, witnesses).decisions
    ]


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda t: t.split("\n")[0].removeprefix("lecture: "))
def test_example_is_as_it_records(text: str, tmp_path: Path) -> None:
    lecture = read(text, tmp_path)
    decided = findings(lecture, Witnesses())
    assert decided
    for claim, found in decided:
        assert found.recorded, f"{claim} records no verdict"
        assert found.as_recorded, (claim, found)
    for claim in lecture.claims.values():
        if claim.likely:
            assert claim.likely in [
                cause
                for name, found in decided
                if name == claim.id
                for cause in decision_text(found).causes
            ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [text for text in EXAMPLES if "experiment:" in text],
    ids=lambda t: t.split("\n")[0].removeprefix("lecture: "),
)
def test_experiments_of_the_examples(text: str, tmp_path: Path) -> None:
    from archprof.commands.lecture.running import experiments as experiments

    for claim, found in findings(read(text, tmp_path), Witnesses(run=experiments.run)):
        assert found.recorded == found.verdict.word, (claim, found)


def test_every_kind_and_half_of_the_experiments_have_an_example(tmp_path: Path) -> None:
    claims = [claim for text in EXAMPLES for claim in read(text, tmp_path).claims.values()]
    assert {type(part.statement).__name__ for claim in claims for part in claim.parts} == {
        "Stated",
        "Order",
        "Every",
        "Modules",
        "Law",
        "Series",
        "Experiment",
        "Published",
        "Undecidable",
        "NotModelled",
    }
    assert {
        verdict
        for verdict in MEANINGS
        if any(
            part.recorded.startswith(verdict.removesuffix("…"))
            for claim in claims
            for part in claim.parts
        )
    } == {*MEANINGS} - {"not run"}
    run = {
        part.statement.name
        for claim in claims
        for part in claim.parts
        if isinstance(part.statement, Experiment)
    }
    assert len(run) >= 3


TAUGHT = {
    *TOP,
    *NAMED,
    *ABOUT,
    *QUANTITY,
    *ROW,
    *(word for words in (*KINDS.values(), *BODIES.values()) for word in words),
    *QUANTITIES,
    *FACTS,
    *EXPERIMENTS,
    *(argument for declared in EXPERIMENTS.values() for argument in declared.arguments),
    *KINDS,
    *COMBINATIONS,
    *TRENDS,
    *SHAPES,
    *FUNCTIONS,
}


@pytest.mark.parametrize("word", sorted(TAUGHT))
def test_every_word_of_the_language_is_taught(word: str) -> None:
    """As code, in the text or in an example."""
    code = "\n".join([*re.findall(r"`([^`\n]+)`", GUIDE), *EXAMPLES])
    assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", code), word


def test_every_relation_verdict_and_prefix_is_taught() -> None:
    for sign in RELATIONS:
        assert f"`{sign}`" in GUIDE
    for verdict in MEANINGS:
        assert f"`{verdict}`" in GUIDE
    for prefix in PREFIXES:
        assert not prefix or re.search(rf"\b{prefix}\b", GUIDE), prefix
    assert any(dtype in GUIDE for dtype in DTYPES)


def test_every_move_of_the_solver_is_told() -> None:
    text = GUIDE.partition("## What is likely behind a figure")[2].partition("\n## ")[0]
    for label in ARITHMETIC.values():
        assert label.removeprefix("FLOPs of ").removesuffix(" count") in text, label
    for what in {what for kinds in LEFT_OUT.values() for what in kinds}:
        assert what in text, what
    for side in SIDES:
        assert str(side) in text


@pytest.mark.parametrize(
    ("move", "quantity", "network", "figure"),
    [
        ("of FLOPs, that MACs are meant", "flops", "resnet18", "1.8e9"),
        ("another count", "macs", "resnet50", "4.11G"),  # fvcore's
        # 61,706 less 6 + 16 + 120 + 84 + 10
        ("parameters without biases", "params", "lenet5_full", "61,470"),
        # convolutions 650,080, pools 122,464, fc 9,192
        ("outputs of conv, pool and fc alone", "elements", "alexnet", "781,736"),
        # and 3*227*227
        ("those of conv, pool and fc, and the input", "elements", "alexnet", "936,323"),
        # 62,378,344 * 4 bytes / 1024^2 = 237.95
        ("a prefix in powers of 1024", "weight_bytes", "alexnet", "238M"),
        ("without the FC layers", "params", "vgg16", "14.7M"),  # 14,714,688
        ("one layer left out", "macs", "vgg16", "13.6G"),
    ],
)
def test_moves_cost_what_the_guide_says(
    move: str, quantity: str, network: str, figure: str
) -> None:
    [row] = re.findall(rf"^\| {move}[^|]*\| (\d) \| (\w+) \|$", GUIDE, re.MULTILINE)
    subjects = Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))
    printed = parse_figure(figure)
    assert printed is not None
    best = solve(
        subjects,
        Quantity(quantity, Subject(network, Mark("test")), Selection(), Mark("test")),
        printed,
    )[0]
    assert (best.cost, "reading" if best.reading else "slip") == (int(row[0]), row[1]), best


def test_experiments_are_told_as_declared() -> None:
    for name, declared in EXPERIMENTS.items():
        [row] = re.findall(rf"^\| `{name}` \| (.*) \| (.*) \|$", GUIDE, re.MULTILINE)
        assert row[1] == declared.gives
        assert re.findall(r"`(\w+)`", row[0]) == [*declared.required, *declared.optional]
