"""Exported programs as tapes: what torch.export.save wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from archprof.capturing.assemble import network
from archprof.model.programs import program
from archprof.problem import ProblemError

pytestmark = pytest.mark.filterwarnings("ignore")


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.bn = nn.BatchNorm2d(8)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.bn(self.conv(x)).relu()
        return result


def saved(folder: Path, batch: int = 1) -> Path:
    path = folder / "small.pt2"
    exported = torch.export.export(Small().eval(), (torch.zeros(batch, 3, 8, 8),))
    torch.export.save(exported, path)
    return path


def test_a_program_has_the_layers_and_the_weights_of_its_module(tmp_path: Path) -> None:
    path = saved(tmp_path)
    tape, module = program(path, str(path))
    nodes = network(tape).at_own_input().nodes
    # 8*3*3*3 + 8 of the convolution, 2*8 of the norm and its 2*8 + 1 buffers
    found = [(node.path, node.kind, node.params, node.buffers) for node in nodes]
    assert found == [
        ("conv", "conv2d", 224, 0),
        ("bn", "batch_norm2d", 16, 17),
        ("relu", "relu", 0, 0),
    ]
    assert sum(p.numel() for p in module.parameters()) == 240
    assert list(tape.inputs) == ["x"]


def test_a_program_of_several_images_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, batch=2)
    with pytest.raises(ProblemError, match="its input x is 2x3x8x8, expected a batch of 1"):
        program(path, "small.pt2")


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"layers: {}"])
def test_what_is_no_program_is_refused(
    tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none.pt2"
    path.write_bytes(content)
    with pytest.raises(ProblemError, match="cannot be read as a program"):
        program(path, "none.pt2")
    assert capfd.readouterr().err == ""


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"missing\.pt2: error: there is no such file"):
        program(tmp_path / "missing.pt2", "missing.pt2")
