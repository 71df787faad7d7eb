"""Every kind of claim decided, and the verdict turning when one word of it is changed."""

from fractions import Fraction
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import (
    Combined,
    Constant,
    Lecture,
    Quantity,
    Selection,
    Subject,
)
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.contradictions import contradictions
from archprof.commands.lecture.deciding.decision import JudgedClaim, Witnesses
from archprof.commands.lecture.deciding.evaluate import WitnessValues
from archprof.commands.lecture.deciding.judge import judge
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.verdicts import Verdict
from archprof.commands.lecture.writing.statement_text import describe, term_text
from archprof.commands.lecture.writing.wording import decision_text, fault_text, off_by, result_text
from archprof.problem import Mark, ProblemError

HEAD = """lecture: T
title: test
shapes: HxWxC
networks:
  small:
    spec:
      input: 3x32x32
      layers:
        conv1: {op: conv2d, out: 8, kernel: 3, padding: 1}
        bn1: {op: batch_norm2d}
        relu1: {op: relu}
        conv2: {op: conv2d, out: 16, kernel: 3, stride: 2, padding: 1}
        pool: {op: max_pool2d, kernel: 2}
        flatten: {op: flatten}
        fc: {op: linear, out: 10}
  at_224: {network: alexnet, input: 3x224x224}
  tall: {spec: {input: 3x9x9, layers: {conv: {op: conv2d, out: 2, kernel: [3, 1]}}}}
claims:
"""


def decide(tmp_path: Path, claim: str, witnesses: Witnesses | None = None) -> JudgedClaim:
    lecture = lecture_of(tmp_path, f"  C: {claim}\n")
    return judge(lecture, lecture.claims["C"], Subjects(lecture), witnesses or Witnesses())


def lecture_of(tmp_path: Path, claims: str) -> Lecture:
    path = tmp_path / "claims.yaml"
    path.write_text(HEAD + claims, encoding="utf-8")
    return load_lecture(path)


# claim, its verdict, (what is changed, into what, the verdict then)
TURNS = [
    # 3*3*3*8 + 8
    (
        "{of: {network: small, layers: conv1, quantity: params}, stated: 224}",
        "holds",
        ("224", "225", "differs"),
    ),
    (
        "{of: {network: small, layers: conv1, quantity: params}, stated: 0.22K}",
        "holds rounded",
        ("0.22K", "0.24K", "differs"),
    ),
    # 221,184 + 294,912 + 10,240
    (
        "{of: {network: small, quantity: flops}, stated: 0.526M}",
        "holds as MACs",
        ("0.526M", "0.778M", "differs"),
    ),
    (
        "{of: {network: small, layers: conv2, quantity: shape}, stated: 16x16x16}",
        "holds",
        ("16x16x16", "16x16x8", "differs"),
    ),
    (
        (
            "{of: {network: small, layers: conv1, quantity: width}, stated: 32, formula: (W - F +"
            " 2*P)/S + 1, with: {W: 32, F: 3, P: 1, S: 1}}"
        ),
        "holds",
        ("P: 1", "P: 0", "differs"),
    ),  # its own formula gives 30
    (
        "{table: {network: small, rows: [{layers: conv1, shape: 32x32x8, params: 224}]}}",
        "holds",
        ("params: 224", "params: 216", "holds as without biases"),
    ),
    (
        (
            "{order: {relation: '>', sides: [{network: small, op: linear, quantity: params},"
            " {network: small, op: conv2d, quantity: params}]}}"
        ),
        "holds",
        ("'>'", "'<'", "differs"),
    ),  # 10,250 against 1,392
    (
        (
            "{of: {ratio: [{network: small, layers: fc, quantity: params}, {network: small, layers:"
            " conv2, quantity: params}]}, stated: 9x}"
        ),
        "holds rounded",
        ("9x", "3x", "differs"),
    ),  # 10,250 / 1,168 = 8.8
    (
        "{every: {network: small, op: conv2d, is: {kernel: 3, padding: 1}}}",
        "holds",
        ("padding: 1", "stride: 1", "differs"),
    ),
    (
        "{every: {network: small, layers: conv1, followed_by: batch_norm2d}}",
        "holds",
        ("layers: conv1", "layers: conv2", "differs"),
    ),
    (
        (
            "{modules: {network: small, are: [{op: conv2d, out: 8}, {op: batch_norm2d}, {op: relu},"
            " {op: conv2d, stride: 2}, {op: max_pool2d}, {op: flatten}, {op: linear}]}}"
        ),
        "holds",
        ("stride: 2", "stride: 1", "differs"),
    ),
    (
        (
            "{law: {network: small, op: max_pool2d, formula: (W - F)/S + 1, names: {W: input_width,"
            " F: kernel, S: stride}, gives: width}}"
        ),
        "holds",
        ("(W - F)/S + 1", "(W - F)/S", "differs"),
    ),
    (
        "{series: {network: small, op: conv2d, quantity: channels, is: increasing}}",
        "holds",
        ("increasing", "decreasing", "differs"),
    ),
    (
        (
            "{parts: {a: {of: {network: small, quantity: depth}, stated: 3}, b: {every: {network:"
            " small, op: relu, is: {inplace: false}}}}}"
        ),
        "holds",
        ("stated: 3", "stated: 4", "differs"),
    ),
    (
        "{of: {network: small, quantity: depth}, stated: 3}",
        "holds",
        ("depth", "input_elements", "differs"),
    ),
    ("{undecidable: accuracy needs training}", "undecidable", ("accuracy", "taste", "undecidable")),
]


