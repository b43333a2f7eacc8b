"""Cases with everything in them that the main pages show: offers, rooms, times, records, promises, papers, lists."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from cases import retention, rooms, supervision
from cases.choices import ConsentHow, ConsentMatter, Side, Status
from cases.models import JOINT, Case, Deadline
from mediation import services as mediation
from mediation.models import Issue
from notifications.contacts import confirm_phone
from notifications.models import CannotReach, Kind, Notice
from tests import journeys
from tests.cast import World
from workflows import confirmation, consents, mediators, meetings, papers, promises, talks

REQUESTS = "修好外墙防水\n赔偿天花板、衣柜和误工的损失18600元"
LONG_AGO = datetime(1990, 5, 6, 2, 0, tzinfo=timezone.get_default_timezone())


def dress(world: World, matters: Any, cases: dict[str, Case]) -> dict[str, str]:
    """Fill the cases with what happens in them; return the keys that stand in the addresses of pages."""
    now = timezone.now()
    talking, performing = cases["MEDIATING"], cases["PERFORMING"]
    keys = _talks(world, talking, now) | _promises(world, performing, now)
    nominated = journeys.case_in(Status.ACCEPTED, world, now, **next(matters))
    mediators.nominate(nominated, world.mediator, by=world.director, at=now)
    shelved = [journeys.case_in(Status.ARCHIVED, world, now, **next(matters)) for _two in range(2)]
    Case.objects.filter(pk__in=[case.pk for case in shelved]).update(archived_at=LONG_AGO)
    held = journeys.case_in(Status.MEDIATING, world, now, **next(matters))
    journeys.begun(held, now)
    confirm_phone(world.company_user, "+8613855107701", at=now)
    started = journeys.draft(world, now, **next(matters))
    listed = retention.propose(
        world.centre, shelved[:1], reason="保管期满，没有继续保存的价值", by=world.archivist, at=now
    )
    return keys | {
        "NOMINATED": nominated.number or "",
        "DRAFT": str(started.key),
        "HELD": held.number or "",
        "LIST": str(listed.pk),
        "ACCOUNT": str(world.mediator.pk),
        "UNREACHED": _unreached(world, nominated, now),
        "WHY": str(talking.deadlines.get(clock="K6").pk),
        "LATE": _late(world, cases["SUBMITTED"], now),
    }


def _talks(world: World, case: Case, now: datetime) -> dict[str, str]:
    """A session with its record, times for the next, two offers, a question, and what is said in three rooms."""
    journeys.record(case, world, now)
    meetings.write_facts(case, "渗水发生在七月，主卧天花板湿了两平方米。", by=world.mediator, at=now)
    starts = [now + timedelta(days=40 + day) for day in range(3)]
    meetings.propose_slots(case, starts=starts, place="调解室二", link="", minutes=90, by=world.mediator, at=now)
    starts_at = now + timedelta(days=39)
    meetings.schedule(case, starts_at=starts_at, place="调解室二", notice="SERVED", by=world.mediator, at=now)
    rooms.post(case, JOINT, body="大家好，今天先说说渗水的原因。", by=world.mediator, at=now)
    rooms.post(case, JOINT, body="报修了三次都没有修好，天花板都发霉了。", by=world.resident, at=now)
    rooms.post(case, Side.APPLICANT, body="其实赔一万五我就愿意。", by=world.resident, at=now)
    rooms.post(case, Side.RESPONDENT, body="公司最多能出一万。", by=world.company_user, at=now)
    applicant, respondent = (journeys.party(case, side) for side in (Side.APPLICANT, Side.RESPONDENT))
    issues = list(Issue.objects.filter(case=case).order_by("number"))

    def term(amount: Decimal | None, issue: Issue, days: int) -> mediation.Term:
        return mediation.Term(
            issue=issue, doer=respondent, receiver=applicant, amount=amount,
            what="赔偿天花板和衣柜的损失" if amount else "请有资质的单位重做外墙防水，保修五年",
            manner="银行转账" if amount else "施工后各方一起验收", place="翠湖花园3幢",
            due=timezone.localdate() + timedelta(days=days), proof="转账回单" if amount else "验收单",
        )  # fmt: skip

    until = now + timedelta(days=7)
    first = talks.propose(
        case, terms=[term(None, issues[0], 40), term(Decimal(9000), issues[-1], 20)], expires_at=until,
        party=respondent, text="公司今年的维修预算有限，先把墙修好。", by=world.company_user, at=now,
    )  # fmt: skip
    talks.propose(
        case, terms=[term(None, issues[0], 30), term(Decimal(15000), issues[-1], 15)], expires_at=until, mode="BLIND",
        text="按检测报告和同小区的先例。", by=world.mediator, at=now,
    )  # fmt: skip
    asked = consents.ask(
        case, matter=ConsentMatter.EXTENSION, parties=[applicant, respondent], days=15, reason="等外墙的检测结果",
        answer_by=timezone.localdate() + timedelta(days=5), by=world.mediator, at=now,
    )  # fmt: skip
    return {"OFFER": str(first.key), "SIDE": str(applicant.pk), "QUESTION": str(asked.pk)}


def _promises(world: World, case: Case, now: datetime) -> dict[str, str]:
    """A performance that waits for the word of the other side, and a wish for the confirmation of the court."""
    [promise] = case.current_agreement.obligations.all()
    promises.record_performance(
        promise, by=world.company_user, at=now, on=timezone.localdate(), proof=None, note="今天转账五千元",
        amount=Decimal(5000),
    )  # fmt: skip
    confirmation.say(
        journeys.party(case, Side.RESPONDENT), given=True, how=ConsentHow.ONLINE, by=world.company_user, at=now
    )
    papers.make(case, "acceptance_notice", by=world.intake, at=now)
    return {"PROMISE": str(promise.pk)}


def _unreached(world: World, case: Case, now: datetime) -> str:
    """A notice that reached its reader on no way, about a case whose page that reader does not open."""
    task = CannotReach.objects.create(
        recipient=world.resident, subject_kind="case", subject_id=case.pk, opened_at=now, assigned_to=world.intake,
        handed_over_at=now,
    )  # fmt: skip
    Notice.objects.create(
        recipient=world.resident, kind=Kind.SESSION_SCHEDULED, subject_kind="case", subject_id=case.pk,
        url=f"/cases/{case.number}/sessions/", created=now, cannot_reach=task,
    )  # fmt: skip
    return str(task.pk)


def _late(world: World, case: Case, now: datetime) -> str:
    """A deadline that is over and that the director has asked about."""
    clock = case.deadlines.get(clock="K1")
    day = timezone.localdate() - timedelta(days=9)
    Deadline.objects.filter(pk=clock.pk).update(
        start=day, first_due=day, due=day, overdue_at=now, overdue_of=world.intake
    )
    clock.refresh_from_db()
    supervision.supervise(clock, kind="REASON", by=world.director, at=now)
    return str(clock.pk)
