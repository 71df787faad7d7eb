"""The published shape of a search for the largest batch, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from archprof.commands.measure.planning.manifest_contract import FIRST
from archprof.show.contract import Count, Strict


class BatchTry(Strict):
    """One batch that was tried; `peak_bytes` are the allocator's most, null where not known."""

    batch: Annotated[int, Field(ge=1)]
    status: Literal["fits", "out_of_memory", "failed"]
    message: str
    peak_bytes: Count | None


class BatchSearch(Strict):
    """The search of `--largest-batch`: the largest batch that fits, null where none does, the
    smallest for which there was no memory, null for none, and every try in its order.

    Where the last try failed, which is for another reason than memory, it ended the search.
    """

    largest: Annotated[int, Field(ge=1)] | None
    refused: Annotated[int, Field(ge=1)] | None
    tries: Annotated[list[BatchTry], FIRST, Field(min_length=1)]