@pytest.mark.parametrize(
    ("claim", "verdict", "turn"), TURNS, ids=[claim[1:20] for claim, *_ in TURNS]
)
def test_a_changed_word_turns_the_verdict(
    tmp_path: Path, claim: str, verdict: str, turn: tuple[str, str, str]
) -> None:
    old, new, then = turn
    assert claim.count(old) >= 1
    assert {f.verdict.word for f in decide(tmp_path, claim).decisions} == {verdict}
    assert then in {f.verdict.word for f in decide(tmp_path, claim.replace(old, new, 1)).decisions}


def test_what_differs_says_by_how_much_and_why(tmp_path: Path) -> None:
    (found,) = decide(
        tmp_path, "{of: {network: at_224, layers: conv1, quantity: shape}, stated: 55x55x96}"
    ).decisions
    assert decision_text(found).analysis == "54x54x96"
    assert decision_text(found).causes[:2] == ("at an input of 227x227", "with padding 2")
    (found,) = decide(
        tmp_path, "{of: {network: googlenet, quantity: params}, stated: 5 million}"
    ).decisions
    assert decision_text(found).fault == "stated 28.6% too low"  # 5/6.998552 = 0.7144


@pytest.mark.parametrize(
    ("of", "stated", "analysis", "word", "error"),
    [
        ("network: small, layers: fc, quantity: shape", "10", "10", "holds", ""),
        ("network: small, layers: fc, quantity: shape", "1x1x10", "10", "holds as 10", ""),
        ("network: small, layers: fc, quantity: shape", "1x1x9", "10", "differs", "it is 10"),
        (
            "network: small, layers: conv1, quantity: shape",
            "33x33x8",
            "32x32x8",
            "differs",
            "it is 32x32x8",
        ),
        (
            "network: small, layers: conv1, quantity: shape",
            "32x32x8, formula: A, with: {A: 32}",
            "32x32x8",
            "holds",
            "",
        ),
        (
            "network: small, layers: conv1, quantity: shape",
            "32x32x8, formula: A, with: {A: 31}",
            "32x32x8",
            "differs",
            "its own formula gives 31",
        ),
        (
            "network: small, layers: conv1, quantity: width",
            "32, formula: A, with: {A: 31}",
            "32",
            "differs",
            "its own formula gives 31",
        ),
        ("network: small, layers: conv1, quantity: width", "33", "32", "differs", "it is 32"),
        (
            "network: small, layers: flatten, quantity: height",
            "9",
            "nothing",
            "differs",
            "it is nothing",
        ),
        ("network: tall, layers: conv, quantity: field", "3", "3x1", "differs", "it is 3x1"),
        (
            (
                "ratio: [{network: small, quantity: params}, {network: small, op: relu, quantity:"
                " params}]"
            ),
            "3x",
            "nothing",
            "differs",
            "it is nothing",
        ),
        (
            (
                "ratio: [{network: small, layers: conv2, quantity: params}, {network: small,"
                " quantity: params}]"
            ),
            "10.02%",
            "10.02%",
            "holds rounded",
            "",
        ),
        (
            (
                "ratio: [{network: small, layers: conv2, quantity: params}, {network: small,"
                " quantity: params}]"
            ),
            "9.99%",
            "10.02%",
            "differs",
            "stated 0.3% too low",
        ),
        (
            (
                "ratio: [{network: small, quantity: params}, {network: small, layers: conv2,"
                " quantity: params}]"
            ),
            "11x",
            "9.981x",
            "differs",
            "stated 10.2% too high",
        ),
    ],
)
def test_a_finding_is_whole(
    tmp_path: Path, of: str, stated: str, analysis: str, word: str, error: str
) -> None:
    """fc has 10,250 parameters, conv2 1,168, conv1 224 and bn1 16: of 11,658 conv2's are 10.02
    %.
    """
    (found,) = decide(tmp_path, f"{{of: {{{of}}}, stated: {stated}}}").decisions
    shown = decision_text(found)
    assert (shown.analysis, found.verdict.word, shown.fault) == (analysis, word, error)


