"""Every kind of claim decided, and the verdict turning when one word of it is changed."""

from pathlib import Path

import pytest

from archprof.claims.contradictions import contradictions
from archprof.claims.document import Lecture
from archprof.claims.evaluate import Said, Subjects
from archprof.claims.judge import Judged, Witnesses, judge
from archprof.claims.reader import load_lecture
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
claims:
"""


def decide(tmp_path: Path, claim: str, witnesses: Witnesses | None = None) -> Judged:
    lecture = lecture_of(tmp_path, f"  C: {claim}\n")
    return judge(lecture, lecture.claims["C"], Subjects(lecture), witnesses or Witnesses())


def lecture_of(tmp_path: Path, claims: str) -> Lecture:
    path = tmp_path / "claims.yaml"
    path.write_text(HEAD + claims, encoding="utf-8")
    return load_lecture(path)


# claim, its verdict, (what is changed, into what, the verdict then)
TURNS = [
    ("{of: {network: small, layers: conv1, quantity: params}, stated: 224}", "holds", ("224", "225", "differs")),  # 3*3*3*8 + 8
    ("{of: {network: small, layers: conv1, quantity: params}, stated: 0.22K}", "holds rounded", ("0.22K", "0.24K", "differs")),
    ("{of: {network: small, quantity: flops}, stated: 0.526M}", "holds as MACs", ("0.526M", "0.778M", "differs")),  # 221,184 + 294,912 + 10,240
    ("{of: {network: small, layers: conv2, quantity: shape}, stated: 16x16x16}", "holds", ("16x16x16", "16x16x8", "differs")),
    ("{of: {network: small, layers: conv1, quantity: width}, stated: 32, formula: (W - F + 2*P)/S + 1, with: {W: 32, F: 3, P: 1, S: 1}}", "holds",
     ("P: 1", "P: 0", "differs")),  # its own formula gives 30
    ("{table: {network: small, rows: [{layers: conv1, shape: 32x32x8, params: 224}]}}", "holds", ("params: 224", "params: 216", "holds as without biases")),
    ("{order: {relation: '>', sides: [{network: small, op: linear, quantity: params}, {network: small, op: conv2d, quantity: params}]}}", "holds",
     ("'>'", "'<'", "differs")),  # 10,250 against 1,392
    ("{of: {ratio: [{network: small, layers: fc, quantity: params}, {network: small, layers: conv2, quantity: params}]}, stated: 9x}", "holds rounded",
     ("9x", "3x", "differs")),  # 10,250 / 1,168 = 8.8
    ("{every: {network: small, op: conv2d, is: {kernel: 3, padding: 1}}}", "holds", ("padding: 1", "stride: 1", "differs")),
    ("{every: {network: small, layers: conv1, followed_by: batch_norm2d}}", "holds", ("layers: conv1", "layers: conv2", "differs")),
    ("{modules: {network: small, are: [{op: conv2d, out: 8}, {op: batch_norm2d}, {op: relu}, {op: conv2d, stride: 2}, {op: max_pool2d}, {op: flatten}, "
     "{op: linear}]}}", "holds", ("stride: 2", "stride: 1", "differs")),
    ("{law: {network: small, op: max_pool2d, formula: (W - F)/S + 1, names: {W: input_width, F: kernel, S: stride}, gives: width}}", "holds",
     ("(W - F)/S + 1", "(W - F)/S", "differs")),
    ("{series: {network: small, op: conv2d, quantity: channels, is: increasing}}", "holds", ("increasing", "decreasing", "differs")),
    ("{parts: {a: {of: {network: small, quantity: depth}, stated: 3}, b: {every: {network: small, op: relu, is: {inplace: false}}}}}", "holds",
     ("stated: 3", "stated: 4", "differs")),
    ("{of: {network: small, quantity: depth}, stated: 3}", "holds", ("depth", "input_elements", "differs")),
    ("{undecidable: accuracy needs training}", "undecidable", ("accuracy", "taste", "undecidable")),
]


@pytest.mark.parametrize(("claim", "verdict", "turn"), TURNS, ids=[claim[1:20] for claim, *_ in TURNS])
def test_a_changed_word_turns_the_verdict(tmp_path: Path, claim: str, verdict: str, turn: tuple[str, str, str]) -> None:
    old, new, then = turn
    assert claim.count(old) >= 1
    assert {f.verdict.word for f in decide(tmp_path, claim).findings} == {verdict}
    assert then in {f.verdict.word for f in decide(tmp_path, claim.replace(old, new, 1)).findings}


def test_what_differs_says_by_how_much_and_why(tmp_path: Path) -> None:
    (found,) = decide(tmp_path, "{of: {network: at_224, layers: conv1, quantity: shape}, stated: 55x55x96}").findings
    assert found.analysis == "54x54x96"
    assert found.verdict.causes[:2] == ("at an input of 227x227", "with padding 2")
    (found,) = decide(tmp_path, "{of: {network: googlenet, quantity: params}, stated: 5 million}").findings
    assert found.verdict.error == "stated 28.6% too low"  # 5/6.998552 = 0.7144


def test_an_experiment_without_torch_is_not_run_and_not_held_against_it(tmp_path: Path) -> None:
    claim = "{experiment: {run: gain, op: relu}, stated: 1.71, verdict: holds rounded}"
    (found,) = decide(tmp_path, claim).findings
    assert (found.verdict.word, found.as_recorded) == ("not run", True)
    (found,) = decide(tmp_path, claim, Witnesses(run=lambda experiment, subjects: "1.7139")).findings
    assert (found.verdict.word, found.torch, found.as_recorded) == ("holds rounded", "1.7139", True)
    (found,) = decide(tmp_path, claim, Witnesses(run=lambda experiment, subjects: "1.9")).findings
    assert (found.verdict.word, found.as_recorded) == ("differs", False)


def test_an_undecidable_claim_never_counts_as_passed(tmp_path: Path) -> None:
    (found,) = decide(tmp_path, "{undecidable: needs training, verdict: holds}").findings
    assert not found.as_recorded
    assert not found.verdict.held


def test_witnesses_speak_in_the_claims_quantities(tmp_path: Path) -> None:
    lecture = lecture_of(tmp_path, "  C: {of: {network: small, op: conv2d, quantity: macs}, stated: 516K}\n")
    claim = lecture.claims["C"]
    subject = claim.parts[0].statement.of.subject._replace(mark=Mark(""))  # type: ignore[union-attr]
    said = Said({("macs", "conv1"): 221_184, ("macs", "conv2"): 294_912})  # 27*8*32*32, 72*16*16*16
    (found,) = judge(lecture, claim, Subjects(lecture), Witnesses(torch={subject: said}, fvcore={subject: Said({("macs", "conv1"): 1})})).findings
    assert (found.analysis, found.torch, found.fvcore) == ("516,096", "516,096", "")  # fvcore says nothing of conv2: unknown is never zero


def test_recorded_verdicts_are_compared(tmp_path: Path) -> None:
    claim = "{of: {network: small, quantity: depth}, stated: 3, verdict: differs}"
    (found,) = decide(tmp_path, claim).findings
    assert (found.verdict.word, found.as_recorded) == ("holds", False)


@pytest.mark.parametrize(("claim", "message"), [
    ("{of: {network: small, layers: conv9, quantity: params}, stated: 1}", "has no layer `conv9`"),
    ("{of: {network: alexnett, quantity: params}, stated: 1}", "no network called `alexnett`"),
    ("{of: {network: small, first: conv9, quantity: params}, stated: 1}", "no layer `conv9`"),
    ("{of: {network: small, each: bottleneck, quantity: params}, stated: 1}", "has no block `bottleneck`"),
])
def test_what_is_not_there_is_told_with_its_place(tmp_path: Path, claim: str, message: str) -> None:
    with pytest.raises(ProblemError) as raised:
        decide(tmp_path, claim)
    problem = raised.value.problems[0]
    assert message in problem.message
    assert problem.mark.line == HEAD.count("\n") + 1


def test_contradictions_are_found_and_taken_at_their_word(tmp_path: Path) -> None:
    lecture = lecture_of(tmp_path, """  A: {of: {network: alexnet, quantity: input}, stated: 224x224x3}
  B: {of: {network: alexnet, quantity: input}, stated: 227x227x3}
  C: {of: {network: vgg16, quantity: params}, stated: 138M}
  D: {of: {network: vgg16, quantity: params}, stated: 138.4M}
  E: {undecidable: taste, contradicts: C}
  F: {of: {network: small, quantity: depth}, stated: 3}
""")
    found = {(p.first[1].id, p.second[1].id): p.found for p in contradictions([lecture])}
    assert found == {("A", "B"): True, ("E", "C"): False}  # 138M and 138.4M can both be true
