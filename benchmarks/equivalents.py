"""Mutants that no test can notice, each with the reason."""

from __future__ import annotations

from mutants import Mutant

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "archprof/analysis/field.py",
        "above = field.units - len(field.tail) if field.tail else field.units + (padding or 0)",
        "+ -> -",
    ): "more units are looked at, in vain",
    **{
        (
            "archprof/ops/resize.py",
            'c, h, w = channels_first("interpolate", inputs[0])',
            change,
        ): "it has one input"
        for change in ("0 -> -1", "0 -> (-1)")
    },
    (
        "archprof/commands/measure/roofline.py",
        "below = max((size for size, _ in self.transfers if size <= moved), default=0)",
        "0 -> 1",
    ): "no transfer is of 0 bytes",
    (
        "archprof/commands/check/rules/repeated_layers.py",
        "beside = range(max(0, place - LONGEST), place + 1)",
        "0 -> (-1)",
    ): "nothing reads the last layer",
    (
        "archprof/commands/check/rules/unused_parameter.py",
        "document_walk.values(document.params, document.lets, document.init)",
        "document.params, document.lets -> document.lets, document.params",
    ): "a set of names",
    (
        "archprof/commands/lecture/reader.py",
        "return Claim(key, mark, ())",
        "Claim(key, mark, ()) -> None",
    ): "a file with a complaint is refused, its claims unread",
    (
        "archprof/commands/lecture/reader.py",
        "return Claim(key, mark, ())",
        "key, mark -> mark, key",
    ): "a file with a complaint is refused, its claims unread",
    **{
        (
            "archprof/commands/lecture/judge.py",
            "exact = [Fraction(v).limit_denominator(10**9) for v in values]",
            change,
        ): "only the order of size matters"
        for change in ("10 -> (9)", "10 -> 11", "9 -> (8)", "9 -> 10")
    },
}
"""The reason, by file, line and change."""


def reason(mutant: Mutant, sources: dict[str, bytes]) -> str:
    """Return why no test can notice a mutant, "" where one could."""
    line = sources[mutant.file].decode().splitlines()[mutant.line - 1].strip()
    return EQUIVALENT.get((mutant.file, line, mutant.change), "")
