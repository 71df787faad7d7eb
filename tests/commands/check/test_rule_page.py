"""The page of a rule: its manual, and what `check` says of its examples."""

from __future__ import annotations

import pytest

from archprof.commands.check.rule_page import page_markdown, page_text, rule_page
from archprof.commands.check.rules import RULES, needed, summary
from tests.command_line import Run

SAID = """\
net.yaml:4:3: warning: `conv` adds a bias, and `norm` (batch_norm2d) takes it away again: 16 \
parameters that do nothing [conv-bias]
      conv: {op: conv2d, out: 16, kernel: 3}
      ^
  hint: bias: false"""


@pytest.mark.parametrize("name", RULES)
def test_what_fails_is_said_and_what_passes_is_not(name: str) -> None:
    page = rule_page(name)
    assert " ".join(page.about[0].split()) == summary(name)
    assert {example.passes for example in page.examples} == {True, False}
    for example in page.examples:
        expected = example.language == "yaml" and not example.passes
        assert (f"[{name}]" in example.said) == expected
    assert ("cannot be left out" in page.left_out) == needed(name)


def test_a_finding_ends_with_the_way_out() -> None:
    page = rule_page("conv-bias")
    assert [example.said for example in page.examples] == ["", SAID]
    assert page.left_out == (
        "To leave it out: `--ignore conv-bias` for a run, or in a spec, with a reason,"
        " `# archprof: ignore[conv-bias] REASON`."
    )


def test_a_rule_that_is_needed_says_why() -> None:
    assert rule_page("kind").left_out == (
        "The rule `kind` cannot be left out: without it there is no network to check."
    )


def test_the_text_of_a_page() -> None:
    text = page_text(rule_page("conv-bias"))
    assert text.startswith(
        "conv-bias · warning\n\nA convolution's bias right before a batch norm does nothing.\n\n"
    )
    passes, fails = (
        text.index("\nPASS:\n```yaml\nname: without\n"),
        text.index("\nFAIL:\n```yaml\n"),
    )
    assert passes < fails < text.index(f"```\n{SAID}\n\nTo leave it out: ")


def test_the_markdown_of_a_page() -> None:
    text = page_markdown(rule_page("conv-bias"), 2)
    assert text.startswith(
        "## `conv-bias`\n\nWeighs: a warning.\n\nA convolution's bias right before a batch norm"
        " does nothing.\n\n"
    )
    assert "\n\nPasses:\n\n```yaml\nname: without\n" in text
    assert "\n\nIs found:\n\n```yaml\nname: with\n" in text
    assert f"```\n\n```text\n{SAID}\n```\n\nTo leave it out: `--ignore conv-bias`" in text
    assert "\nWeighs: an error.\n" in page_markdown(rule_page("kind"))


def test_without_a_name_explain_lists_the_rules(run: Run) -> None:
    assert run("check", "--explain").out == run("check", "--rules").out


def test_several_rules_are_explained_in_turn(run: Run) -> None:
    done = run("check", "--explain", "unused-block", "conv-bias")
    assert done.code == 0
    assert done.out == (
        f"{page_text(rule_page('unused-block'))}\n{page_text(rule_page('conv-bias'))}"
    )


def test_every_name_that_is_no_rule_is_told(run: Run) -> None:
    done = run("check", "--explain", "conv-bais", "shap")
    assert (done.code, done.out) == (2, "")
    assert "there is no rule `conv-bais` [option]\n  hint: did you mean `conv-bias`?" in done.err
    assert "there is no rule `shap` [option]\n  hint: did you mean `shape`?" in done.err
