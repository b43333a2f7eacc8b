"""Talks of the demo in full swing: rooms, offers, times to choose from, facts to sign, what people say afterwards."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from accounts.models import User
from calendars.today import SHANGHAI
from cases import rooms
from cases.choices import Side
from cases.models import JOINT
from demo.histories import History
from mediation import services as mediation
from mediation.models import Issue, Offer
from workflows import meetings, talks


def bargain(history: History) -> None:
    """The company has offered something, the mediator looks for a time, each side has talked alone with the mediator."""
    history.hold()
    mediator, company = history.mediator, history.company_user
    _say(history, JOINT, mediator, "上次把经过都说清楚了。今天请大家各自说说，怎样解决能接受。")
    _say(history, JOINT, _applicant(history), "墙一天不修好，家里就一天不能住人，请给个准日子。")
    _say(history, Side.RESPONDENT, company, "维修可以马上排，赔偿公司最多批一万二，请先不要告诉对方。")
    _say(history, Side.RESPONDENT, mediator, "知道了，没有您的同意不会说。请先把维修的日期写成方案。")
    _say(history, Side.APPLICANT, _applicant(history), "其实赔一万四我就愿意，主要是想快点修好。")
    history.later(hours=1)
    first, *rest = _issues(history)
    terms = [_repair(history, first, days=25), *(_money(history, issue, Decimal(9000)) for issue in rest)]
    talks.propose(
        history.case, terms=terms, expires_at=_in_days(history.now, 6), party=history.party(Side.RESPONDENT),
        text="先修墙；赔偿按发票核算。", by=company, at=history.at,
    )  # fmt: skip
    history.later(hours=1)
    starts = list(_mornings(history))
    meetings.propose_slots(
        history.case, starts=starts, place="中心一楼调解室", link="", minutes=90, by=mediator, at=history.at
    )


def propose_blind(history: History) -> None:
    """The mediator has proposed terms that each side answers blind; the facts that nobody disputes wait for signatures."""
    history.hold()
    mediator = history.mediator
    meetings.write_facts(
        history.case, "报修记录显示两个月内报修七次；双方确认更换过三个灯泡，其余没有修复。", by=mediator, at=history.at
    )
    _say(
        history,
        JOINT,
        mediator,
        "我按合同标准和上次核对的情况提一个方案，请各自答复，没有都同意就谁也不知道对方答了什么。",
    )
    _say(history, JOINT, history.company_user, "收到，我们内部商量一下。")
    history.later(hours=1)
    offer = talks.propose(
        history.case, terms=[_repair(history, issue, days=20) for issue in _issues(history)], mode=Offer.Mode.BLIND,
        expires_at=_in_days(history.now, 5), text="参照同小区去年的做法。", by=mediator, at=history.at,
    )  # fmt: skip
    history.later(hours=1)
    respondent = history.party(Side.RESPONDENT)
    talks.answer_blind(offer, party=respondent, yes=True, by=history.company_user, at=history.at)


def judge(history: History) -> None:
    """The applicant says what the result is worth, where an account is there to say it with."""
    if history.resident is not None:
        history.later(days=1)
        mediation.answer_survey(
            history.party(Side.APPLICANT), solved="SOLVED", satisfaction="SATISFIED",
            comment="调解员很耐心，事情解决了。", by=history.resident, at=history.at,
        )  # fmt: skip


def _applicant(history: History) -> User:
    assert history.resident is not None
    return history.resident


def _say(history: History, room: str, by: User, body: str) -> None:
    history.later(hours=0)
    history.at = min(history.at + timedelta(minutes=4), history.now)
    rooms.post(history.case, room, body=body, by=by, at=history.at)


def _issues(history: History) -> list[Issue]:
    return list(Issue.objects.filter(case=history.case).order_by("number"))


def _repair(history: History, issue: Issue, *, days: int) -> mediation.Term:
    return mediation.Term(
        issue=issue, doer=history.party(Side.RESPONDENT), receiver=history.party(Side.APPLICANT),
        what="请有资质的单位修好，并公布维修记录", manner="施工后双方一起验收", place=history.estate.name,
        due=_in_days(history.now, days).date(), proof="验收单",
    )  # fmt: skip


def _money(history: History, issue: Issue, amount: Decimal) -> mediation.Term:
    return mediation.Term(
        issue=issue, doer=history.party(Side.RESPONDENT), receiver=history.party(Side.APPLICANT), what="赔偿损失",
        amount=amount, manner="银行转账", due=_in_days(history.now, 15).date(), proof="转账回单",
    )  # fmt: skip


def _in_days(now: datetime, days: int) -> datetime:
    return datetime.combine(now.astimezone(SHANGHAI).date() + timedelta(days=days), time(18), SHANGHAI)


def _mornings(history: History) -> Iterator[datetime]:
    """Times in the next days at which the mediator is free."""
    for days in (3, 4, 5):
        at = _in_days(history.now, days).replace(hour=9, minute=30)
        while mediation.double_booking(history.case, starts_at=at, minutes=90):
            at += timedelta(hours=2)
        yield at
