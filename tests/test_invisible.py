"""Characters that nobody sees: the table against Python's Unicode data, and that what is read
stays readable.
"""

from __future__ import annotations

import sys
import unicodedata

import pytest

from archprof.units import printable

HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")

IGNORABLE = {  # Default_Ignorable_Code_Point, DerivedCoreProperties.txt of Unicode 16, as ranges
    0xAD: 0xAD,
    0x34F: 0x34F,
    0x61C: 0x61C,
    0x115F: 0x1160,
    0x17B4: 0x17B5,
    0x180B: 0x180F,
    0x200B: 0x200F,
    0x202A: 0x202E,
    0x2060: 0x206F,
    0x3164: 0x3164,
    0xFE00: 0xFE0F,
    0xFEFF: 0xFEFF,
    0xFFA0: 0xFFA0,
    0xFFF0: 0xFFF8,
    0x1BCA0: 0x1BCA3,
    0x1D173: 0x1D17A,
    0xE0000: 0xE0FFF,
}


def written_out(code: int) -> str:
    """A character as Python would write it."""
    if code < 256:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def test_every_character_by_its_category() -> None:
    """Controls, formats, surrogates, separators, ignorable ones and Braille's blank are shown;
    every other is left as it is.
    """
    ignorable = {code for first, last in IGNORABLE.items() for code in range(first, last + 1)}
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) == "Cn" and code not in ignorable:
            continue  # assigned by a later Unicode than this Python's, or never
        shown = (
            code in ignorable
            or code == 0x2800
            or (unicodedata.category(character) in HIDDEN and character != "\t")
        )
        if shown:
            assert printable(character) == written_out(code), hex(code)
        else:
            assert printable(character) == character.replace("\t", " "), hex(code)


@pytest.mark.parametrize(
    "text",
    [
        "Ångström, naïve, Übung",
        "网络 ネットワーク 네트워크",
        "שלום",
        "हिन्दी",
        "😀 ✓ ❤",
        "a\u00a0b",
        "e\u0301",
    ],
)
def test_what_people_read_stays(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("res\u3164net", r"res\u3164net"),
        ("a\u115f\u1160b", r"a\u115f\u1160b"),
        ("\u2800", r"\u2800"),
        ("a\u034fb", r"a\u034fb"),
        ("❤\ufe0f", r"❤\ufe0f"),
        ("\U000e0067", r"\U000e0067"),
        ("\U000e0100", r"\U000e0100"),
        ("\u2064", r"\u2064"),
        ("\uffa0", r"\uffa0"),
    ],
)
def test_those_that_passed_once(text: str, shown: str) -> None:
    assert printable(text) == shown
