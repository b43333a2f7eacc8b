"""What is shown of a person when the whole need not be seen (domain.md 6.3)."""

import re

SURNAMES_OF_TWO = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 "
    "公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 百里 呼延 东郭 南门 羊舌 轩辕 拓跋"
)
COMPOUND_SURNAMES = frozenset(SURNAMES_OF_TWO.split())
PHONE = re.compile(r"(?<!\d)(\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
ID_NUMBER = re.compile(r"(?<!\d)(\d)\d{16}([\dXx])(?!\d)")
PLATE = re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-Z0-9]{5,6}")


def mask_name(name: str) -> str:
    """Keep the surname: 张桂兰 → 张**, 欧阳修 → 欧阳*."""
    name = name.strip()
    kept = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:kept] + "*" * min(len(name) - kept, 2) if name else ""


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
    found = re.search(r"[0-9０-９一二三四五六七八九十A-Za-z]+\s*(幢|栋|号|座|单元|室|层|#|-)", address)
    return address[: found.start()].rstrip() + "…" if found else address


def mask_text(text: str) -> str:
    """Mask phone, identity and plate numbers inside free text."""
    text = PHONE.sub(lambda found: f"{found[2]}****{found[4]}", text)
    text = ID_NUMBER.sub(lambda found: f"{found[1]}{'*' * 16}{found[2]}", text)
    return PLATE.sub(lambda found: found[0][:2] + "*****", text)