def test_an_experiment_without_torch_is_not_run_and_not_held_against_it(tmp_path: Path) -> None:
    claim = "{experiment: {run: gain, op: relu}, stated: 1.71, verdict: holds rounded}"
    (found,) = decide(tmp_path, claim).decisions
    assert (found.verdict.word, found.as_recorded) == ("not run", True)
    (found,) = decide(
        tmp_path, claim, Witnesses(run=lambda experiment, subjects: "1.7139")
    ).decisions
    assert (found.verdict.word, decision_text(found).torch, found.as_recorded) == (
        "holds rounded",
        "1.7139",
        True,
    )
    (found,) = decide(tmp_path, claim, Witnesses(run=lambda experiment, subjects: "1.9")).decisions
    assert (found.verdict.word, found.as_recorded) == ("differs", False)


@pytest.mark.parametrize(
    ("stated", "found", "word"),
    [
        ("0", "0", "holds"),
        ("0", "0.4", "differs"),  # a whole number is exact
        ("1e-3", "0.4", "differs"),
        ("1e-3", "0.00104", "holds rounded"),
        ("2", "2.0", "holds"),
        ("0.5", "0.4987", "holds rounded"),
        ("0.50", "0.4949", "differs"),
        ("equal", "0.5", "differs"),
        ("0.5", "equal", "differs"),
        ("7x7", "7x7", "holds"),
        ("7x7", "5x5", "differs"),
        ("1.7128585500", "1.712858550", "holds"),
        # counted in floating point: no more than nine digits are compared
        ("1.71285855049", "1.712858550", "holds rounded"),
        ("1.71285855151", "1.712858550", "differs"),
    ],
)
def test_what_an_experiment_gives(tmp_path: Path, stated: str, found: str, word: str) -> None:
    claim = f'{{experiment: {{run: gain, op: relu}}, stated: "{stated}"}}'
    assert verdict_of(tmp_path, claim, found).word == word


def test_an_undecidable_claim_never_counts_as_passed(tmp_path: Path) -> None:
    (found,) = decide(tmp_path, "{undecidable: needs training, verdict: holds}").decisions
    assert not found.as_recorded
    assert not found.verdict.is_true


def test_what_is_not_modelled_is_no_matter_of_judgement(tmp_path: Path) -> None:
    claim = "{not_modelled: no recurrent layers, verdict: undecidable}"
    (found,) = decide(tmp_path, claim).decisions
    assert (found.verdict.word, found.verdict.fault) == ("not modelled", "no recurrent layers")
    assert not found.as_recorded
    assert not found.verdict.is_true


def test_supporting_checks_are_decided_apart(tmp_path: Path) -> None:
    claim = """{of: {network: small, op: linear, quantity: layers}, stated: 1, verdict: holds,
        also: {two: {of: {network: small, op: linear, quantity: layers}, stated: 2,
                     verdict: differs},
               one: {of: {network: small, op: linear, quantity: layers}, stated: 1}}}"""
    judged = decide(tmp_path, claim)
    assert [(d.label, d.verdict.word) for d in judged.decisions] == [("", "holds")]
    also = [(d.label, d.verdict.word, d.as_recorded) for d in judged.also]
    assert also == [("two", "differs", True), ("one", "holds", True)]
    assert judged.everything == (*judged.decisions, *judged.also)


