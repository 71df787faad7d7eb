"""What optimizers keep: against torch's, and against the arithmetic of formulas."""

import pytest
import torch

from archprof.training.optimizers import IMPLEMENTATIONS, UpdateRule, state_bytes
from archprof.training.update_rates import update_flops
from tests.training.updates import Loop, Parameters, births_simulated

SHAPES = [(3, 4), (5,), (2, 3, 4, 5), ()]
ELEMENTS = 12 + 5 + 120 + 1


@pytest.mark.parametrize("name", [name for name in IMPLEMENTATIONS if name != "adam8bit"])
@pytest.mark.parametrize("around", [False, True])
def test_state_is_torchs(name: str, around: bool) -> None:
    """With all around it: a scaler, a moving average, master weights of bfloat16 ones."""
    rule = UpdateRule(name, scaler=around, ema=around, master_weights=around)
    dtype = torch.bfloat16 if around else torch.float32
    model = Parameters(SHAPES, dtype)
    loop = Loop(rule, model)
    for each in model.parameters():
        each.grad = torch.ones_like(each)
    loop.scale(torch.zeros(()))
    loop.update()
    kept = sum(each.nbytes for each in loop.kept())
    assert state_bytes(rule, [(shape, dtype.itemsize) for shape in SHAPES]) == kept


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (UpdateRule("sgd"), 0),
        (UpdateRule("momentum"), ELEMENTS * 4),
        (UpdateRule("adam"), 2 * ELEMENTS * 4 + 4 * 4),
        (UpdateRule("adamw", amsgrad=True), 3 * ELEMENTS * 4 + 4 * 4),
        (UpdateRule("rmsprop"), ELEMENTS * 4 + 4 * 4),
        (UpdateRule("lion"), ELEMENTS * 4),
        # rows and columns: 3 + 4, 2*3*4 + 2*3*5; whole vectors: 5 and 1; a counter each
        (UpdateRule("adafactor"), (3 + 4 + 24 + 30 + 5 + 1) * 4 + 4 * 4),
    ],
)
def test_state_by_arithmetic(rule: UpdateRule, expected: int) -> None:
    assert state_bytes(rule, [(shape, 4) for shape in SHAPES]) == expected


def test_counters_in_the_hosts_memory_are_not_on_a_gpu() -> None:
    parameters = [(shape, 4) for shape in SHAPES]
    assert state_bytes(UpdateRule("adamw", ema=True), parameters, "cuda") == 3 * ELEMENTS * 4
    fused = UpdateRule("adamw", "fused")
    assert state_bytes(fused, parameters, "cuda") == 2 * ELEMENTS * 4 + 4 * 4
    assert state_bytes(UpdateRule("adafactor"), [((6,), 4)], "cuda") == 6 * 4


def test_states_of_8_bits() -> None:
    """Formula, arXiv:2110.02861: a byte for each of two states, and 4 bytes for each block of 256;
    smaller parameters than 4096 elements in float32; two tables of 256 float32 values.
    """
    rule = UpdateRule("adam8bit")
    tables = 2 * 256 * 4
    assert state_bytes(rule, [((4095,), 4)]) == tables + 2 * 4095 * 4
    assert state_bytes(rule, [((4096,), 4)]) == tables + 2 * 4096 + 2 * 16 * 4
    assert state_bytes(rule, [((4097,), 2)]) == tables + 2 * 4097 + 2 * 17 * 4


def test_a_step_with_states_of_8_bits_is_that_of_bitsandbytes() -> None:
    """Recorded with bitsandbytes 0.50.2 on the CPU: Adam8bit's first step on parameters of 3*4,
    64*64, 5 and 70*64 elements, followed by StepTracker; its tables were there before.
    """
    births, left = births_simulated(
        UpdateRule("adam8bit"), [(3, 4), (64, 64), (5,), (70, 64)], first=True
    )
    tables = 2048
    assert births == [
        ("zeros_like", tables + 48),
        ("zeros_like", tables + 96),
        ("zeros_like", tables + 4192),
        ("zeros_like", tables + 8288),
        ("zeros", tables + 8352),
        ("zeros", tables + 8416),
        ("zeros_like", tables + 8436),
        ("zeros_like", tables + 8456),
        ("zeros_like", tables + 12936),
        ("zeros_like", tables + 17416),
        ("zeros", tables + 17488),
        ("zeros", tables + 17560),
    ]
    assert left == tables + 17560


def test_master_weights() -> None:
    """Formula, arXiv:1910.02054, 3.1: weights of 2 bytes have 12 bytes an element of state with
    Adam, a copy of 4 and two moments of 4; torch's counter has 4 more.
    """
    rule = UpdateRule("adam", master_weights=True)
    assert state_bytes(rule, [((10, 10), 2)]) == 12 * 100 + 4


@pytest.mark.parametrize(
    ("rule", "shape", "expected"),
    [
        (UpdateRule("sgd"), (3, 4), 2 * 12),
        (UpdateRule("sgd", weight_decay=True), (3, 4), (2 + 2) * 12),
        (UpdateRule("momentum"), (3, 4), 4 * 12),
        (UpdateRule("nesterov", weight_decay=True), (3, 4), (6 + 2) * 12),
        (UpdateRule("adam"), (3, 4), 13 * 12),
        (UpdateRule("adam", weight_decay=True, amsgrad=True), (3, 4), (13 + 2 + 1) * 12),
        (UpdateRule("adamw"), (3, 4), (13 + 1) * 12),
        (UpdateRule("adamw", weight_decay=False), (3, 4), 13 * 12),
        (UpdateRule("rmsprop"), (), 9),
        (UpdateRule("lion", weight_decay=True), (5,), (9 + 1) * 5),
        (UpdateRule("adam8bit"), (5,), 35 * 5),
        (UpdateRule("adafactor"), (5,), 13 * 5),
        (UpdateRule("adafactor"), (2, 3, 4), 15 * 24 + 5 * (2 * 3 + 2 * 4)),
        (UpdateRule("adafactor", weight_decay=True), (5,), (13 + 1) * 5),
    ],
)
def test_arithmetic(rule: UpdateRule, shape: tuple[int, ...], expected: int) -> None:
    assert update_flops(rule, shape) == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("adagrad",), "unknown optimizer 'adagrad': one of sgd, momentum"),
        (("adafactor", "fused"), "adafactor has no implementation 'fused': one of default, single"),
        (("sgd", "default", None, True), "sgd has no amsgrad: only adam and adamw do"),
    ],
)
def test_what_does_not_exist(values: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        UpdateRule(*values)


def test_defaults_are_torchs() -> None:
    """On the CPU one after the other; on a GPU in lists, but for Adafactor."""
    assert UpdateRule("adam").implementation_on("cpu") == "single"
    assert UpdateRule("adam").implementation_on("cuda") == "foreach"
    assert UpdateRule("adafactor").implementation_on("cuda") == "single"
    assert UpdateRule("adam", "fused").implementation_on("cpu") == "fused"
