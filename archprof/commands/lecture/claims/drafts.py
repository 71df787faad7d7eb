"""Claims of a draft that are not filled in yet."""

from __future__ import annotations

from archprof.commands.lecture.claims.document import Claim, Undecidable

FILL_IN = "FILL IN"
"""How the reason of a claim begins whose subject a draft left to its author."""


def is_draft(claim: Claim) -> bool:
    """Whether a draft left it to its author what the claim is about."""
    return any(
        isinstance(part.statement, Undecidable) and part.statement.why.startswith(FILL_IN)
        for part in claim.parts
    )
