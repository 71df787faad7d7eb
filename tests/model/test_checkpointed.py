"""A module of archprof's that runs parts again."""

import pytest
import torch

import archprof
from archprof.model.checkpointed import checkpointed
from archprof.problem import ProblemError


def test_values_and_state_dict_stay() -> None:
    loaded = archprof.load("googlenet", "3x96x96")
    model = loaded.build().eval()
    image = torch.randn(1, 3, 96, 96)
    plain = model(image)
    keys = list(model.state_dict())
    found = checkpointed(model, [("inception3a.branch1.conv", "inception3a.concat")])
    assert found is model
    assert list(found.state_dict()) == keys
    assert torch.equal(found(image), plain)


def test_auxiliary_heads_are_given_too() -> None:
    loaded = archprof.load("googlenet", "3x96x96")
    outputs = checkpointed(loaded.build(aux_heads=True), [("conv1.conv", "maxpool1")])(
        torch.randn(2, 3, 96, 96)
    )
    assert [tuple(each.shape) for each in outputs] == [(2, 1000)] * 3


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (
            [("conv1", "layer9.0.conv1")],
            "checkpointed: error: the module runs no layer `layer9.0.conv1` [layer]\n"
            "  hint: did you mean `layer3.0.conv1`?",
        ),
        (
            [("bn1", "conv1")],
            "checkpointed: error: the part `bn1` to `conv1` lies not behind the one before it"
            " [layer]\n  hint: list the parts in the order of execution, none inside another",
        ),
        (
            [("conv1", "relu"), ("bn1", "layer1.0.relu2")],
            "checkpointed: error: the part `bn1` to `layer1.0.relu2` lies not behind the one before"
            " it [layer]\n  hint: list the parts in the order of execution, none inside another",
        ),
    ],
)
def test_parts_that_are_none_are_refused(parts: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(ProblemError) as error:
        checkpointed(archprof.load("resnet20").build(), parts)
    assert str(error.value) == said
