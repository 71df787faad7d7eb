"""Which arguments a constructor takes, told before it is called."""

from __future__ import annotations

from typing import Any

import pytest

from archprof.model.constructing import names_of, refuse_unknown, settings_of
from archprof.problem import ProblemError


class Settings:
    def __init__(self, width: int = 3, **more: Any):
        self.width, self.height, self._hidden = width, 4, 5


class Needing(Settings):
    def __init__(self, width: int, **more: Any):
        super().__init__(width)


def test_names_of_a_function() -> None:
    def function(a: int, /, b: int, *c: int, d: int = 3) -> None: ...

    assert names_of(function) == {"b", "d"}
    assert names_of(lambda **more: None) is None
    assert names_of(Settings) is None
    assert names_of(range) is None  # it does not say


def test_settings_are_what_a_configuration_has() -> None:
    assert settings_of(Settings) == {"width", "height", "more"}
    assert settings_of(Needing) is None  # there is none without its width


def test_the_first_unknown_name_is_refused() -> None:
    refuse_unknown("net", {"depth"}, {"depth": 3})
    refuse_unknown("net", None, {"dept": 3})
    with pytest.raises(ProblemError) as error:
        refuse_unknown("net", {"depth", "width"}, {"depth": 3, "widht": 4})
    assert str(error.value) == (
        "net: error: it takes no argument `widht` [capture]\n  hint: did you mean `width`?"
    )
    with pytest.raises(ProblemError, match="leave --arg out"):
        refuse_unknown("net", (), {"depth": 3})
