"""Read a message and suggest category, referral, track, flags and names. People decide; this says what it saw and why.

Pure: no clock, no database. The same text always gives the same answer.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext as _

from cases import recognition_danger
from cases.choices import Flag, ReferralTarget, Track
from cases.recognition_english import ENGLISH_RULES
from cases.recognition_rules import ADMINISTRATIVE, IN_PASSING, OTHER, RULES, Rule
from cases.recognition_scripts import english, simplified

READ_LIMIT = 4000  # characters of a message that are weighed; the longest of 1,137 real messages has 3,949
TITLE_FACTOR = 2.5
EARLY = 200
CLEAR_LEVEL_2 = 4.0
CLEAR_LEVEL_1 = 2.4


@dataclass(frozen=True)
class CategoryRow:
    """One line of the taxonomy (domain.md 3.3)."""

    code: str
    parent: str
    name_zh: str
    name_en: str
    official_type: str
    mediable: str  # Y, P (the civil part only), N (refer out), or empty
    anchor: str


@dataclass(frozen=True)
class Suggestion:
    """A category with the words that led to it; `confidence` runs from 0 to 1."""

    code: str
    reason: str
    confidence: float
    alternatives: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Referral:
    """The body that the matter belongs to; `civil_part` says whether something remains to be mediated."""

    target: ReferralTarget
    reason: str
    civil_part: bool

    @property
    def label(self) -> str:
        """Name the body as people know it."""
        return str(self.target.label)


@dataclass(frozen=True)
class TrackSuggestion:
    """What kind of matter it is, and why."""

    track: Track
    reason: str


@lru_cache(maxsize=1)
def taxonomy() -> dict[str, CategoryRow]:
    """Load the two-level taxonomy by code."""
    path = Path(__file__).parent / "data" / "taxonomy.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))
    return {line["code"]: _category_row(line) for line in lines}


def _category_row(line: dict[str, str]) -> CategoryRow:
    mediable = line["mediable"][:1]  # “P (jc N)”: partly, and an agreement on it cannot be confirmed by a court
    return CategoryRow(
        code=line["code"],
        parent=line["parent"],
        name_zh=line["name_zh"],
        name_en=line["name_en"],
        official_type=line["official_type"],
        mediable=mediable if mediable in ("Y", "P", "N") else "",
        anchor=line["anchor_or_referral"],
    )


# --- category ---------------------------------------------------------------------------------------------------------


@dataclass
class _Sign:
    """What one rule found."""

    rule: Rule
    score: float
    words: list[str]
    in_title: bool


@dataclass
class _Weighed:
    signs: list[_Sign] = field(default_factory=list)

    @property
    def score(self) -> float:
        scores = sorted((sign.score for sign in self.signs), reverse=True)
        return scores[0] + 0.3 * sum(scores[1:]) if scores else 0.0


def suggest_category(title: str, text: str) -> Suggestion:
    """Suggest a category of the taxonomy: level 2 where the words are clear, `xx99` where only level 1 is, else 99."""
    by_code = _weigh(title, text)
    groups = _groups(by_code)
    ranked = sorted(groups, key=lambda group: (-groups[group], group))
    if not ranked or groups[ranked[0]] < CLEAR_LEVEL_1:
        return Suggestion(OTHER, _("没有发现能说明类别的词语，请人工判断。"), 0.0)
    best = ranked[0]
    code = _best_code(best, by_code)
    second = groups[ranked[1]] if len(ranked) > 1 else 0.0
    confidence = round(groups[best] / (groups[best] + second), 2)
    words = _words(sign for found, weighed in by_code.items() if found[:2] == best for sign in weighed.signs)
    alternatives = tuple(_best_code(group, by_code) for group in ranked[1:3])
    return Suggestion(code, _reason(code, words), confidence, alternatives, words)


def _weigh(title: str, text: str) -> dict[str, _Weighed]:
    by_code: dict[str, _Weighed] = defaultdict(_Weighed)
    for rules, read in ((RULES, _plain), (ENGLISH_RULES, english)):
        head, body = read(title[:READ_LIMIT]), read(text[:READ_LIMIT])
        for rule in rules:
            sign = _sign(rule, head, body)
            if sign is not None:
                by_code[rule.code].signs.append(sign)
    return by_code


def _plain(text: str) -> str:
    normal = simplified(unicodedata.normalize("NFKC", text[:READ_LIMIT]))
    return IN_PASSING.sub("，", re.sub(r"\s+", "", normal))


def _sign(rule: Rule, head: str, body: str) -> _Sign | None:
    in_title = [found[0] for found in rule.pattern.finditer(head)]
    in_body = list(rule.pattern.finditer(body))
    if not in_title and not in_body:
        return None
    score = TITLE_FACTOR * rule.weight if in_title else 0.0
    if in_body:
        early = 1.0 if in_body[0].start() < EARLY else 0.5
        score += rule.weight * early * min(1 + 0.2 * (len(in_body) - 1), 1.8)
    return _Sign(rule, score, in_title + [found[0] for found in in_body], bool(in_title))


def _groups(by_code: dict[str, _Weighed]) -> dict[str, float]:
    members: dict[str, list[float]] = defaultdict(list)
    for code, weighed in by_code.items():
        members[code[:2]].append(weighed.score)
    return {group: max(scores) + 0.2 * (sum(scores) - max(scores)) for group, scores in members.items()}


def _best_code(group: str, by_code: dict[str, _Weighed]) -> str:
    codes = {code: weighed.score for code, weighed in by_code.items() if code[:2] == group}
    best = min(codes, key=lambda code: (-codes[code], code))
    if len(best) == 4 and codes[best] < CLEAR_LEVEL_2:
        return f"{group}99"
    return best


def _words(signs: Iterable[_Sign]) -> tuple[str, ...]:
    """Keep the four most telling words, each once, none inside another."""
    kept: list[str] = []
    for sign in sorted(signs, key=lambda sign: (-sign.score, sign.words[0])):
        word = sign.words[0]
        if not any(word in other or other in word for other in kept):
            kept.append(word)
    return tuple(kept[:4])


def _reason(code: str, words: tuple[str, ...]) -> str:
    quoted = "".join(f"“{word[:20]}”" for word in words)
    return _("留言写到%(words)s，像是“%(category)s”。") % {"words": quoted, "category": taxonomy()[code].name_zh}


# --- referral ---------------------------------------------------------------------------------------------------------

# domain.md 3.4: who has to act where a category is (partly) a matter of an authority.
_TARGETS = {
    "0105": ReferralTarget.MARKET,
    "0110": ReferralTarget.HOUSING,
    "0207": ReferralTarget.HOUSING,
    "0304": ReferralTarget.UTILITY,
    "0305": ReferralTarget.HOUSING,
    "0401": ReferralTarget.HOUSING,
    "0403": ReferralTarget.HOUSING,
    "0405": ReferralTarget.HOUSING,
    "0505": ReferralTarget.HOUSING,
    "0601": ReferralTarget.HOUSING,
    "0605": ReferralTarget.FIRE,
    "0702": ReferralTarget.HOUSING,
    "0703": ReferralTarget.CITY_MANAGEMENT,
    "0704": ReferralTarget.CITY_MANAGEMENT,
    "0705": ReferralTarget.CITY_MANAGEMENT,
    "0801": ReferralTarget.MARKET,
    "0903": ReferralTarget.ENVIRONMENT,
    "0905": ReferralTarget.POLICE,
    "1001": ReferralTarget.FIRE,
    "1002": ReferralTarget.FIRE,
    "1105": ReferralTarget.COURT,
    "11": ReferralTarget.STREET,
    "12": ReferralTarget.HOUSING,
    "1302": ReferralTarget.PLANNING,
    "1304": ReferralTarget.PLANNING,
    "13": ReferralTarget.HOUSING,
    "1402": ReferralTarget.CYBER,
    "1503": ReferralTarget.HOUSING,
    "1504": ReferralTarget.MARKET,
    "1505": ReferralTarget.MARKET,
    "16": ReferralTarget.LABOUR,
}
_VIOLENCE = re.compile(r"殴打|被打|打人|打业主|威胁.{0,4}(?:生命|人身)|恐吓|赌博|聚众")
_NIGHT_NOISE = re.compile(r"KTV|麻将|酒吧|歌厅|通宵|凌晨|深夜", re.IGNORECASE)


def suggest_referral(title: str, text: str, code: str) -> Referral | None:
    """Suggest where to send the matter, or nothing where it is wholly civil (domain.md 3.4)."""
    if code == ADMINISTRATIVE:
        return _administrative(title, text)
    row = taxonomy().get(code)
    plain = _plain(f"{title}。{text}")
    urgent = _police(plain, code, row)
    if urgent is not None:
        return urgent
    target = _TARGETS.get(code) or _TARGETS.get(code[:2])
    if row is None or target is None or row.mediable not in ("P", "N"):
        return None
    return Referral(target, _referral_reason(row, target), row.mediable == "P")


def _administrative(title: str, text: str) -> Referral:
    weighed = _weigh(title, text).get(ADMINISTRATIVE, _Weighed())
    by_authority: dict[tuple[str, str], _Weighed] = defaultdict(_Weighed)
    for sign in weighed.signs:
        by_authority[sign.rule.target, sign.rule.authority].signs.append(sign)
    if not by_authority:
        reason = _("这件事涉及行政管理，应由有关部门处理，可以向信访部门或者12345热线反映。")
        return Referral(ReferralTarget.PETITION, reason, civil_part=False)
    best = min(by_authority, key=lambda name: (-by_authority[name].score, name))
    words = "".join(f"“{word[:20]}”" for word in _words(by_authority[best].signs))
    reason = _("留言写到%(words)s，应由%(authority)s处理，不是民事调解的范围。") % {
        "words": words,
        "authority": best[1],
    }
    return Referral(ReferralTarget(best[0]), reason, civil_part=False)


def _police(plain: str, code: str, row: CategoryRow | None) -> Referral | None:
    civil = row is None or row.mediable != "N"
    violent = _VIOLENCE.search(plain)
    if violent and code[:2] in ("02", "09", "10"):
        reason = _("留言写到“%(word)s”，可能违反治安管理，应由公安机关处理；赔偿等民事部分可以调解。") % {
            "word": violent[0]
        }
        return Referral(ReferralTarget.POLICE, reason, civil)
    noisy = _NIGHT_NOISE.search(plain) if code == "0902" else None
    if noisy:
        reason = _("留言写到“%(word)s”，经营场所或夜间的严重噪声可以请公安机关处理；相邻各方之间仍可以调解。") % {
            "word": noisy[0]
        }
        return Referral(ReferralTarget.POLICE, reason, civil)
    return None


def _referral_reason(row: CategoryRow, target: ReferralTarget) -> str:
    facts = {"category": row.name_zh, "target": target.label}
    if row.mediable == "N":
        return _("“%(category)s”不能调解，应由%(target)s处理。") % facts
    return _("“%(category)s”中查处、认定的部分应由%(target)s处理；民事部分仍可以调解。") % facts


# --- track and flags --------------------------------------------------------------------------------------------------

_REPORT = re.compile(r"举报|控告|检举")
_CONSULT = re.compile(r"^(?:咨询|询问|请问|问问|想问)|咨询|请问|合法吗|合理吗|什么时候|何时|是否|吗[?？]?$|[?？]$")
_STRONG_CONSULT = re.compile(r"^(?:想?咨询|询问|请问|问问|想问)")
_COMPLAINT = re.compile(r"投诉|扰民|严重|违|强行|拒|不作为|没人管|乱|侵|欺")
_DISPUTE = re.compile(r"协商|调解|赔偿|退还|退款|纠纷|沟通.{0,6}(?:无果|未果|不成)|协调.{0,6}(?:无果|未果)")


def suggest_track(title: str, text: str, code: str) -> TrackSuggestion:
    """Suggest how to handle it: answer, complaint, mediation, or tip-off (domain.md 8.1)."""
    head, body = _plain(title), _plain(text)
    if code[:2] == "15":
        return TrackSuggestion(Track.INTERMEMBER, _("这是物业企业之间的纠纷。"))
    if found := _REPORT.search(head):
        return TrackSuggestion(
            Track.REPORT, _("标题写明“%(word)s”，按举报线索处理，举报人身份保密。") % {"word": found[0]}
        )
    if _STRONG_CONSULT.search(head) or (_CONSULT.search(head) and not _COMPLAINT.search(head + body[:EARLY])):
        return TrackSuggestion(Track.CONSULT, _("标题是提问，先答复。"))
    row = taxonomy().get(code)
    civil = row is not None and row.mediable in ("Y", "P")
    if civil and (found := _DISPUTE.search(body)):
        return TrackSuggestion(
            Track.MEDIATION, _("留言写到“%(word)s”，双方之间有具体争议，可以调解。") % {"word": found[0]}
        )
    return TrackSuggestion(Track.COMPLAINT, _("留言反映的是一方的做法，先转对方答复。"))


_PEOPLE = re.compile(
    r"(?:全体|众多|广大|所有|几百|上百|数百|几千|上千|数千|近?百|近?千|我们)(?:多)?(?:名|户|位)?(?:的)?(?:小区)?(?:业主|居民|住户|户)|"
    r"[\d几上数]{1,4}[百千万]?[多余]?(?:户|名|位)(?:业主|居民|住户|家庭)?|联名|业主代表|请愿|集体"
)
_MASS_RISK = re.compile(r"拉横幅|堵门|堵路|上访|群体性|群诉|聚集|游行|围堵|民怨|群情|维权.{0,6}极端|极端")
_FRAIL = re.compile(r"老人|老年|残疾|轮椅|孕妇|怀孕|重病|卧床|行动不便|独居|\d{2}岁高龄|高龄")
_MEDIA = re.compile(r"媒体|电视台|记者|曝光|帮女郎|抖音|微博|新闻")
_HOUSEHOLDS = re.compile(r"(\d{2,6})\s*[多余]?\s*户")


def suggest_flags(title: str, text: str) -> dict[Flag, str]:
    """Find what calls for special care, with the words that say so."""
    plain = _plain(f"{title}。{text}")
    signs = {
        Flag.SAFETY: recognition_danger.CHINESE,
        Flag.COLLECTIVE: _PEOPLE,
        Flag.MASS_RISK: _MASS_RISK,
        Flag.ELDERLY: _FRAIL,
        Flag.MEDIA: _MEDIA,
    }
    flags = {flag: found[0] for flag, pattern in signs.items() if (found := pattern.search(plain))}
    words = english(f"{title}. {text}"[:READ_LIMIT])
    if Flag.SAFETY not in flags and (danger := recognition_danger.danger_in_english(words)):
        flags[Flag.SAFETY] = danger
    others = {flag: found[0] for flag, pattern in recognition_danger.FLAGS.items() if (found := pattern.search(words))}
    return others | flags


def households(text: str) -> int | None:
    """Find the largest number of households that the message speaks of."""
    numbers = [int(found[1]) for found in _HOUSEHOLDS.finditer(_plain(text))]
    return max(numbers, default=None)
