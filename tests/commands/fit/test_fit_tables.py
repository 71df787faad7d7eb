"""Answers as tables, of answers made by hand."""

import pytest

import archprof
from archprof.commands.fit.answering import Answer
from archprof.commands.fit.fit_tables import fit_lines, fit_tables
from archprof.commands.fit.fitting import LargestBatch, Question
from archprof.commands.fit.planning import Checkpoints
from archprof.commands.fit.step_time import ReachedRate, StepArithmetic
from archprof.commands.fit.subjects import AliveTensor, PeakMoment
from archprof.training.overhead import Overhead
from archprof.training.plans import Again, CheckpointPlan
from archprof.training.training_conditions import TrainingWords

GRAPH = archprof.load("lenet5").analyze().graph
MIB = 2**20
OVERHEAD = Overhead((MIB, 0), (2 * MIB, 100), "by hand")
KINDS = {"input": 1, "weights": 3, "gradients": 0, "optimizer": 0, "saved": 4, "transient": 2}


def peak(batch: int = 7, layer: str = "conv1") -> PeakMoment:
    """10 MiB, of which 4 are saved."""
    kinds = {kind: size * MIB for kind, size in KINDS.items()}
    alive = (AliveTensor("conv1", "convolution", "saved", 4 * MIB),)
    return PeakMoment(batch, "backward", layer, "relu_backward", kinds, alive)


def question(words: TrainingWords | None = None, batch: int | None = None) -> Question:
    return Question(GRAPH, words, "float32", "cpu", 20 * MIB, batch, 1, lambda shape: None)


ANSWER = Answer(
    question(),
    OVERHEAD,
    peak(),
    "fits",
    LargestBatch(7, 9),
    peak(8),
)


def notes(found: Answer) -> dict[str, str]:
    return dict(fit_tables([found])[0].notes)


def test_the_peak_by_kind() -> None:
    """Kinds of which there is nothing are left out; shares are of the 10 MiB."""
    table = fit_tables([ANSWER])[0]
    assert [tuple(row) for row in table.rows] == [
        ("input", "1.00 MiB", "10.0%"),
        ("weights", "3.00 MiB", "30.0%"),
        ("saved", "4.00 MiB", "40.0%"),
        ("transient", "2.00 MiB", "20.0%"),
        ("batch 7", "10.0 MiB", "100.0%"),
    ]
    assert table.title == "lenet5 · 1x32x32 · inference · float32 · 20.0 MiB of cpu"


def test_what_is_said_below() -> None:
    """Beside 10 MiB lie 1 MiB to 2 MiB and 10 %, 3 MiB; the next batch's are the same in `peak`."""
    assert notes(ANSWER) == {
        "largest": "batch 7 fits for sure, up to 9 may fit",
        "peak": "backward, conv1, relu_backward",
        "breaks": "batch 8 fits: up to 13.0 MiB in all, at the same kernel",
        "alive": "most: conv1 4.00 MiB (saved)",
        "beside": "1.00 MiB to 3.00 MiB, which no rule tells: by hand",
    }


def test_it_breaks_elsewhere() -> None:
    found = notes(ANSWER._replace(breaks=peak(8, "fc1")))
    assert found["breaks"].endswith("at backward, fc1, relu_backward")


def test_a_batch_that_was_asked_for() -> None:
    asked = ANSWER._replace(question=question(batch=7), verdict="may fit")
    assert notes(asked)["batch"] == "7: may fit"


@pytest.mark.parametrize(
    ("largest", "text"),
    [
        (LargestBatch(0, 0), "not even 1 image fits"),
        (LargestBatch(None, 3), "what fits for sure is unknown; up to 3 may fit"),
        (LargestBatch(0, 3), "nothing fits for sure; up to 3 may fit"),
        (LargestBatch(1_000, 1_000), "batch 1,000 fits"),
        (LargestBatch(1_000, 2_000), "batch 1,000 fits for sure, up to 2,000 may fit"),
    ],
)
def test_largest(largest: LargestBatch, text: str) -> None:
    assert notes(ANSWER._replace(largest=largest))["largest"] == text


