"""What the wording of an agreement gives away: vague words, ownership, third parties, waived rights, amounts.

Pure: texts in, findings out. A finding is the word and the sentence in which it stands.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from documents.money import IN_WORDS, amount_in, disagreements, number


class Found(NamedTuple):
    """A word and the sentence that holds it."""

    word: str
    sentence: str


SENTENCE = re.compile(r"[^。；;！？!?\n]+")
NUMERAL = "[0-9０-９〇一二三四五六七八九十百千两]"
DATE = re.compile(
    rf"{NUMERAL}+\s*[年月日号]|{NUMERAL}{{4}}-{NUMERAL}{{1,2}}-{NUMERAL}{{1,2}}|{NUMERAL}+\s*个?(?:工作)?[日天周月]"
)
AMOUNT = re.compile(
    rf"{NUMERAL}[0-9０-９,，.．]*\s*(?:元|万|%|％|平方米|㎡|个|次|份|小时|间|盏|台|处)"
    r"|[壹贰叁肆伍陆柒捌玖拾佰仟]+[万亿]?元"
)

# Never enforceable; enforceable only beside a date; only beside an amount; only beside one of them.
EFFORT = "努力|尽力|尽量|力争|争取|协商解决|另行协商|另行约定|视情况|视情|原则上|加强沟通|妥善处理|妥善解决"
TIME = "尽快|尽早|及时|适时|近期|早日|抓紧|短期内|一段时间|必要时|条件成熟"
QUANTITY = "适当|酌情|合理|一定|若干|相应|适量|部分"
OPEN = r"相关|有关|(?<![平同相对均高中初上下])等(?![级待于额候同价效比])"


def vague_words(text: str, *, dated: bool = False, counted: bool = False) -> list[Found]:
    """Return words that no court could enforce where they stand; an item may say elsewhere when and how much."""
    found = []
    for sentence in sentences(text):
        has_date, has_amount = dated or bool(DATE.search(sentence)), counted or bool(AMOUNT.search(sentence))
        wanted = [EFFORT]
        wanted += [] if has_date else [TIME]
        wanted += [] if has_amount else [QUANTITY]
        wanted += [] if has_date or has_amount else [OPEN]
        found += [Found(match.group(), sentence) for match in re.finditer("|".join(wanted), sentence)]
    return found


def sentences(text: str) -> list[str]:
    return [found.group().strip() for found in SENTENCE.finditer(text) if found.group().strip()]


# CPLJI 355: the court confirms nothing that decides who owns what.
OWNERSHIP = (
    r"(?:权属|产权|所有权|物权|使用权归属)[^，。；]{0,12}?(?:归|属|确认|判归|为|转移|变更)",
    r"(?:归(?!还)|属于|属)[^，。；]{0,12}?(?:所有|共有)",
    r"(?:确认|认定)[^，。；]{0,20}?(?:所有权|产权|权属|物权)",
    r"(?:办理|协助办理)[^，。；]{0,8}?(?:过户|产权转移|产权变更)",
)


def ownership_clauses(text: str) -> list[Found]:
    """Return clauses that decide who owns something."""
    return _first(OWNERSHIP, text)


# Bodies that are seldom a party; what they are said to owe binds nobody.
OUTSIDERS = (
    "第三方|案外人|保险公司|开发商|建设单位|开发建设单位|施工单位|维保单位|电梯公司|供水公司|供电公司|燃气公司|供热公司|"
    "街道办事处|街道办|街道|居委会|居民委员会|社区|城管|消防部门|政府|全体业主|其他业主|家属|子女|父母|配偶|亲属"
)
BURDEN = "应当|应|须|必须|负责|承担|支付|赔偿|保证|配合|修复|维修|出资"


def burdened_outsiders(text: str, names: set[str]) -> list[Found]:
    """Return bodies outside the case that the text makes owe something; what a party's own name contains is no such."""
    found = []
    for match in re.finditer(rf"({OUTSIDERS})[^，。；、]{{0,8}}?(?:{BURDEN})", text):
        body = match.group(1)
        if not any(body in name for name in names):
            found.append(Found(body, _sentence_at(text, match.start())))
    return found


WAIVED = (
    r"(?:不得|不能|不再|放弃)[^，。；]{0,8}?(?:起诉权|诉权|诉讼权利|起诉|诉讼|投诉|举报|信访|报警|仲裁)",
    r"(?:限制|扣押|扣留)[^，。；]{0,8}?(?:人身|出入|进出|自由|身份证|门禁)",
)


def waived_rights(text: str) -> list[Found]:
    """Return clauses by which somebody gives up the way to a court or an authority, or freedom (PML 3)."""
    return _first(WAIVED, text)


UTILITY = r"(?:停|断|中断|切断|停止|限制)(?:供|止供|用)?[^，。；]{0,2}?(?:水|电|热|暖|气|燃气|煤气|天然气)"
FOR_DEBT = r"欠|未交|不交|未缴|不缴|拖欠|逾期|未付|不付|未按"


def stopped_utilities(text: str) -> list[Found]:
    """Return clauses about stopping water, power, heat or gas (ESL 3: no e-signature; CC 944: never to collect)."""
    return [found for found in _first((UTILITY,), text) if "停车" not in found.word]


def is_for_debt(found: Found) -> bool:
    """Say whether the stopping is a means of collecting."""
    return re.search(FOR_DEBT, found.sentence) is not None


WASTES_OWNERS = (
    "维修资金|公共收益|共有部分|共用部位|公共部位|共有收益|放弃|免除|减免|豁免|让与|转让|选聘|续聘|解聘|改变用途|经营权"
)


def disposes_of_owners_rights(text: str) -> list[Found]:
    """Return words by which a committee would dispose of what belongs to all owners (CC 278)."""
    return _first((WASTES_OWNERS,), text)


FIGURES = re.compile(r"[￥¥]?\s*([0-9][0-9,，]*(?:\.[0-9]+)?)\s*(万)?元")


def amounts_that_differ(text: str) -> list[Found]:
    """Return amounts whose words and figures stand beside each other and differ."""
    return [Found(f"{one.words}≠{one.figures}", _sentence_at(text, one.place)) for one in disagreements(text)]


def amounts_of(text: str) -> list[Decimal]:
    """Return the amounts of yuan that stand in figures or in words."""
    figures = [number(match[1]) * (10_000 if match[2] else 1) for match in FIGURES.finditer(text)]
    return figures + [amount for match in IN_WORDS.finditer(text) if (amount := amount_in(match.group())) is not None]


def _first(patterns: tuple[str, ...], text: str) -> list[Found]:
    """Return each match with its sentence, one for a sentence."""
    rows: dict[str, Found] = {}
    for sentence in sentences(text):
        for pattern in patterns:
            match = re.search(pattern, sentence)
            if match is not None:
                rows.setdefault(sentence, Found(match.group(), sentence))
    return list(rows.values())


def _sentence_at(text: str, place: int) -> str:
    return next(_holding(text, place), text)


def _holding(text: str, place: int) -> Iterator[str]:
    for found in SENTENCE.finditer(text):
        if found.start() <= place < found.end():
            yield found.group().strip()
