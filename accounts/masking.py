"""What is shown of a person when the whole need not be seen (domain.md 6.3)."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from itertools import groupby

from stdnum.cn import uscc

from accounts.folding import clean, clean_line

SURNAMES_OF_TWO = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 "
    "公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 百里 呼延 东郭 南门 羊舌 轩辕 拓跋 司寇 子车 颛孙 巫马 公西 "
    "漆雕 乐正 壤驷 公良 夹谷 宰父 谷梁 段干 东门 西门 南荣 左丘 梁丘 第五 微生 贺兰 纳兰 完颜 耶律 单于 淳于 "
    "歐陽 司馬 獨孤 萬俟 聞人 諸葛 尉遲 赫連 澹臺 濮陽 公孫 仲孫 鍾離 長孫 鮮于 軒轅 東方 東郭 東門 南宮 納蘭 單于"
)
COMPOUND_SURNAMES = frozenset(SURNAMES_OF_TWO.split())

# People put anything between the digits, to be read more easily or to be found less easily.
_GAP = r"[\s.()\-·_~]{0,3}"
_DIGITS = rf"(?:[0-9]{_GAP})"
_CHINESE = "零〇一二三四五六七八九幺"


def _anywhere(pattern: str) -> re.Pattern[str]:
    """Find it from every place where it may begin: a number before it must not swallow its first digits."""
    return re.compile(f"(?=({pattern}))")


_ID_18 = _anywhere(rf"(?<![0-9]){_DIGITS}{{17}}[0-9Xx](?![0-9A-Za-z])")
_ID_15 = _anywhere(rf"(?<![0-9]){_DIGITS}{{14}}[0-9](?![0-9])")
_CARD = _anywhere(rf"(?<![0-9]){_DIGITS}{{15,18}}[0-9](?![0-9])")
_MOBILE = _anywhere(rf"(?<![0-9])(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9]{_GAP}{_DIGITS}{{8}}[0-9](?![0-9])")
_SPELT_MOBILE = _anywhere(rf"(?<![{_CHINESE}])[一幺][三四五六七八九][{_CHINESE}]{{9}}(?![{_CHINESE}])")
_AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"
_LANDLINE = _anywhere(
    rf"(?<![0-9])(?:0{_AREA}|(?:\+|00)86{_GAP}0?{_AREA}){_GAP}[1-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}(?![0-9])"
)
_CALLED = _anywhere(r"(?:电话|座机|固话|联系方式|[Tt]el)[^0-9]{0,4}(?P<number>[2-8][0-9]{2,3}[\s\-]?[0-9]{4})(?![0-9])")
_PLATE = _anywhere(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][\s·\-]?[A-Za-z0-9]{5,6}(?![A-Za-z0-9])"
)
_A_DAY = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}[\-.][0-9]{1,2}[\-.][0-9]{1,2}(?![0-9])")
_MEASURE = re.compile(r"\s?(?:元(?!旦)|[万亿㎡])")
_AN_AMOUNT = re.compile(r"[0-9\s]+\.[0-9]{1,2}")
PROVINCES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91"
)
_PROVINCES = frozenset(PROVINCES.split())


def mask_name(name: str) -> str:
    """Keep the surname: 张桂兰 → 张**, 欧阳修 → 欧阳*; nothing of a name of one sign."""
    name = clean_line(name)
    kept = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:kept] + "*" * min(len(name) - kept, 2) if len(name) > 1 else "*" * len(name)


def mask_phone(phone: str) -> str:
    """Keep three and four digits of a mobile, the last two of anything else: 138****5678."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    return "*" * max(len(digits) - 2, 0) + digits[-2:]


def mask_id(number: str) -> str:
    """Keep the first and the last character of an identity number."""
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if len(number) > 2 else "*" * len(number)


def mask_address(address: str) -> str:
    """Drop everything from the first house, building or room number on: 翠湖花园3幢502 → 翠湖花园…"""
    address = clean(address)
    found = re.search(r"[0-9０-９一二三四五六七八九十A-Za-z]+\s*(幢|栋|号|座|单元|室|层|#|-)", address)
    return address[: found.start()].rstrip() + "…" if found else address


