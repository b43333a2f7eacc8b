"""The clocks K1–K16: how long, counted how, and why (domain.md 8.5). Pure.

Every number is a default; a centre may set its own in `Centre.clock_days`, except where the law fixes it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import Source

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class Unit(models.TextChoices):
    """How days are counted."""

    WORKING_DAYS = "WORKING_DAYS", _("个工作日")
    DAYS = "DAYS", _("日")
    SAME_DAY = "SAME_DAY", _("当日")
    AGREED = "AGREED", _("约定日期")


class ClockKey(models.TextChoices):
    """Every clock that can run on a case."""

    K0 = "K0", _("草稿保留")
    K1 = "K1", _("决定是否受理")
    K2 = "K2", _("补正材料")
    K3 = "K3", _("企业答复")
    K3B = "K3B", _("核实企业答复")
    K4 = "K4", _("征询对方意见")
    K5 = "K5", _("指派调解员")
    K6 = "K6", _("调解期限")
    K6B = "K6B", _("复查中止原因")
    K7 = "K7", _("签署协议")
    K8 = "K8", _("履行协议")
    K8B = "K8B", _("督促履行")
    K8C = "K8C", _("办理履行终结")
    K9 = "K9", _("申请司法确认")
    K10 = "K10", _("风险报告")
    K11 = "K11", _("移送")
    K12 = "K12", _("回访")
    K12B = "K12B", _("再次回访")
    K13 = "K13", _("立卷归档")
    K14 = "K14", _("回复委派单位")
    K15 = "K15", _("群体性案件首次联系")
    K16 = "K16", _("送达终止通知书")


class Basis(StrEnum):
    """How strong a clock's number is."""

    LAW = "LAW"
    BENCHMARK = "BENCHMARK"
    SETTING = "SETTING"


@dataclass(frozen=True)
class Clock:
    """One clock: `count` in `unit`, its legal basis as people read it, and whether a centre may change it."""

    count: int
    unit: Unit
    source: "_StrOrPromise"
    basis: Basis = Basis.SETTING


CLOCKS: dict[str, Clock] = {
    ClockKey.K0: Clock(30, Unit.DAYS, _("草稿保留30日，到期清除")),
    ClockKey.K1: Clock(5, Unit.WORKING_DAYS, _("本中心受理规则，参照《深圳经济特区矛盾纠纷多元化解条例》第45条")),
    ClockKey.K2: Clock(5, Unit.WORKING_DAYS, _("本中心受理规则")),
    ClockKey.K3: Clock(10, Unit.DAYS, _("参照《杭州市物业管理条例》第50条"), Basis.BENCHMARK),
    # Not in domain.md: an answer that nobody checks would wait at the end of the queue for ever.
    ClockKey.K3B: Clock(5, Unit.WORKING_DAYS, _("本中心投诉办理规则：企业答复后，核实答复并询问申请人")),
    ClockKey.K4: Clock(
        8, Unit.WORKING_DAYS, _("参照《人民法院在线调解规则》第15条：3个工作日内征询，5个工作日内答复"), Basis.BENCHMARK
    ),
    ClockKey.K5: Clock(3, Unit.WORKING_DAYS, _("参照《人民法院在线调解规则》第10条"), Basis.BENCHMARK),
    ClockKey.K6: Clock(30, Unit.DAYS, _("《人民调解工作若干规定》第33条：一般在一个月内调结"), Basis.BENCHMARK),
    # Not in domain.md either: K6 stands still while a case is suspended, and no law says for how long it may be.
    ClockKey.K6B: Clock(
        10, Unit.WORKING_DAYS, _("本中心中止复查规则：中止期间不计入调解期限；到期查一次原因是否还在，查过再计下一次")
    ),
    ClockKey.K7: Clock(5, Unit.WORKING_DAYS, _("本中心调解规则")),
    ClockKey.K8: Clock(0, Unit.AGREED, _("调解协议约定的履行日期")),
    ClockKey.K8B: Clock(3, Unit.WORKING_DAYS, _("本中心督促履行规则：逾期后3个、10个工作日各督促一次")),
    ClockKey.K8C: Clock(5, Unit.WORKING_DAYS, _("本中心履行终结规则：约定全部了结后，办理履行终结，转入回访")),
    ClockKey.K9: Clock(
        30, Unit.DAYS, _("《人民调解法》第33条、《民事诉讼法》第205条：协议生效之日起30日内"), Basis.LAW
    ),
    ClockKey.K10: Clock(0, Unit.SAME_DAY, _("《人民调解法》第25条：及时报告"), Basis.LAW),
    ClockKey.K11: Clock(3, Unit.WORKING_DAYS, _("参照《深圳经济特区矛盾纠纷多元化解条例》第45条"), Basis.BENCHMARK),
    ClockKey.K12: Clock(15, Unit.DAYS, _("本中心回访规则")),
    ClockKey.K12B: Clock(90, Unit.DAYS, _("本中心回访规则：重大案件满90日再回访一次")),
    ClockKey.K13: Clock(30, Unit.DAYS, _("本中心立卷归档规则")),
    ClockKey.K14: Clock(3, Unit.WORKING_DAYS, _("《最高人民法院关于人民法院特邀调解的规定》第19、26条")),
    ClockKey.K15: Clock(1, Unit.WORKING_DAYS, _("本中心群体性案件规则")),
    ClockKey.K16: Clock(3, Unit.WORKING_DAYS, _("参照《市场监督管理投诉举报处理暂行办法》第21条"), Basis.BENCHMARK),
}

