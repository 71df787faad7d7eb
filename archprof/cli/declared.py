"""How a command declares its arguments and options, as plain records.

Two readers take them: `quick.py`, and typer, whose import takes longer than a whole summary.
"""

from __future__ import annotations

from collections.abc import Callable

Completion = Callable[..., list[str]]


class Option:
    """An option; without names it is called after its parameter, `--no-cache` for `no_cache`."""

    __slots__ = ("autocompletion", "help", "max", "metavar", "min", "names", "show_default")

    def __init__(
        self,
        *names: str,
        help: str,
        metavar: str | None = None,
        min: float | None = None,
        max: float | None = None,
        show_default: bool | str = True,
        autocompletion: Completion | None = None,
    ):
        self.names = names
        self.help = help
        self.metavar = metavar
        self.min, self.max = min, max  # of a number, both allowed
        self.show_default = show_default  # in its help; a text in place of the default
        self.autocompletion = autocompletion


class Argument:
    """A word without a dash, told from others by its place; needed unless it has a default."""

    __slots__ = ("autocompletion", "help", "metavar", "show_default")

    def __init__(
        self,
        *,
        help: str,
        metavar: str | None = None,
        show_default: bool = True,
        autocompletion: Completion | None = None,
    ):
        self.help = help
        self.metavar = metavar
        self.show_default = show_default
        self.autocompletion = autocompletion
