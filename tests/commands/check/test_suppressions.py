"""Comments that suppress: where they hold, what is wrong with them, and when they are no longer
needed.
"""

from __future__ import annotations

import pytest

from archprof.commands.check.conditions import Conditions
from archprof.commands.check.suppressions import suppressions
from tests.commands.check.checked import net, report, result

NORM = "norm: {op: batch_norm2d}"
CONV = "{op: conv2d, out: 8, kernel: 3}"


def rules(text: str, **options: object) -> list[tuple[str, int]]:
    return [
        (finding.problem.rule, finding.problem.mark.line)
        for finding in result(text, **options).findings
    ]


@pytest.mark.parametrize(
    "layers",
    [
        [f"conv: {CONV}  # archprof: ignore[conv-bias] why"],
        [f"conv: {CONV}  #archprof:ignore[ conv-bias ]why"],
        [f"conv: {CONV}  # the paper's  # archprof: ignore[conv-bias, expect] why"],
        ["# archprof: ignore[conv-bias] why", "", "# and more", f"conv: {CONV}"],
    ],
    ids=["behind", "narrow", "beside another comment", "above"],
)
def test_where_it_holds(layers: list[str]) -> None:
    found = rules(net(*layers, NORM))
    assert [rule for rule, _ in found] in ([], ["unused-suppression"])
    assert ("conv-bias", 4) not in found


def test_another_line_is_not_meant() -> None:
    text = net(
        f"conv: {CONV}",
        f"{NORM}  # archprof: ignore[conv-bias] why",
        "# archprof: ignore[conv-bias] why",
        "relu: {op: relu}",
    )
    assert rules(text) == [("conv-bias", 4), ("unused-suppression", 5), ("unused-suppression", 6)]


def test_the_whole_file() -> None:
    text = net(
        f"conv: {CONV}",
        NORM,
        f"more: {CONV}",
        "again: {op: batch_norm2d}  # archprof: ignore-file[conv-bias] why",
    )
    assert rules(text) == []


def test_another_rule_is_not_meant() -> None:
    assert rules(net(f"conv: {CONV}  # archprof: ignore[remainder] why", NORM)) == [
        ("conv-bias", 4),
        ("unused-suppression", 4),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'title: "x # archprof: ignore-file[conv-bias] why"',
        "title: |\n  x\n  # archprof: ignore-file[conv-bias] why\n",
        "title: x#archprof:ignore-file[conv-bias] why",
    ],
)
def test_a_text_is_no_comment(text: str) -> None:
    assert [
        rule for rule, _ in rules(net(f"conv: {CONV}", NORM, head=f"input: 3x32x32\n{text}"))
    ] == ["conv-bias"]


@pytest.mark.parametrize(
    ("comment", "says"),
    [
        ("archprof: ignore", "names no rule to ignore"),
        ("archprof: ignore[]", "names no rule to ignore"),
        ("archprof: ignroe[conv-bias] why", "names no rule to ignore"),
        ("archprof: ignore[conv-bias]", "`conv-bias` is ignored without a reason"),
        ("archprof: ignore[conv-bias]   ", "`conv-bias` is ignored without a reason"),
        ("archprof: ignore[conv-bais] why", "there is no rule `conv-bais`"),
        ("archprof: ignore[shape] why", "`shape` cannot be left out"),
    ],
)
def test_mistakes(comment: str, says: str) -> None:
    (finding,) = [
        f
        for f in result(net(f"relu: {{op: relu}}  # {comment}")).findings
        if f.problem.rule == "suppression"
    ]
    assert says in finding.problem.message
    assert finding.problem.mark.line == 4
    assert finding.problem.mark.column == 21


def test_what_keeps_a_network_from_being_built_cannot_be_hidden() -> None:
    text = net("conv: {op: conv2d, out: 8, kernel: 99}  # archprof: ignore-file[shape] why")
    assert ("shape", 4) in rules(text)