def test_witnesses_speak_in_the_claims_quantities(tmp_path: Path) -> None:
    lecture = lecture_of(
        tmp_path, "  C: {of: {network: small, op: conv2d, quantity: macs}, stated: 516K}\n"
    )
    claim = lecture.claims["C"]
    subject = claim.parts[0].statement.of.subject._replace(mark=Mark(""))  # type: ignore[union-attr]
    said = WitnessValues(
        {("macs", "conv1"): 221_184, ("macs", "conv2"): 294_912}
    )  # 27*8*32*32, 72*16*16*16
    (found,) = judge(
        lecture,
        claim,
        Subjects(lecture),
        Witnesses(torch={subject: said}, fvcore={subject: WitnessValues({("macs", "conv1"): 1})}),
    ).decisions
    # fvcore says nothing of conv2: unknown is never zero
    assert (
        decision_text(found).analysis,
        decision_text(found).torch,
        decision_text(found).fvcore,
    ) == ("516,096", "516,096", "")


def test_recorded_verdicts_are_compared(tmp_path: Path) -> None:
    claim = "{of: {network: small, quantity: depth}, stated: 3, verdict: differs}"
    (found,) = decide(tmp_path, claim).decisions
    assert (found.verdict.word, found.as_recorded) == ("holds", False)


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (
            "{of: {network: small, layers: conv9, quantity: params}, stated: 1}",
            "has no layer `conv9`",
        ),
        ("{of: {network: alexnett, quantity: params}, stated: 1}", "no network called `alexnett`"),
        ("{of: {network: small, first: conv9, quantity: params}, stated: 1}", "no layer `conv9`"),
        (
            "{of: {network: small, each: bottleneck, quantity: params}, stated: 1}",
            "has no block `bottleneck`",
        ),
    ],
)
def test_what_is_not_there_is_told_with_its_place(tmp_path: Path, claim: str, message: str) -> None:
    with pytest.raises(ProblemError) as raised:
        decide(tmp_path, claim)
    problem = raised.value.problems[0]
    assert message in problem.message
    assert problem.mark.line == HEAD.count("\n") + 1


def test_contradictions_are_found_and_taken_at_their_word(tmp_path: Path) -> None:
    lecture = lecture_of(
        tmp_path,
        """  A: {of: {network: alexnet, quantity: input}, stated: 224x224x3}
  B: {of: {network: alexnet, quantity: input}, stated: 227x227x3}
  C: {of: {network: vgg16, quantity: params}, stated: 138M}
  D: {of: {network: vgg16, quantity: params}, stated: 138.4M}
  E: {undecidable: taste, contradicts: C}
  F: {of: {network: small, quantity: depth}, stated: 3}
""",
    )
    found = {(p.first[1].id, p.second[1].id): p.found for p in contradictions([lecture])}
    assert found == {("A", "B"): True, ("E", "C"): False}  # 138M and 138.4M can both be true


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        ("{op: max_pool2d}, {op: flatten}, {op: linear}", ""),
        (
            "{op: avg_pool2d}, {op: flatten}, {op: linear}",
            "module 0, pool: op is max_pool2d, stated avg_pool2d",
        ),
        (
            "{op: max_pool2d, kernel: 3}, {op: flatten}, {op: linear}",
            "module 0, pool: kernel is 2x2, stated 3",
        ),
        (
            "{op: max_pool2d}, {op: flatten}, {op: linear, out: 9}",
            "module 2, fc: out is 10, stated 9",
        ),
        ("{op: max_pool2d}, {op: flatten}", "3 modules, stated 2"),
    ],
)
def test_modules_one_by_one(tmp_path: Path, entries: str, error: str) -> None:
    assert (
        verdict_of(
            tmp_path, f"{{modules: {{network: small, first: pool, are: [{entries}]}}}}"
        ).fault
        == error
    )


@pytest.mark.parametrize(
    ("law", "error"),
    [
        ("{op: max_pool2d, formula: A/B, names: {A: input_width, B: kernel}, gives: width}", ""),
        (
            "{op: max_pool2d, formula: A - B, names: {A: input_width, B: kernel}, gives: width}",
            "pool: A - B = 16 - 2 = 14, it is 8",
        ),
        (
            "{op: avg_pool2d, formula: A, names: {A: kernel}, gives: width}",
            "there is no layer that it is about",
        ),
    ],
)
def test_laws_layer_by_layer(tmp_path: Path, law: str, error: str) -> None:
    assert verdict_of(tmp_path, f"{{law: {{network: small, {law[1:]}}}").fault == error