def test_what_is_unknown_makes_lower_bounds() -> None:
    table = fit_tables([ANSWER._replace(unknown=("conv1", "conv2"))])[0]
    assert table.rows[-1][1] == "≥ 10.0 MiB"
    found = dict(table.notes)
    assert found["unknown"] == ("`conv1` and 1 more layer are unknown: all bytes are lower bounds")


def test_a_peak_that_shrinks_is_told() -> None:
    assert "note" not in notes(ANSWER)
    assert "smaller batch" in notes(ANSWER._replace(monotone=False))["note"]


def test_conditions_in_the_title() -> None:
    words = TrainingWords("adamw", "bfloat16", 4, ("conv*", "fc1"), "block", 4, "cpu")
    table = fit_tables([ANSWER._replace(question=question(words))])[0]
    assert table.title == (
        "lenet5 · 1x32x32 · training with adamw · float32 · AMP bfloat16 · frozen: conv* fc1 ·"
        " checkpointed: block · 4 batches for an update · 20.0 MiB of cpu"
    )


def test_several_inputs_without_a_memory() -> None:
    free = ANSWER._replace(question=question().replaced(memory=None), largest=None, verdict=None)
    (table,) = fit_tables([free, free])
    assert [column.title for column in table.columns] == ["Input", "Batch", "Peak", "Where"]
    row = ("1x32x32", "7", "10.0 MiB", "backward, conv1, relu_backward")
    assert [tuple(each) for each in table.rows] == [row, row]
    assert table.title == "lenet5 · inference · float32 · cpu"
    assert list(table.notes) == [("beside", "by hand")]


def test_flops_and_time() -> None:
    """1,000 + 2,000 FLOPs, 500 again and 100 of the update at a million per second: 3.6 ms; of the
    model 3.1.
    """
    asked = question().replaced(rate=ReachedRate(1e6, "as stated"))
    flops = StepArithmetic(1_000, 2_000, 500, 100)
    found = notes(ANSWER._replace(question=asked, arithmetic=flops))
    assert found["FLOPs"] == (
        "3.60 K for a step: 1.00 K forward, 2.00 K backward, 500 recomputed, 100 update"
    )
    assert found["time"] == (
        "at least 3.60 ms for a step, at 1.00 M FLOPs per second (as stated);"
        " one of t ms has an MFU of 3.10/t"
    )
    without = notes(ANSWER._replace(arithmetic=flops._replace(recomputed=0), unknown=("a",)))
    assert without["FLOPs"] == "≥ 3.10 K for a step: 1.00 K forward, 2.00 K backward, 100 update"
    assert "time" not in without


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "nothing: the step's peak is 10.0 MiB"),
        (1, "a to b (2 layers); the step's peak"),
        (4, "a to b (2 layers), a to b (2 layers), a to b (2 layers), a to b (2 layers); the"),
        (6, "a to b (2 layers) and 2 more parts; the"),
    ],
)
def test_what_runs_again(count: int, text: str) -> None:
    again = (Again("a", "b", 2),) * count
    plan = CheckpointPlan((), again, 10 * MIB, 20 * MIB, 100, 50, 1_000)
    found = notes(ANSWER._replace(checkpoints=Checkpoints(plan, "")))["again"]
    assert text in found
    if count:
        assert "instead of 20.0 MiB, for 10.0% of the forward pass's FLOPs once more" in found


def test_code_stands_below_one_answer_alone() -> None:
    plan = CheckpointPlan((), (), MIB, MIB, 0, 0, 1)
    found = ANSWER._replace(checkpoints=Checkpoints(plan, "def code():\n    pass\n"))

    def printed(*answers: Answer) -> str:
        return "\n".join("".join(part for part, _ in line) for line in fit_lines(answers, 80))

    assert printed(found).endswith("\n\ndef code():\n    pass")
    assert "def code" not in printed(found, found)
    assert "def code" not in printed(ANSWER)
