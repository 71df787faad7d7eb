"""Text of changed layers: paths as one, settings."""

from __future__ import annotations

import pytest

from archprof.commands.diff.row_text import pattern, setting_text


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["conv1"], "conv1"),
        (["layer3.6", "layer3.7", "layer3.8"], "layer3.6-8"),
        (["layer3.6", "layer3.8"], "layer3.*"),
        (["layer1.0.conv2", "layer1.1.conv2", "layer2.0.conv2"], "layer*.*.conv2"),
        (["layer1.0.conv2", "layer2.0.conv2"], "layer*.0.conv2"),
        (["stem.conv", "body.0.conv"], "*.conv"),
        (["stem.conv", "body.0.relu"], "stem.conv … body.0.relu"),
        (["features.1 -> features.2", "features.3 -> features.5"], "features.* -> features.*"),
        (["a", "b"], "*"),
    ],
)
def test_paths_as_one(paths: list[str], expected: str) -> None:
    assert pattern(paths) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((3, 3), "3"),
        ((3, 1), "3x1"),
        (True, "true"),
        (None, "none"),
        ("nearest", "nearest"),
        (0.5, "0.5"),
        (((3, 8, 8),), "3x8x8"),
        (((3, 8, 8), (4, 8, 8)), "3x8x8 and 4x8x8"),
        (("a", "b"), "[a, b]"),
        (tuple("abcdef"), "[a, b, c, d and 2 more]"),
        ((1, 2, 3, 4), "1x2x3x4"),
        ((), "()"),
        ({"weight": 0}, "{'weight': 0}"),
    ],
)
def test_settings_as_a_spec_writes_them(value: object, expected: str) -> None:
    assert setting_text(value) == expected
