"""Amounts in the capitals of documents (壹万捌仟陆佰元整), written and read. Pure: no clock, no database."""

import re
from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
SMALL, LARGE = ("", "拾", "佰", "仟"), ("", "万", "亿", "万亿")
VALUES = {sign: value for value, sign in enumerate(DIGITS)} | {
    sign: value for value, sign in enumerate("〇一二三四五六七八九")
}
VALUES |= {"两": 2, "贰": 2, "弍": 2, "叄": 3}
UNITS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
WORDS = "[零〇一二三四五六七八九两壹贰弍叁叄肆伍陆柒捌玖拾十佰百仟千万亿]"
# Written with 元 or 圆; digits alone are no amount in words.
IN_WORDS = re.compile(rf"({WORDS}+)[元圆](?:({WORDS})角)?零?(?:({WORDS})分)?[整正]?")
MOST = Decimal(10) ** 16


def in_capitals(amount: Decimal) -> str:
    """Write an amount of yuan in capitals; raises ValueError for what is negative, too large or finer than a fen."""
    if amount < 0 or amount >= MOST or amount != amount.quantize(Decimal("0.01")):
        raise ValueError("an amount of yuan is not negative, below ten to the sixteen and whole in fen")
    yuan, fen = divmod(int(amount * 100), 100)
    jiao, fen = divmod(fen, 10)
    if not jiao and not fen:
        return f"{_integer(yuan)}元整"
    head = f"{_integer(yuan)}元" if yuan else ""
    if not jiao:
        return f"{head}{'零' if yuan else ''}{DIGITS[fen]}分"
    return f"{head}{DIGITS[jiao]}角" + (f"{DIGITS[fen]}分" if fen else "整")


def _integer(number: int) -> str:
    if number == 0:
        return "零"
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _group(group) + ("万" if place == 3 and groups[2] else LARGE[place])
        gap = False
    return words


def _group(group: int) -> str:
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + DIGITS[digit] + SMALL[place]
        gap = False
    return words


def amount_in(words: str) -> Decimal | None:
    """Read an amount written in words; None where it is none."""
    found = IN_WORDS.fullmatch(words.strip())
    if found is None:
        return None
    yuan, jiao, fen = (found.group(i) or "零" for i in (1, 2, 3))
    number = _number(yuan)
    if number is None or jiao not in VALUES or fen not in VALUES:
        return None
    return Decimal(number) + Decimal(VALUES[jiao]) / 10 + Decimal(VALUES[fen]) / 100


def _number(words: str) -> int | None:
    """Read a whole number: groups below 万 and 亿; a number without units (一八六〇〇) is none."""
    for unit, value in (("亿", 10**8), ("万", 10**4)):
        head, sign, tail = words.rpartition(unit) if unit == "亿" else words.partition(unit)
        if sign:
            left, right = _number(head), _number(tail) if tail else 0
            return None if not head or left is None or right is None else left * value + right
    total, digit = 0, None
    for sign in words:
        if sign in UNITS:
            total += (1 if digit is None else digit) * UNITS[sign]
            digit = None
        elif sign in VALUES:
            if digit:
                return None
            digit = VALUES[sign]
        else:
            return None
    return total + (digit or 0)