def test_stated_totals_can() -> None:
    text = net(
        "conv: {op: conv2d, out: 8, kernel: 3, shape: 1x1x1}  # archprof:"
        " ignore[shape-assertion] why",
        tail="expect: {params: 1}  # archprof: ignore[expect] why",
    )
    assert rules(text) == []
    # though a shape is wrong as well
    assert rules(text.replace("  # archprof: ignore[expect] why", "")) == [("expect", 5)]


def test_for_the_whole_file_it_holds_in_the_shared_blocks_that_the_file_uses() -> None:
    layer = "unit: {block: conv_norm_act, with: {out: 12}}"
    after = "last: {op: conv2d, out: 8, kernel: 1}"
    text = net(layer, after, head="input: 16x32x32\nuse: blocks/conv_norm_act.yaml")
    whole, line = (f"  # archprof: {word}[tensor-cores] why" for word in ("ignore-file", "ignore"))
    assert [rule for rule, _ in rules(text)] == ["tensor-cores"]
    assert rules(text.replace(layer, layer + whole)) == []
    said = [rule for rule, _ in rules(text.replace(layer, layer + line))]
    assert sorted(said) == ["tensor-cores", "unused-suppression"]


# --- no longer needed ---


IDLE = net("relu: {op: relu}  # archprof: ignore[conv-bias] why")


def test_told_where_the_rule_ran() -> None:
    assert rules(IDLE) == [("unused-suppression", 4)]
    assert rules(IDLE, ignore=frozenset({"conv-bias"})) == []
    # the rule about suppressions is not selected
    assert rules(IDLE, select=frozenset({"conv-bias"})) == []
    assert rules(IDLE, select=frozenset({"conv-bias", "unused-suppression"})) == [
        ("unused-suppression", 4)
    ]


def test_not_told_where_the_file_could_not_be_looked_at_whole() -> None:
    assert rules(IDLE.replace("layers:", "expect: {params: x}\nlayers:")) == [("kind", 3)]
    broken = net(
        "conv: {op: conv2d, out: 8, kernel: 99}",
        "relu: {op: relu}  # archprof: ignore[conv-bias] why",
    )
    assert rules(broken) == [("shape", 4)]


def test_not_told_under_other_conditions() -> None:
    assert rules(IDLE, at=Conditions(None, 2)) == []


def test_a_file_of_blocks_by_itself_cannot_tell() -> None:
    text = (
        "name: net\nblocks:\n  unit:\n    layers: [{op: relu}]  # archprof: ignore[conv-bias] why\n"
    )
    assert rules(text) == []
    assert report(text).idle  # it is known all the same, for when another file uses it


def test_on_the_first_line_the_file_may_have_been_meant() -> None:
    text = "# archprof: ignore[conv-bias] why\n" + net(f"conv: {CONV}", NORM)
    (hint,) = (
        f.problem.hint for f in result(text).findings if f.problem.rule == "unused-suppression"
    )
    assert (
        hint == "for the whole file it is `# archprof: ignore-file[conv-bias] REASON`; otherwise"
        " remove it"
    )
    assert rules(text.replace("ignore[", "ignore-file[")) == []
    assert [
        f.problem.hint
        for f in result(net("relu: {op: relu}  # archprof: ignore[conv-bias] why")).findings
    ] == ["remove it"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# archprof: ignore[budget] why\na: 1\n", 2),
        ("# archprof: ignore[budget] why\n\n  # another comment\na: 1\n", 4),
        ("a: 1  # archprof: ignore[budget] why\nb: 2\n", 1),
        ("a: 1\nb: 2\n# archprof: ignore[budget] why\n# another comment\n", 3),  # nothing follows
    ],
)
def test_a_comment_is_about_the_next_line_with_more_than_one(text: str, line: int) -> None:
    ((found,), problems) = suppressions(text, "net.yaml")
    assert (found.line, problems) == (line, [])
