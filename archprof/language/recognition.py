"""Which YAML files are specs, and which are spaces: in a repository few are."""

from __future__ import annotations

import re

# folders that nobody's own specs lie in, as hidden ones
SKIPPED = ("node_modules", "__pycache__", "site-packages")

_SPEC = re.compile(r"""^["']?(?:layers|blocks|variants)["']?\s*:""", re.MULTILINE)
_INLINE = re.compile(r"""[{,]\s*["']?(?:layers|blocks|variants)["']?\s*:""")
_CLAIMS = re.compile(r"""^["']?claims["']?\s*:""", re.MULTILINE)
_SPACE = re.compile(r"""^["']?space["']?\s*:""", re.MULTILINE)


def looks_like_space(text: str) -> bool:
    """Whether a text has a space's words at its top, broken or not, and none of a spec's."""
    return bool(_SPACE.search(text)) and not looks_like_spec(text)


def looks_like_spec(text: str) -> bool:
    """Whether a text has a spec's words at its top, broken or not; a file of claims has others."""
    if _CLAIMS.search(text):
        return False
    return bool(_SPEC.search(text)) or (
        text.lstrip().startswith("{") and bool(_INLINE.search(text))
    )


def looks_like_either(text: str) -> bool:
    """Whether a text looks like a spec or like a space."""
    return looks_like_spec(text) or looks_like_space(text)