NOBODY = "there is no layer that it is about"


@pytest.mark.parametrize(
    ("every", "analysis", "error"),
    [
        ("{op: conv2d, is: {kernel: 3}}", "2 of 2", ""),
        (
            "{op: conv2d, is: {kernel: 3, stride: 2, bias: false}}",
            "0 of 2",
            "conv1 stride is not 2, bias is not false; conv2 bias is not false",
        ),
        ("{layers: [conv1, relu1], is: {op: conv2d}}", "1 of 2", "relu1 is a relu"),
        (
            "{op: [conv2d, linear], followed_by: [batch_norm2d, flatten]}",
            "1 of 3",
            "conv2 is followed by max_pool2d; fc is followed by nothing",
        ),
        (
            "{is: {op: conv2d, kernel: 3}}",
            "2 of 7",
            "bn1 is a batch_norm2d; relu1 is a relu; pool is a max_pool2d; and 2 more",
        ),
        ("{op: avg_pool2d, is: {kernel: 3}}", "no such layer", NOBODY),
    ],
)
def test_what_every_layer_has(tmp_path: Path, every: str, analysis: str, error: str) -> None:
    (found,) = decide(tmp_path, f"{{every: {{network: small, {every[1:]}}}").decisions
    shown = decision_text(found)
    assert (shown.analysis, shown.fault) == (analysis, error)
    assert found.verdict.word == ("differs" if error else "holds")


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("{of: {network: small, quantity: depth}, stated: 3}", "3"),
        (
            (
                "{order: {relation: '<', sides: [{network: small, op: conv2d, quantity: params},"
                " {network: small, quantity: params}]}}"
            ),
            "params of small conv2d < params of small",
        ),
        (
            (
                "{every: {network: small, op: conv2d, is: {kernel: 3}, followed_by: [relu,"
                " batch_norm2d]}}"
            ),
            "every conv2d of small: kernel 3, followed by relu or batch_norm2d",
        ),
        (
            "{every: {network: small, op: [relu, tanh], is: {inplace: false}}}",
            "every relu or tanh of small: inplace false",
        ),
        (
            "{modules: {network: small, first: flatten, are: [{op: flatten}, {op: linear}]}}",
            "2 modules: flatten, linear",
        ),
        (
            (
                "{law: {network: small, layers: pool, formula: W/2, names: {W: input_width}, gives:"
                " width}}"
            ),
            "width = W/2 for every pool of small",
        ),
        (
            "{series: {network: small, quantity: elements, is: decreasing}}",
            "elements of layer of small: decreasing",
        ),
        ("{experiment: {run: gain, op: relu}, stated: 1.71}", "gain: op relu"),
        ("{undecidable: taste}", ""),
        ("{not_modelled: no recurrent layers}", ""),
    ],
)
def test_statements_in_a_line(tmp_path: Path, claim: str, text: str) -> None:
    (part,) = lecture_of(tmp_path, f"  C: {claim}\n").claims["C"].parts
    assert describe(part.statement) == text


# --- where the lines are drawn ---


def verdict_of(tmp_path: Path, claim: str, found: str | None = None) -> Verdict:
    """The verdict of a claim with one part; `found` is what its experiment gives."""
    witnesses = (
        Witnesses(run=lambda experiment, subjects: found) if found is not None else Witnesses()
    )
    (finding,) = decide(tmp_path, claim, witnesses).decisions
    return finding.verdict