# --- free text --------------------------------------------------------------------------------------------------------


def mask_text(text: str) -> str:
    """Mask telephone, identity, card and plate numbers inside free text, in whatever spelling.

    Days, amounts, numbers of cases and documents and credit codes stay as they are.
    """
    if not any(sign.isnumeric() for sign in text):
        return text
    plain, places = _without_widths(text)
    taken: list[tuple[int, int, str]] = []
    for pattern, shown in _WAYS:
        for found in pattern.finditer(plain):
            start, end = found.span(found.re.groups)
            free = all(end <= one or start >= other for one, other, _shown in taken)
            if free and (hidden := shown(plain[start:end])) and not _MEASURE.match(plain, end):
                opened = plain[start - 1 : start] == "(" and ")" in plain[start:end]
                taken.append((start - opened, end, hidden))
    for start, end, hidden in sorted(taken, reverse=True):
        text = text[: places[start]] + hidden + text[places[end - 1] + 1 :]
    return text


def _without_widths(text: str) -> tuple[str, list[int]]:
    """Return the text half-width and without what nobody sees, and for each of its signs the place in the original."""
    if text.isascii():
        return text, list(range(len(text)))
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        seen = sign if sign < "\x80" else _MARKS.get(sign) or unicodedata.normalize("NFKC", clean(sign))
        signs.append(seen)
        places += [place] * len(seen)
    return "".join(signs), places


_MARKS = (
    dict.fromkeys("‐‑‒–—―−－﹣", "-")
    | dict.fromkeys("•‧∙⋅・･。．", ".")
    | dict.fromkeys("【〔［〈《「", "(")
    | dict.fromkeys("】〕］〉》」", ")")
)


def _digits(found: str) -> str:
    return re.sub(r"[^0-9Xx]", "", found)


def _identity(found: str) -> str:
    number = _digits(found).upper()
    long = len(number) == 18
    born = number[6:14] if long else f"19{number[6:12]}"
    if number[:2] not in _PROVINCES or not _is_a_day(born):
        return ""
    if long and number.startswith("9") and uscc.is_valid(number):
        return ""  # the credit code of a company may be all digits
    return mask_id(number)


def _is_a_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1850
    except ValueError:
        return False


def _card(found: str) -> str:
    """Cards of banks begin with 4, 5 or 6 (ISO/IEC 7812), older ones of one bank with 9558."""
    number = _digits(found)
    return "*" * (len(number) - 4) + number[-4:] if number.startswith(("4", "5", "6", "9558")) else ""


def _mobile(found: str) -> str:
    if _A_DAY.search(found) or _AN_AMOUNT.fullmatch(found):
        return ""
    sizes = [len(list(group)) for digit, group in groupby(found, str.isdecimal) if digit]
    apart = found.replace(" ", "").isdecimal()
    if apart and len(sizes) > 1 and sizes.count(1) not in {0, 11} and sizes[0] != 1:
        return ""  # numbers in a row, as in a table
    return mask_phone(_digits(found)[-11:])


def _spelt_mobile(found: str) -> str:
    return found[:3] + "****" + found[-4:]


def _landline(found: str) -> str:
    number = _digits(found)
    kept = re.match(rf"(?:(?:00)?86)?0?{_AREA}", number)
    area = kept[0] if kept else ""
    return f"{area}-{'*' * (len(number) - len(area) - 2)}{number[-2:]}"


def _short_landline(found: str) -> str:
    return mask_phone(found)


def _plate(found: str) -> str:
    return found[:2] + "*****"


_WAYS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_ID_18, _identity), (_CARD, _card), (_ID_15, _identity), (_MOBILE, _mobile), (_SPELT_MOBILE, _spelt_mobile),
    (_LANDLINE, _landline), (_CALLED, _short_landline), (_PLATE, _plate),
)  # fmt: skip