# K6 by source: court cases have their own law.
COURT_PERIODS = {
    Source.COURT_PRE: Clock(
        30, Unit.DAYS, _("《最高人民法院关于人民法院特邀调解的规定》第27条：委派调解30日"), Basis.LAW
    ),
    Source.COURT_POST: Clock(
        15, Unit.DAYS, _("《最高人民法院关于人民法院特邀调解的规定》第27条：委托调解15日"), Basis.LAW
    ),
}
SUMMARY_PERIOD = Clock(
    7, Unit.DAYS, _("《最高人民法院关于人民法院特邀调解的规定》第27条：适用简易程序的委托调解7日"), Basis.LAW
)
SAFETY_ANSWER = Clock(1, Unit.WORKING_DAYS, _("涉及人身安全的投诉，1个工作日内答复"))
MAX_EXTENSIONS = 2
MAX_EXTENSION_DAYS = 30
MAX_SUPPLEMENTS = 2
REVIEW_WORKING_DAYS = 10
REMEDIATION_DAYS = 30


def clock_for(
    key: str,
    *,
    source: str = "",
    safety: bool = False,
    summary: bool = False,
    overrides: dict[str, int] | None = None,
) -> Clock:
    """Return the clock that applies to a case of this source, with the centre's own number where that is allowed."""
    if key == ClockKey.K6 and source == Source.COURT_POST and summary:
        return SUMMARY_PERIOD
    if key == ClockKey.K6 and source in COURT_PERIODS:
        return COURT_PERIODS[Source(source)]
    if key == ClockKey.K3 and safety:
        return SAFETY_ANSWER
    clock = CLOCKS[key]
    if overrides and key in overrides and clock.basis is not Basis.LAW:
        return Clock(int(overrides[key]), clock.unit, clock.source, clock.basis)
    return clock


URGENT_WORKING_DAYS = 2
# After this many tries to call back nobody can say that we did not ask (domain.md 5.3).
ENOUGH_TRIES = 3


def urgency(days_left: int, key: str = "") -> str:
    """Return the colour of a clock by its working days left (domain.md 8.5).

    Red: overdue. Orange: two or fewer left. Yellow: half of its usual length or less. Else green.
    """
    if days_left < 0:
        return "red"
    if days_left <= URGENT_WORKING_DAYS:
        return "orange"
    clock = CLOCKS.get(key)
    if clock is None:
        return "green"
    length = clock.count if clock.unit == Unit.WORKING_DAYS else clock.count * 5 // 7
    return "yellow" if days_left * 2 <= length else "green"