@pytest.mark.parametrize(
    ("given", "word"),
    [
        # 1.16K is 1,155 to 1,165 rounded, halves either way,
        (1154, "differs"),
        (1155, "holds as cut off"),
        # or 1,160 to below 1,170 with the rest cut off
        (1165, "holds as cut off"),
        (1169, "holds as cut off"),
        (1170, "differs"),
    ],
)
def test_a_formula_may_be_cut_off_as_its_figure_is(tmp_path: Path, given: int, word: str) -> None:
    """conv2 has 8*3*3*16 + 16 = 1,168 parameters."""
    verdict = verdict_of(
        tmp_path,
        "{of: {network: small, layers: conv2, quantity: params}, stated: 1.16K, formula: A,"
        f" with: {{A: {given}}}}}",
    )
    assert (verdict.word, fault_text(verdict.fault)) == (
        word,
        f"its own formula gives {given:,}" if word == "differs" else "",
    )


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ("1.7049", "differs"),
        ("1.705", "holds rounded"),
        ("1.71", "holds"),
        ("1.715", "holds rounded"),
        ("1.7151", "differs"),
        ("fast", "differs"),
    ],
)
def test_an_experiment_holds_within_half_of_the_last_digit(
    tmp_path: Path, found: str, word: str
) -> None:
    assert (
        verdict_of(tmp_path, "{experiment: {run: gain, op: relu}, stated: 1.71}", found).word
        == word
    )


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        # conv1 has 27*8*1024 = 221,184 MACs and 2*221,184 + 8,192 = 450,560 FLOPs: a third of the
        # way,
        # at 297,642.7, MACs are half as wrong as FLOPs
        ("297.642K", "stated 34.6% too high for 221,184 MACs"),  # 76,458/221,184
        ("297.643K", "stated 33.9% too low"),  # 152,917/450,560
    ],
)
def test_the_convention_meant_is_at_most_half_as_wrong(
    tmp_path: Path, stated: str, said: str
) -> None:
    verdict = verdict_of(
        tmp_path,
        f"{{of: {{network: small, layers: conv1, quantity: flops}}, stated: {stated}}}",
    )
    assert fault_text(verdict.fault) == said


@pytest.mark.parametrize(
    ("stated", "exact", "said"),
    [
        (1099, 100, "stated 999.0% too high"),  # (1099 - 100)/100 = 9.99
        (1100, 100, "stated 11 times too high"),
        (99, 100, "stated 1.0% too low"),
        (5, 0, "stated 5, exactly 0"),
        (1_000_000, 1, "stated 1,000,000 times too high"),
        (1_000_001, 1, "stated 1.0e+06 times too high"),
    ],
)
def test_how_far_off(stated: int, exact: int, said: str) -> None:
    assert off_by(Fraction(stated), Fraction(exact)) == said


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(39_997, 4), "9999"),
        (Fraction(40_001, 4), "10,000"),
        (Fraction(-40_001, 4), "-10,000"),
        (Fraction(1, 3), "0.3333"),
    ],
)
def test_four_digits_below_ten_thousand(value: Fraction, text: str) -> None:
    assert result_text(value) == text


@pytest.mark.parametrize(
    ("rates", "trend", "word"),
    [
        ([0.1001, 0.1002, 0.1003], "increasing", "holds"),
        ([0.1, 0.2, 0.3], "linear", "holds"),  # steps alike up to the rounding of floats
        ([0.1, 0.2, 0.3000009], "linear", "holds"),  # 0.9e-6 off
        ([0.1, 0.2, 0.3000011], "linear", "differs"),  # 1.1e-6 off
        ([0.1, 0.1, 0.3], "increasing", "differs"),
        ([0.1, 0.1, 0.3], "never falling", "holds"),
        ([0.1, 0.2, 0.1], "never falling", "differs"),
        ([0.3, 0.1, 0.1], "decreasing", "differs"),
        ([0.3, 0.1, 0.1], "never rising", "holds"),
        ([0.3, 0.1, 0.2], "never rising", "differs"),
        ([0.3, 0.2, 0.1], "decreasing", "holds"),
        ([0.1, 0.2, 0.3], "increasing", "holds"),
        ([0.1, 0.1, 0.1], "constant", "holds"),
        ([0.1, 0.1, 0.2], "constant", "differs"),
        ([0.1, 0.1, 0.1], "linear", "holds"),
    ],
)
def test_series(tmp_path: Path, rates: list[float], trend: str, word: str) -> None:
    layers = ", ".join(f"d{i}: {{op: dropout, p: {rate}}}" for i, rate in enumerate(rates))
    path = tmp_path / "claims.yaml"
    path.write_text(
        f"""lecture: T
title: test
networks:
  drops:
    spec: {{input: 3x8x8, layers: {{{layers}}}}}
claims:
  C: {{series: {{network: drops, op: dropout, quantity: p, is: {trend}}}}}
""",
        encoding="utf-8",
    )
    lecture = load_lecture(path)
    (found,) = judge(lecture, lecture.claims["C"], Subjects(lecture), Witnesses()).decisions
    assert found.verdict.word == word


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (Subject("alexnet", Mark("")), "params of alexnet"),
        (
            Subject("alexnet", Mark(""), (3, 64, 96), (("width", 2),), 2, "float16"),
            "params of alexnet at 3x64x96 batch 2 float16 width=2",
        ),
        (
            Subject(
                "alexnet", Mark(""), None, (("act", "ReLU"), ("bias", True), ("sides", (1, 2)))
            ),
            "params of alexnet act=ReLU bias=true sides=1x2",
        ),
    ],
)
def test_a_term_names_the_conditions_that_are_not_the_usual_ones(
    subject: Subject, text: str
) -> None:
    assert term_text(Quantity("params", subject, Selection(), Mark(""))) == text


