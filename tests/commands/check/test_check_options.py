"""`--at`."""

from __future__ import annotations

import pytest

from archprof.commands.check.check_options import parse_conditions
from archprof.commands.check.conditions import Conditions
from archprof.problem import ProblemError


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("input=3x320x320,batch=8", Conditions((3, 320, 320), 8)),
        ("batch=8", Conditions(None, 8)),
        (
            "batch=64,optimizer=adamw,fused,ema,amp=bfloat16",
            Conditions(None, 64, optimizer="adamw,fused,ema", amp="bfloat16"),
        ),
        (
            "freeze=conv1, layer1.*,checkpoint=bottleneck,accumulate=4,device=cpu",
            Conditions(
                freeze=("conv1", "layer1.*"), checkpoint="bottleneck", accumulate=4, device="cpu"
            ),
        ),
        (" dtype = float16 , input = 3x1x1 ", Conditions((3, 1, 1), 1, "float16")),
    ],
)
def test_meant(text: str, meant: Conditions) -> None:
    assert parse_conditions(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "320",
        "input",
        "input=big",
        "input=3x0x3",
        "batch=0",
        "batch=-1",
        "batch=1.5",
        "batch=\u0663",
        "batch=" + "9" * 5000,
        "batch=1000001",
        "dtype=float8",
        "size=3",
        "room=5",
        "batch=1,batch=2",
        "batch=1,,",
        "batch=1,fused",
        "optimizer=adamw,quick",
        "optimizer=adamw,,",
        "amp=int8",
        "freeze=",
        "checkpoint=",
        "accumulate=0",
        "device=tpu",
    ],
)
def test_mistakes(text: str) -> None:
    with pytest.raises(ProblemError, match=r"--at: error: "):
        parse_conditions(text)
