"""Bring a case to any state, through the public services only."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cases import services
from cases.changes import holding
from cases.choices import ConsentHow, ConsentMatter, PartyKind, Side, Status, Track
from cases.models import Case, Category, Party
from mediation import services as mediation
from mediation.models import Session, Signature
from tests.cast import NOW, TODAY, World
from tests.ground import kept
from workflows import filing, mediators
from workflows.actions import perform


@kept
def draft(world: World, at: datetime = NOW, track: str = Track.MEDIATION, **fields: Any) -> Case:
    """A resident's draft with everything that filing needs, against the company."""
    by = fields.pop("by", world.resident)
    case = filing.open_draft(centre=world.centre, region=world.district, by=by, at=at)
    given = {
        "estate": world.estate,
        "category": Category.objects.get(code="0301"),
        "track": track,
        "title": "外墙渗水损坏天花板",
        "facts": "10月起外墙渗水，主卧天花板和衣柜发霉，多次报修没有修好。",
        "requests": "修好外墙防水，赔偿18600元",
        "amount": Decimal("18600.00"),
    } | fields
    services.edit_filing(case, by=by, at=at, **given)
    user = by if by == world.resident else None
    services.put_party(
        case, by=by, at=at, side=Side.APPLICANT, kind=PartyKind.PERSON, name="张桂兰", user=user,
        phone="13855106612", address="翠湖花园3幢2单元502", relation="OWNER",
    )  # fmt: skip
    services.put_party(case, by=by, at=at, side=Side.RESPONDENT, kind=PartyKind.COMPANY, company=world.company)
    case.refresh_from_db()
    return case


@kept
def submitted(world: World, at: datetime = NOW, **fields: Any) -> Case:
    case = draft(world, at, **fields)
    filed, _codes = filing.submit(case, by=fields.get("by", world.resident), at=at, data_notice=True)
    return filed


def party(case: Case, side: str) -> Party:
    return Case.objects.get(pk=case.pk).parties.get(side=side)


def consent(case: Case, world: World, matter: str = ConsentMatter.MEDIATION, at: datetime = NOW) -> None:
    for one in Case.objects.get(pk=case.pk).parties.all():
        services.record_consent(one, matter=matter, given=True, how=ConsentHow.SIGNED, by=world.intake, at=at)


def promise(case: Case, world: World, days: int = 10, amount: str = "18600.00") -> mediation.Promise:
    return mediation.Promise(
        doer=party(case, Side.RESPONDENT),
        receiver=party(case, Side.APPLICANT),
        what="赔偿天花板和衣柜损失",
        manner="银行转账",
        place="合肥",
        due=TODAY + timedelta(days=days),
        amount=Decimal(amount),
    )


def text(case: Case, world: World, **more: Any) -> dict[str, Any]:
    return {
        "facts_and_issues": "双方对渗水原因和赔偿数额有争议。",
        "content": "物业公司修好外墙防水并赔偿18600元。",
        "promises": [promise(case, world, **more)],
    }


Step = Callable[[Case, World, datetime], Case]


def _return(case: Case, world: World, at: datetime) -> Case:
    """Returned, and the applicant has said something to it since: with nothing added it cannot be handed in again."""
    returned = perform(case, "return_for_supplement", by=world.intake, at=at, items=["身份证明"])
    services.write_message(returned, body="身份证明明天当面交到窗口。", by=world.resident, at=at)
    return Case.objects.get(pk=returned.pk)


def _forward(case: Case, world: World, at: datetime) -> Case:
    return perform(case, "forward_to_company", by=world.intake, at=at, consent_how=ConsentHow.PHONE)


def _invite(case: Case, world: World, at: datetime) -> Case:
    return perform(case, "invite", by=world.intake, at=at)


def _accept(case: Case, world: World, at: datetime) -> Case:
    consent(case, world, at=at)
    return perform(case, "accept", by=world.intake, at=at)


def _assign(case: Case, world: World, at: datetime) -> Case:
    mediators.nominate(case, world.mediator, by=world.director, at=at)
    return mediators.accept(case, by=world.mediator, at=at)


def _start(case: Case, world: World, at: datetime) -> Case:
    starts_at = at + timedelta(days=1)
    while mediation.double_booking(case, starts_at=starts_at, minutes=90):
        starts_at += timedelta(hours=2)
    return perform(
        case, "start_mediation", by=world.mediator, at=at, rights_told=True, identities_checked=True,
        starts_at=starts_at, place="调解室一",
    )  # fmt: skip


