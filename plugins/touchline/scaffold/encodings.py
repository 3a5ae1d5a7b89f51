"""Which encoding the bytes of a sample may be in. A doubt is told, never resolved in silence."""

import codecs
import re
import unicodedata
from dataclasses import dataclass

_BOMS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF8: "utf-8"} | {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_ESCAPE = re.compile(rb"\x1b(\$[@AB]|\$[()][A-G]|\([BIJ])")
_HZ = re.compile(rb"~\{[\x21-\x7e]{2,}~\}")
_SHIFTED = ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_2004", "iso2022_kr")
MULTI_BYTE = ("cp949", "gb18030", "big5", "cp932", "euc_jp", "big5hkscs", "johab")
"""Korean first: its syllables are everyday Chinese characters in gb18030, but hardly the other way round."""
SINGLE_BYTE = ("cp1252", "cp1250", "cp1251", "cp1253", "koi8_r", "latin_1", "cp850", "cp437", "mac_roman")
SHOWN = 3
_COMMON_SIGNS = "€£°«»、。「」・ー…\u2018\u2019\u201c\u201d\u2013\uff01\uff1f"
_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")
_FIRST_LEVELS = {
    # Encoding: its standard, and the range of lead bytes of the first level.
    "gb18030": ("gb2312", 0xB0, 0xD7),
    "big5": ("big5", 0xA4, 0xC6),
    "big5hkscs": ("big5", 0xA4, 0xC6),
    "cp932": ("euc_jp", 0xB0, 0xCF),
    "euc_jp": ("euc_jp", 0xB0, 0xCF),
}
_SCORED = 20_000
"""Characters are scored up to this many: enough to compare candidates."""


@dataclass(frozen=True)
class Encoding:
    """A proposed encoding; `doubt` says why it may be another one."""

    name: str
    doubt: str | None = None


def detect(sample: bytes, *, is_whole: bool) -> Encoding | None:
    """The encoding proposed for these first bytes of a file; None if no candidate reads them."""
    for mark, name in _BOMS.items():
        if sample.startswith(mark):
            return Encoding(name)
    if halves := _utf16_without_mark(sample):
        return Encoding(halves, "no byte order mark; every other byte is zero")
    if _ESCAPE.search(sample):
        names = reversed(_SHIFTED) if b"\x1b$)C" in sample else _SHIFTED
        fitting = [name for name in names if decode(sample, name, is_whole=is_whole) is not None]
        return Encoding(fitting[0], _candidates("escape sequences of ISO 2022", fitting)) if fitting else None
    if _HZ.search(sample) and decode(sample, "hz", is_whole=is_whole) is not None:
        return Encoding("hz", "~{ and ~} mark Chinese text in hz, but these bytes are valid utf-8, too")
    if decode(sample, "utf-8", is_whole=is_whole) is not None:
        is_told = is_whole or not sample.isascii()
        return Encoding("utf-8", None if is_told else "the sample is plain ASCII; other characters may follow")
    return _scored(sample, is_whole=is_whole)


def decode(sample: bytes, encoding: str, *, is_whole: bool) -> str | None:
    """The text; None if the bytes are not of this encoding. A character cut at the end of a part is dropped."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(sample, is_whole)
    except UnicodeError:
        return None


def _utf16_without_mark(sample: bytes) -> str | None:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half and max(even, odd) > 0.3 * half and min(even, odd) < 0.01 * half:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _scored(sample: bytes, *, is_whole: bool) -> Encoding | None:
    ranked: list[tuple[float, int, str]] = []
    for order, name in enumerate((*MULTI_BYTE, *SINGLE_BYTE)):
        text = decode(sample, name, is_whole=is_whole)
        if text is not None:
            ranked.append((-plausibility(text, name), order, name))
    names = [name for _, _, name in sorted(ranked)]
    return Encoding(names[0], _candidates("not utf-8; the most plausible", names)) if names else None


def _candidates(what: str, names: list[str]) -> str:
    others = ", ".join(names[1:SHOWN])
    return f"{what}, could also be {others}" if others else what


def plausibility(text: str, encoding: str) -> float:
    """How much the characters beyond ASCII look like words: 1 = all, below 0 = garbage."""
    scores: list[float] = []
    before = " "
    for character in text:
        if character > "\x7f":
            scores.append(_score(character, before, encoding))
            if len(scores) >= _SCORED:
                break
        before = character
    return sum(scores) / len(scores) if scores else 0.0


def _score(character: str, before: str, encoding: str) -> float:
    category, script = unicodedata.category(character), _script(character)
    if category in ("Cc", "Cn", "Co", "Cs"):
        return -2.0
    if not category.startswith("L"):
        return 0.3 if character in _COMMON_SIGNS else -0.5
    if script in _EAST_ASIAN:
        # Latin text read as a multi-byte encoding has lone ideographs among ASCII letters, or rare ones.
        is_lone = before.isascii() and before.isalpha()
        return -0.5 if is_lone or (script == "CJK" and not _is_common(character, encoding)) else 1.0
    if category == "Lu" and before.islower():
        return -1.0
    if not before.isalpha():
        return 0.5
    if script == "LATIN" and before > "\x7f":
        # Letters with accents stand alone among plain ones.
        return 0.0
    return 0.9 if _script(before) == script else -0.5


def _is_common(ideograph: str, encoding: str) -> bool:
    """Whether the standard behind the encoding has it in its first level, that of everyday characters."""
    if encoding not in _FIRST_LEVELS:
        return False
    standard, first, last = _FIRST_LEVELS[encoding]
    return first <= ideograph.encode(standard, "replace")[0] <= last


def _script(character: str) -> str:
    return unicodedata.name(character, "NONE").split()[0]
