"""Amounts of money in figures and in capitals (大写), and whether both say the same. Pure."""

import re
from decimal import Decimal
from typing import NamedTuple

DIGITS = "零壹贰叁肆伍陆柒捌玖"
SMALL = ("", "拾", "佰", "仟")
LARGE = ("", "万", "亿", "万亿")
LIMIT = Decimal(10) ** 16
# As people also write them.
VARIANTS = str.maketrans("〇一二三四五六七八九十百千萬億两弍叄圆正", "零壹贰叁肆伍陆柒捌玖拾佰仟万亿贰贰叁元整")
NUMERALS = "壹贰叁肆伍陆柒捌玖拾一二三四五六七八九十两弍叄"
SIGNS = f"零〇{NUMERALS}佰仟百千万亿萬億"
# A unit alone is no amount: 1.8万元 ends in figures, not in words.
_WORDS = rf"[{SIGNS}]*[{NUMERALS}][{SIGNS}]*[元圆](?:[{SIGNS}]角)?零?(?:[{SIGNS}]分)?[整正]?"
IN_WORDS = re.compile(_WORDS)
_FIGURES = r"[¥￥]?\s*(?P<figures>\d[\d,，]*(?:\.\d{1,2})?)\s*(?P<wan>万)?\s*元?"
_WORDS_FIRST = re.compile(rf"(?P<words>{_WORDS})\s*[（(]\s*(?:即|计|人民币|小写|RMB)*[:：]?\s*{_FIGURES}\s*[）)]")
_FIGURES_FIRST = re.compile(
    rf"{_FIGURES}\s*[（(]\s*(?:即|计|大写|人民币)*[:：]?\s*(?:人民币)?(?P<words>{_WORDS})\s*[）)]"
)


def in_capitals(amount: Decimal) -> str:
    """Write an amount in yuan in capitals: 18600 → 壹万捌仟陆佰元整; raises ValueError for what cannot be paid."""
    if not amount.is_finite() or amount < 0 or amount >= LIMIT:
        raise ValueError("an amount is neither negative nor endless")
    cents = int((amount * 100).to_integral_exact()) if amount == amount.quantize(Decimal("0.01")) else None
    if cents is None:
        raise ValueError("an amount has at most two decimals")
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    whole = _whole(yuan) + "元" if yuan or not cents else ""
    if not jiao and not fen:
        return whole + "整"
    tail = DIGITS[jiao] + "角" if jiao else ("零" if whole else "")
    return whole + tail + (DIGITS[fen] + "分" if fen else "整")


def _whole(number: int) -> str:
    if number == 0:
        return "零"
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for place in reversed(range(len(groups))):
        group = groups[place]
        if group == 0:
            gap = bool(text)
            if place == 2 and text and not text.endswith("亿"):
                text += "亿"
            continue
        text += ("零" if text and (gap or group < 1000) else "") + _four(group) + _large(place, groups)
        gap = False
    return text


def _large(place: int, groups: list[int]) -> str:
    """Return the unit after a group of four digits; 万亿 loses its 亿 where another group says it."""
    if place == 3:
        return "万" if groups[2] else "万亿"
    return LARGE[place]


def _four(group: int) -> str:
    text, gap = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + DIGITS[digit] + SMALL[place]
        gap = False
    return text


def read_capitals(words: str) -> Decimal:
    """Read an amount in capitals, or as people write it (一万八千元); raises ValueError."""
    plain = words.strip().removeprefix("人民币").translate(VARIANTS).rstrip("整")
    whole, _yuan, rest = plain.partition("元") if "元" in plain else ("", "", plain)
    if not whole and not rest:
        raise ValueError(words)
    total = Decimal(_read_whole(whole)) if whole else Decimal(0)
    for unit, worth in (("角", Decimal("0.1")), ("分", Decimal("0.01"))):
        before, found, after = rest.partition(unit)
        if found:
            total += _digit(before.lstrip("零")) * worth
            rest = after
    if rest.strip("零"):
        raise ValueError(words)
    return total


def amount_in(words: str) -> Decimal | None:
    """Read an amount written in words; None where it is none."""
    try:
        return read_capitals(words)
    except ValueError:
        return None


def _read_whole(text: str) -> int:
    total = group = digit = 0
    for sign in text:
        if sign in DIGITS:
            if digit:  # one digit after another (一八六) says no amount
                raise ValueError(text)
            digit = DIGITS.index(sign)
        elif sign in SMALL[1:]:
            group, digit = group + (digit or 1) * 10 ** SMALL.index(sign), 0
        elif sign in "万亿":
            total, group, digit = _raise(total, group + digit, sign), 0, 0
        else:
            raise ValueError(text)
    return total + group + digit


def _raise(total: int, group: int, unit: str) -> int:
    if unit == "万":
        return total + group * 10**4
    return (total + group) * 10**8


def _digit(text: str) -> int:
    if len(text) != 1 or text not in DIGITS:
        raise ValueError(text)
    return DIGITS.index(text)


def written(amount: Decimal) -> str:
    """Write an amount as an agreement does: 人民币壹万捌仟陆佰元整（¥18,600.00）."""
    return f"人民币{in_capitals(amount)}（¥{amount:,.2f}）"


class Disagreement(NamedTuple):
    """Words and figures side by side that do not name the same amount, and where in the text they begin."""

    words: str
    figures: str
    place: int


def disagreements(text: str) -> list[Disagreement]:
    """Return every pair of words and figures side by side in a text that do not name the same amount."""
    return [
        Disagreement(found["words"], found["figures"], found.start())
        for pattern in (_WORDS_FIRST, _FIGURES_FIRST)
        for found in pattern.finditer(text)
        if not _same(found["words"], found["figures"], ten_thousands=bool(found["wan"]))
    ]


def _same(words: str, figures: str, *, ten_thousands: bool) -> bool:
    return amount_in(words) == number(figures) * (10_000 if ten_thousands else 1)


def number(figures: str) -> Decimal:
    """Read figures with their commas."""
    return Decimal(figures.replace(",", "").replace("，", ""))
