"""Find names of estates and companies in free text, and match known ones fast. Pure, no database."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.folding import fold

READ_LIMIT = 20_000

# What stands before a name and does not belong to it.
_PLACE = re.compile(
    r"[A-Z]\d{0,2}(?:省|市|县|区)(?:[市县区](?!域))?|西地省|"
    r"(?:安徽|广东)省?|[\u4e00-\u9fff]{2,3}市|[\u4e00-\u9fff]{0,4}(?:街道|大道|镇)(?:办事处)?|"
    r"[\u4e00-\u9fff]{1,4}[路街巷](?:与|和)?(?:\d+号)?(?![\u4e00-\u9fff]{0,2}(?:小区|花园))|\d{2,4}国道"
)
_BOUNDARY = re.compile(
    r"尊敬的|关于|反映|反应|投诉|举报|请求|恳请|希望|咨询|询问|请问|质疑|强烈|坚决|反对|建议|呼吁|拯救|解决|处理|查处|拆除|督促|敦促|"
    r"我们是|我是|我们|本人|居住在|居住于|居住|住在|家住|位于|地处|坐落于|购买了?|买了?|入住|租住|"
    r"一名|一个|全体|广大|众多|部分|所有|众|各|该|本|此|其|某|这个|那个|整个|每个|两个|几个|附近的?|周边的?|旁边的?|旁|隔壁|对面|"
    r"楼下|门口|里面|内|的|是|在|于|对|给|让|将|把|被|为|向(?=[你您领政有相物开])|(?<=[苑园城湾庭区里府家际郡])[和与及]|以及|或|从|到|由|至|请|"
    r"开发商|业主|居民|住户|物业公司|领导|社区居民|社区|居委会|业委会|"
    r"西北|东北|西南|东南|东侧|西侧|南侧|北侧|以东|以西|以南|以北|(?<=\d)[期栋号]|小学|中学|幼儿园"
)
_CORE = (
    r"(?:花园|花苑|花城|家园|家苑|佳园|嘉园|名园|雅园|御园|庄园|公馆|公寓|国际城|国际|新城|世纪城|广场|新村|山庄|别墅|云顶|岚庭|"
    r"名邸|华庭|雅苑|名苑|嘉苑|佳苑|华苑|御苑|名都|名城|世家|天下|时代|印象|林语|紫郡|华府|府邸|帝景|春天|三角洲|一号|壹号|"
    r"香堤|水岸|首府|大厦|华城|绿洲|天地|人家|年华|名门|郦城|学府|新苑|小镇|"
    r"[城苑园湾庭居郡轩阁府邸里墅寓岸])"
)
_NAME = re.compile(
    rf"^([\u4e00-\u9fffA-Za-z0-9·]{{1,9}}?{_CORE}{{1,2}})(?:小区|社区|楼盘|项目|[一二三四五六七八\d]期|$|(?=[^\u4e00-\u9fff]))"
)
_ESTATE = re.compile(r"^([\u4e00-\u9fffA-Za-z0-9·]{2,10}?)小区")
_LOOSE = re.compile(rf"^([\u4e00-\u9fffA-Za-z0-9·]{{2,8}}?{_CORE})")
# Words of a sentence, not of a name.
_SENTENCE = re.compile(
    r"影响|政府|[我你他她们说已未不没但而也还就着了过这那哪跟等]|使用|提供|无法|目前|每天|进出|出入|维护|管理|导致|获得|部门|时间里|公里|堆里|口里|"
    r"产业园|工业园|物流园|科技园|动物园|植物园|法庭|起居|安居|邻居|人家$|户人|食城|文明城|商城$|搅拌|置业|前往|当初|一套|宣传|随后|"
    r"破坏|扰乱|改变|违反|调整|借口|加紧|确保|促|代管|临近|方便|引起|实际|特大|显示|情况|[全听经离]小|教育局|拖延|环绕|隐瞒|变更|仅仅|上南|生活|公司|靠近|民广|护城|^[去有盖]|违规|两栋|得知|"
    r"入园|关心|公园$|\d路|[近建]小区|大小|什么|走廊|住有"
)
_GENERIC = re.compile(
    r"(?:我|老旧?|新建?|住宅|居民|安置|商品房|封闭|高档|大型|普通|现代|多|好|无|全|同|上述|进|出|住|外|外来|目标|智慧|成熟|文明|平安)*"
    r"(?:[个户]|多个)?(?:小|社|园|城|家园|花园|国际|广场|公寓|别墅|新城|时代|省城|县城|市区|城区|主城|校园|公园|家庭|购物广场|商业广场|住宅小|安置小)"
)


def _clauses(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text[:READ_LIMIT])
    plain = re.sub(r"[^\u4e00-\u9fffA-Za-z0-9·]+", "|", plain)
    plain = _BOUNDARY.sub("|", _PLACE.sub("|", plain))
    return [clause for clause in plain.split("|") if len(clause) > 1]


def find_estate_names(text: str) -> list[str]:
    """List what looks like names of estates, the most often written first, without 小区 where the rest stands alone."""
    found: Counter[str] = Counter()
    for clause in _clauses(text):
        name = _estate_name(clause)
        if name:
            found[name] += 1
    order = list(found)
    return sorted(found, key=lambda name: (-found[name], order.index(name)))


def main_estate_name(title: str, text: str) -> str:
    """Name the estate that the message is about as far as words tell; the title knows best. Empty if none is named."""
    return next(iter(find_estate_names(title) or find_estate_names(text)), "")


def _estate_name(clause: str) -> str:
    whole = _NAME.match(clause)
    if whole and not _generic(whole[1]):
        return whole[1]
    with_suffix = _ESTATE.match(clause)
    if with_suffix and not _generic(with_suffix[1] + "小"):
        inner = with_suffix[1]
        return inner if re.search(rf"{_CORE}$", inner) and len(inner) > 2 else f"{inner}小区"
    loose = _LOOSE.match(clause)
    if loose and len(loose[1]) >= 4 and not _generic(loose[1]):
        return loose[1]
    return ""


def _generic(name: str) -> bool:
    return len(name) < 3 or bool(_GENERIC.fullmatch(name) or _SENTENCE.search(name))


_COMPANY = re.compile(
    r"^((?:[A-Za-z\u4e00-\u9fff]{2,14}?))(?:物业(?:管理|服务)?(?:集团|发展)?(?:股份)?(?:有限)?(?:责任)?公司|物业(?:管理|服务)(?:中心|处|部)|物业)"
)
_FULL_COMPANY = re.compile(r"[\u4e00-\u9fff]{2,14}?物业(?:管理|服务)?(?:集团|发展)?(?:股份)?有限(?:责任)?公司")
_NOT_A_COMPANY = re.compile(
    r"小区$|^(?:前期|小区|原|老|新|旧|现|无良|黑心|多次|找|要求|通过|但|而|因|跟|同|交|没有|无|有|当|就|业|向|多|专职|"
    r"以及|包括|选聘|聘请|更换|解聘|罢免|换|打|报|联系|反应|告知|通知|任何|当时|现在|目前|现有|住房|十大|季度|难道|加强|先)+$|"
    r"联系|电话|拖欠|提交|获得|时间|个星期|第一|与$|[一二三四五六七八九十两]次|收取|选聘|赠送|一年$|^年度|公共$|用电|住房$|"
    r"(?:设施|建设|用电|社区|政府|地产)和$"
)


def find_company_names(text: str) -> list[str]:
    """List what looks like names of property companies, the most often written first."""
    found: Counter[str] = Counter()
    plain = unicodedata.normalize("NFKC", text[:READ_LIMIT])
    for clause in _company_clauses(plain):
        matched = _COMPANY.match(clause)
        if (
            matched
            and not (_NOT_A_COMPANY.search(matched[1]) or _SENTENCE.search(matched[1]))
            and len(matched[0]) <= 20
        ):
            found[matched[0]] += 1
    order = list(found)
    return sorted(found, key=lambda name: (-found[name], order.index(name)))


def _company_clauses(plain: str) -> list[str]:
    boundary = _BOUNDARY.pattern.replace("物业公司|", "多次|找|要求|通过|联系|电话|拖欠|")
    plain = re.sub(r"[^\u4e00-\u9fffA-Za-z]+", "|", re.sub(_PLACE, "|", plain))
    return [clause for clause in re.sub(boundary, "|", plain).split("|") if "物业" in clause]


# --- known names ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KnownNames:
    """Names prepared for matching: looked up by their first two characters, so 5,000 names cost as much as 50."""

    by_start: dict[str, list[str]] = field(repr=False)
    original: dict[str, str] = field(repr=False)

    @classmethod
    def of(cls, names: Iterable[str]) -> "KnownNames":
        """Prepare the names; each answers also without a trailing 小区, when three characters remain."""
        original: dict[str, str] = {}
        for name in names:
            plain = _fold(name)
            bare = plain.removesuffix("小区")
            for spelling in {plain, bare if len(bare) >= 3 else plain}:
                if len(spelling) >= 2:
                    original.setdefault(spelling, name)
        by_start: dict[str, list[str]] = {}
        for spelling in sorted(original, key=lambda spelling: (-len(spelling), spelling)):
            by_start.setdefault(spelling[:2], []).append(spelling)
        return cls(by_start, original)


def _fold(text: str) -> str:
    """In a sentence a name is written without the dots, hyphens and brackets that it has in the register."""
    return re.sub(r"[·\-()]", "", fold(text))


def match_estates(text: str, known: KnownNames) -> list[str]:
    """List the known names in the text, the most often written first; where two overlap the longer one counts."""
    plain = _fold(text[:READ_LIMIT])
    found: Counter[str] = Counter()
    at = 0
    while at < len(plain) - 1:
        hit = next((name for name in known.by_start.get(plain[at : at + 2], ()) if plain.startswith(name, at)), "")
        if hit:
            found[known.original[hit]] += 1
        at += len(hit) or 1
    order = list(found)
    return sorted(found, key=lambda name: (-found[name], order.index(name)))


def match_estate(text: str, known: KnownNames) -> str | None:
    """Name the known estate that the text is most about, or nothing."""
    return next(iter(match_estates(text, known)), None)
