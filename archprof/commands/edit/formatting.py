"""Format spec files: set the white space between YAML's tokens anew.

Words, comments, their order and the line breaks stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

from archprof.language.source import parse
from archprof.language.text import lines, with_lines
from archprof.problem import Mark, Problem, ProblemError, Problems

STEP = 2  # columns; a list begins in the column of its key

_Loader = getattr(yaml, "CLoader", yaml.Loader)
_OPENING = (yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken)
_CLOSING = (yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
_BLOCKS = (yaml.BlockMappingStartToken, yaml.BlockSequenceStartToken, yaml.BlockEndToken)
_OPENERS = (yaml.BlockEntryToken, yaml.KeyToken, yaml.ValueToken)
_OUTSIDE = (
    yaml.DirectiveToken,
    yaml.DocumentStartToken,
    yaml.DocumentEndToken,
    yaml.StreamEndToken,
)
_KEEPS_BREAKS = re.compile(r"[|>]\d?\+")  # a block of text whose last blank lines belong to it
_NEEDLESS = re.compile(r'"[^"\'\\\n]*"\Z')  # double quotes that could be single ones


def formatted(text: str, name: str = "<text>") -> str:
    """Return the text in archprof's style, its lines ended as most of them were, \\n or \\r\\n.

    Formatting it again changes nothing.

    Raises ProblemError where the text is not YAML of a spec, or where its values or comments would
    not be the same afterwards.
    """
    found = Problems()
    before = parse(text, name, found)
    # such as a second document, which nobody has read
    if faults := [problem for problem in found if problem.rule == "yaml"]:
        raise ProblemError(with_lines(faults, {name: text}))
    pieces = _pieces(text)
    result = _Writer().written(pieces)
    try:
        after = parse(result, name, Problems())
        same = repr(after.plain()) == repr(before.plain())
        same = same and _comments(_pieces(result)) == _comments(pieces)
    except ProblemError:
        same = False
    if not same:
        message = "formatting would change what this file says, so it stays as it is"
        hint = "a text over several lines is in the way: write it in one, or as a block (`|`)"
        raise ProblemError([Problem(Mark(name), "format", message, hint)])
    return result.replace("\n", "\r\n") if 2 * text.count("\r\n") > text.count("\n") else result


class _Piece(NamedTuple):
    """A token that has text, with the blocks that end or begin before it.

    `above` is the rest of the line before, then the lines in between, comments or blank; it is
    empty for a token in the line of the one before.
    """

    token: Any
    text: str
    above: tuple[str, ...]
    blocks: tuple[Any, ...]
    is_key: bool


def _pieces(text: str) -> list[_Piece]:
    # so that every token has a line before it
    source = "\n".join(["", *lines(text.removeprefix("\ufeff"))])
    source += "" if source.endswith("\n") else "\n"
    pieces: list[_Piece] = []
    blocks: list[Any] = []
    is_key, end = False, 0
    for token in yaml.scan(source, Loader=_Loader):
        start = token.start_mark.index
        if isinstance(token, _BLOCKS):
            blocks.append(token)
        elif start == token.end_mark.index and not isinstance(token, yaml.StreamEndToken):
            is_key = is_key or isinstance(token, yaml.KeyToken)
        else:
            word = source[start : token.end_mark.index]
            if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
                word = word[:-1] if _KEEPS_BREAKS.match(word) else word.rstrip("\n")
            above = tuple(row.rstrip() for row in source[end:start].split("\n")[:-1])
            pieces.append(_Piece(token, word, above, tuple(blocks), is_key))
            blocks, is_key, end = [], False, start + len(word)
    return pieces


def _comments(pieces: Sequence[_Piece]) -> list[str]:
    return [row.strip() for piece in pieces for row in piece.above if row]


class _Level(NamedTuple):
    """An open block: the column it had, and the one it gets."""

    old: int
    new: int


class _Writer:
    """Writes the pieces of a text, in the lines that they were in."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.levels: list[_Level] = []
        self.depth = 0  # of brackets
        self.opener: Any = None  # the `-`, `:` or `?` that what follows belongs to

    def written(self, pieces: Sequence[_Piece]) -> str:
        for i, piece in enumerate(pieces):
            around = self.levels.copy()
            for block in piece.blocks:
                self.block(block)
            if piece.above:
                column = self.column(piece)
                blank = self.between(piece.above, around, column)
                if piece.text:  # the end of the file has none
                    self.line(blank, column, self.word(piece))
            elif not (
                isinstance(piece.token, yaml.FlowEntryToken)
                and isinstance(pieces[i + 1].token, _CLOSING)
                and not pieces[i + 1].above
            ):
                self.parts += [_gap(pieces[i - 1].token, piece.token), self.word(piece)]
            self.depth += isinstance(piece.token, _OPENING) - isinstance(piece.token, _CLOSING)
            if isinstance(piece.token, _OPENERS):
                self.opener = piece.token
        return "".join([*self.parts, "\n"])

    def line(self, blank: bool, column: int, text: str) -> None:
        """Begin a line, after a blank one if there was one."""
        breaks = ""
        if self.parts:
            breaks = "\n\n" if blank else "\n"
        self.parts.append(f"{breaks}{' ' * column}{text}")

    def block(self, token: Any) -> None:
        """Note that a block begins or ends."""
        if isinstance(token, yaml.BlockEndToken):
            self.levels.pop()
        elif not self.levels:
            self.levels.append(_Level(token.start_mark.column, 0))
        else:
            new = self.levels[-1].new
            is_list = isinstance(token, yaml.BlockSequenceStartToken)
            if not (is_list and isinstance(self.opener, yaml.ValueToken)):
                new += STEP
            self.levels.append(_Level(token.start_mark.column, new))

    def column(self, piece: _Piece) -> int:
        """Return the column of a line that begins with this piece."""
        if isinstance(piece.token, _OUTSIDE) or (not self.levels and not self.depth):
            return 0
        here = self.levels[-1].new if self.levels else 0
        # further in than the block around it, a closing bracket too: YAML 1.2 wants it so
        if self.depth:
            return here + STEP * self.depth
        return here if piece.is_key or isinstance(piece.token, _OPENERS) else here + STEP

    def between(self, above: Sequence[str], around: Sequence[_Level], column: int) -> bool:
        """End the line before, and write the comments above the next, which begins at `column`.

        Return whether a blank line comes before that.
        """
        if above[0]:
            self.parts.append(f"  {above[0].strip()}")
        blank = False
        for row in above[1:]:
            if row:
                at = len(row) - len(row.lstrip())
                inside = [
                    level.new
                    for level in around
                    if level.old <= at and level.new > column and not self.depth
                ]
                self.line(blank, max(inside, default=column), row.strip())
            blank = not row
        return blank

    def word(self, piece: _Piece) -> str:
        """Return the token's text; lines below its first move with their block."""
        if _NEEDLESS.match(piece.text):
            return f"'{piece.text[1:-1]}'"
        first, *rest = piece.text.split("\n")
        if not rest:
            return first
        level = self.levels[-1] if self.levels else _Level(0, 0)
        if piece.token.style in ("|", ">"):
            return "\n".join([first, *(_moved(row, level.new - level.old) for row in rest)])
        indent = " " * (level.new + STEP * (self.depth + 1))
        rows = [indent + row.lstrip(" \t") if row.strip() else "" for row in rest]
        return "\n".join([first.rstrip(), *rows])


def _moved(row: str, columns: int) -> str:
    """Return a row moved to the right, or to the left as far as it has spaces."""
    if row and columns > 0:
        return " " * columns + row
    spaces = len(row) - len(row.lstrip(" "))
    return row[min(-columns, spaces) :]


def _gap(before: Any, token: Any) -> str:
    """Return the white space between two tokens of a line."""
    if isinstance(before, _OPENING):
        return ""
    if isinstance(token, (*_CLOSING, yaml.FlowEntryToken)):
        return " " if isinstance(before, yaml.ValueToken) else ""
    if isinstance(token, yaml.ValueToken):
        # behind an alias a colon would belong to its name
        spaced = isinstance(before, (yaml.AliasToken, yaml.ValueToken, yaml.KeyToken))
        return " " if spaced else ""
    return " "
