"""Text as it is kept and as it is compared: `clean` on every way in, `fold` on both sides of every comparison. Pure."""

import re
import unicodedata

# Letters and marks that are drawn as nothing: fillers of Hangul and Braille, joiners, selectors of a variant.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\ufffc\ufdd0-\ufdef\ufffe\uffff\U000e0100-\U000e01ef]"
)
_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_BLANKS = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f]")
_NO_SIGN = frozenset({"Cc", "Cf", "Cs"})

_BRACKETS = str.maketrans("[{〔【〖〘〚〈《﹝⟨⟦❨〕】〗〙〛〉》﹞⟩⟧❩]}", "(" * 13 + ")" * 13)
_MARKS = str.maketrans({mark: "-" for mark in "‐‑‒–—―−﹣－"} | {mark: "·" for mark in "•‧∙⋅・･᛫●"})
_PHASE = re.compile(r"(?<![a-z])([ivx]{1,5})(?=期)|([一二三四五六七八九十]{1,3})(?=期)")
ROMAN_NUMBERS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"
_ROMAN = ROMAN_NUMBERS.split()


def clean(text: str) -> str:
    """Return the text without signs that nobody sees: of direction, of width nothing, of control.

    What is left is in composed form (NFC). Blanks around it stay: whoever asks knows whether they matter.
    """
    if text.isascii() and text.isprintable():
        return text
    plain = _BLANKS.sub(" ", _LINE_ENDS.sub("\n", _UNSEEN.sub("", text)))
    seen = (sign for sign in plain if sign in "\r\n\t" or unicodedata.category(sign) not in _NO_SIGN)
    return unicodedata.normalize("NFC", "".join(seen))


def clean_line(text: str) -> str:
    """Return the text on one line: no line break inside, one blank where there were several, none around it."""
    return " ".join(clean(text).split())


def plain(text: str) -> str:
    """Return the text as words are searched: half-width, small letters, one kind of bracket, dash and middle dot."""
    same_width = unicodedata.normalize("NFKC", clean(text).translate(_MARKS)).casefold()
    return unicodedata.normalize("NFKC", same_width).translate(_BRACKETS).translate(_MARKS)


def fold(text: str) -> str:
    """Return the key by which two spellings of one name are the same: `云水湾（Ⅱ期）` and `云水湾 (二期)`."""
    return _PHASE.sub(_phase, "".join(plain(text).split()))


def _phase(found: re.Match[str]) -> str:
    roman, chinese = found[1], found[2]
    if roman:
        return str(_ROMAN.index(roman) + 1) if roman in _ROMAN else roman
    return _chinese_number(chinese)


def _chinese_number(written: str) -> str:
    """Read 一 to 九十九; anything else stays as it is written."""
    digits = "零一二三四五六七八九"
    shape = re.fullmatch(rf"(?:([{digits}])?(十))?([{digits}])?", written)
    if shape is None:
        return written
    tens = digits.index(shape[1]) if shape[1] else int(bool(shape[2]))
    return str(tens * 10 + (digits.index(shape[3]) if shape[3] else 0))
