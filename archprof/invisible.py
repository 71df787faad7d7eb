"""Characters that a reader does not see, or that move what is around them.

Wherever foreign text is printed they are shown as escapes. tests/test_invisible.py compares the
table with Python's own Unicode data.
"""

from __future__ import annotations

import re

_CONTROLS = r"\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
"""Cc, Zl, Zp and Cs: control characters but the tab, line and paragraph separators, halves of
surrogate pairs.
"""

_FORMATS = (
    r"\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\ufff9-\ufffb\U000110bd\U000110cd"
    r"\U00013430-\U0001343f"
)
"""Cf that is not ignorable: marks around Arabic, Syriac and Kaithi numbers, annotations, joiners
of hieroglyphs.
"""

_IGNORABLE = (
    r"\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Default_Ignorable_Code_Point of Unicode 16, DerivedCoreProperties.txt: soft hyphen, fillers,
zero-width and direction marks, variation selectors, tags.
"""

_BLANK = r"\u2800"
"""Letters with nothing on them: Braille's blank pattern."""

INVISIBLE = re.compile(f"[{_CONTROLS}{_FORMATS}{_IGNORABLE}{_BLANK}]")


def escape(character: str) -> str:
    r"""Return the character as Python would write it: \x1b, \u200b, \U000e0041."""
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
