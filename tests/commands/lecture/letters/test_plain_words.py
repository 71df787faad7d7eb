"""A lecture's words for those of specs."""

from __future__ import annotations

import pytest

from archprof.commands.lecture.letters.plain_words import plain_words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("params of a < params of b", "parameters of a < parameters of b"),
        ("every max_pool2d of vgg16: kernel 2", "every max pooling of vgg16: kernel 2"),
        ("macs == 2", "multiply-adds = 2"),
        ("conv2d+linear", "convolution+fully connected layer"),
        ("layer_norm+batch_norm2d", "layer norm+batch norm"),
        ("local_response_norm", "local response norm"),
        ("resnet50 layer1.conv2d.relu", "resnet50 layer1.conv2d.relu"),  # a path
        ("paramset", "paramset"),
    ],
)
def test_words(text: str, plain: str) -> None:
    assert plain_words(text) == plain