def _suspend(case: Case, world: World, at: datetime) -> Case:
    return perform(case, "suspend", by=world.mediator, at=at, reason_code="S02", reason="等检测结果")


def begun(case: Case, at: datetime) -> Session | None:
    """Let the time of the session that is called have come by this moment."""
    session = Session.objects.filter(case=case, record="", cancelled_at=None).first()
    if session is not None and session.starts_at > at:
        with holding(case.pk, "move_session", by=None, at=at):
            session.starts_at = at
            session.save(update_fields=["starts_at"])
    return session


def all_came(case: Case) -> dict[str, str]:
    """What the mediator ticks where every party was there itself."""
    return {f"came_{one.pk}": "PARTY" for one in case.parties.filter(left_at=None)}


def record(case: Case, world: World, at: datetime) -> None:
    session = begun(case, at)
    if session is not None:
        mediation.record_session(
            session, attendees="双方到场", record="双方陈述，核对事实。", result="达成一致", by=world.mediator, at=at
        )


def _sign_stage(case: Case, world: World, at: datetime) -> Case:
    record(case, world, at)
    mediation.draft_text(case, by=world.mediator, at=at, **text(case, world))
    return perform(case, "draft_agreement", by=world.mediator, at=at)


def sign_all(case: Case, world: World, at: datetime) -> None:
    agreement = case.current_agreement
    for one in case.parties.filter(left_at=None):
        mediation.sign(agreement, one, how=Signature.How.PAPER, by=world.intake, at=at)
    mediation.sign_as_mediator(agreement, by=world.mediator, at=at)
    mediation.apply_seal(agreement, by=world.intake, at=at)


def _effect(case: Case, world: World, at: datetime) -> Case:
    sign_all(case, world, at)
    return perform(case, "take_effect", by=world.mediator, at=at)


def keep_promises(case: Case, world: World, at: datetime) -> None:
    for obligation in case.current_agreement.obligations.all():
        mediation.record_performance(obligation, on=TODAY, proof=None, note="转账回单", by=world.mediator, at=at)


def _finish(case: Case, world: World, at: datetime) -> Case:
    keep_promises(case, world, at)
    return perform(case, "finish_performance", by=world.follower, at=at)


def call_back(case: Case, world: World, at: datetime, **heard: Any) -> None:
    mediation.follow_up(
        case, how=ConsentHow.PHONE, reached=True, by=world.follower, at=at,
        **({"solved": "SOLVED", "satisfaction": "SATISFIED"} | heard),
    )  # fmt: skip


def _close(case: Case, world: World, at: datetime) -> Case:
    call_back(case, world, at)
    return perform(case, "close", by=world.follower, at=at)


def let_thirty_days_pass(case: Case, at: datetime = NOW) -> Case:
    """Let the time for judicial confirmation run out, as the worker does on its last day."""
    with holding(case.pk, "expire_confirmation", by=None, at=at) as locked:
        mediation.expire_confirmation(locked, at=at)
    return Case.objects.get(pk=case.pk)


def _archive(case: Case, world: World, at: datetime) -> Case:
    let_thirty_days_pass(case, at)
    return perform(case, "archive", by=world.archivist, at=at, retention="YEARS_30")


MAIN: list[tuple[Status, Step]] = [
    (Status.INVITING, _invite),
    (Status.ACCEPTED, _accept),
    (Status.ASSIGNED, _assign),
    (Status.MEDIATING, _start),
    (Status.SIGNING, _sign_stage),
    (Status.PERFORMING, _effect),
    (Status.FOLLOWUP, _finish),
    (Status.CLOSED, _close),
    (Status.ARCHIVED, _archive),
]


@kept
def case_in(status: str, world: World, at: datetime = NOW, **fields: Any) -> Case:
    """A case in the named status, brought there step by step."""
    if status == Status.DRAFT:
        return draft(world, at, **fields)
    case = submitted(world, at, **fields)
    if status == Status.SUBMITTED:
        return case
    if status == Status.RETURNED:
        return _return(case, world, at)
    if status == Status.ANSWERING:
        return _forward(case, world, at)
    for reached, step in MAIN:
        case = step(case, world, at)
        if reached == status:
            return case
        if status == Status.SUSPENDED and reached == Status.MEDIATING:
            return _suspend(case, world, at)
    raise LookupError(status)