@pytest.mark.parametrize(
    ("selection", "each", "text"),
    [
        (Selection(paths=("conv1", "fc")), "", "macs of net conv1, fc"),
        (
            Selection(first="conv1", last="pool", ops=("relu", "tanh")),
            "",
            "macs of net conv1..pool relu+tanh",
        ),
        (Selection(first="conv1"), "", "macs of net conv1..end"),
        (Selection(last="pool", block="unit"), "unit", "macs of net start..pool in unit per unit"),
        (
            Selection(where=(("kernel", (3, 1)), ("bias", False)), aux=True),
            "",
            "macs of net kernel 3x1 bias false with auxiliary heads",
        ),
    ],
)
def test_a_term_names_its_layers(selection: Selection, each: str, text: str) -> None:
    assert term_text(Quantity("macs", Subject("net", Mark("")), selection, Mark(""), each)) == text


A, B, C = (Constant(PrintedFigure(name, Fraction(1), Fraction(0))) for name in "ABC")


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Combined("sum", (A, B, C)), "A + B + C"),
        (
            Combined("sum", (Combined("product", (A, B)), Combined("ratio", (B, C)))),
            "A * B + B / C",
        ),
        (Combined("product", (Combined("sum", (A, B)), C)), "(A + B) * C"),
        (Combined("product", (Combined("product", (A, B)), C)), "A * B * C"),
        (Combined("product", (Combined("ratio", (A, B)), C)), "(A / B) * C"),
        (Combined("difference", (A, Combined("sum", (B, C)))), "A - (B + C)"),
        (
            Combined("difference", (Combined("product", (A, B)), Combined("difference", (B, C)))),
            "A * B - (B - C)",
        ),
        (Combined("ratio", (A, Combined("ratio", (B, C)))), "A / (B / C)"),
    ],
)
def test_terms_in_terms(term: Combined, text: str) -> None:
    assert term_text(term) == text


def test_a_quantity_that_blocks_differ_in_is_told_block_by_block(tmp_path: Path) -> None:
    """resnet18: two blocks in each of four stages; the second of a stage has no projection, so 2
    convolutions, and so has the first of all.
    """
    (found,) = decide(
        tmp_path, "{of: {network: resnet18, op: conv2d, each: basic, quantity: layers}, stated: 2}"
    ).decisions
    assert (found.verdict.word, decision_text(found).analysis) == (
        "differs",
        "2 in 5 of 8 blocks, 3 in 3 of 8 blocks",
    )


def test_claims_contradict_those_that_are_there(tmp_path: Path) -> None:
    lecture = lecture_of(
        tmp_path,
        """  A: {undecidable: taste, contradicts: B}
  B: {undecidable: taste, contradicts: A}
  C: {undecidable: taste}
""",
    )
    # one pair, said by both
    assert [(p.first[1].id, p.second[1].id, p.found) for p in contradictions([lecture])] == [
        ("A", "B", False)
    ]
    alone = lecture.replaced(claims={"A": lecture.claims["A"]})
    assert contradictions([alone]) == []  # B stands in a file that was not given


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("138M", "138.4M", False),  # steps of 1 M and 0.1 M: 0.4 M is less than half of 1.1 M
        ("138M", "138.5M", False),
        ("138M", "138.6M", True),  # 0.6 M is more than 0.55 M
        ("138000000", "138000001", True),
        ("138000000", "138000000", False),
    ],
)
def test_two_figures_that_no_value_is_printed_as(
    tmp_path: Path, one: str, other: str, apart: bool
) -> None:
    of = "of: {network: vgg16, quantity: params}"
    lecture = lecture_of(
        tmp_path, f"  A: {{{of}, stated: {one}}}\n  B: {{{of}, stated: {other}}}\n"
    )
    assert bool(contradictions([lecture])) == apart
