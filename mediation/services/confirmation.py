"""The judicial confirmation of an agreement: who wants it, where it lies, what the court said (PML 33, CPL 205-206)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.words import within
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import AgentScope, ConsentHow, ConsentMatter, Source
from cases.clocks import ClockKey
from cases.deadlines import end_clocks, start_clock, stop_clocks
from cases.entries import CaseEntry
from cases.facts import Fact
from cases.facts import agreement as facts
from cases.models import Case, Consent, Deadline, Evidence, Party
from cases.services import add_consent
from mediation.errors import MediationError
from mediation.models import Agreement, JudicialConfirmation
from mediation.services.shelving import count_to_the_shelf
from mediation.wording import ownership_clauses

State = JudicialConfirmation.State
# domain.md 8.9: from which states each event leads where.
MOVES: dict[str, tuple[frozenset[str], str]] = {
    "plan": (frozenset({State.NONE}), State.PLANNED),
    "give_up": (frozenset({State.PLANNED}), State.NONE),
    "apply": (frozenset({State.PLANNED, State.EXPIRED}), State.APPLIED),  # told late of what was done in time
    "accept": (frozenset({State.APPLIED}), State.COURT_ACCEPTED),
    "refuse": (frozenset({State.APPLIED}), State.COURT_REFUSED),
    "confirm": (frozenset({State.COURT_ACCEPTED}), State.CONFIRMED),
    "dismiss": (frozenset({State.COURT_ACCEPTED}), State.DISMISSED),
    "withdraw": (frozenset({State.APPLIED, State.COURT_ACCEPTED}), State.WITHDRAWN),
    "expire": (frozenset({State.NONE, State.PLANNED}), State.EXPIRED),
}
COURT_EVENTS = ("accept", "refuse", "confirm", "dismiss", "withdraw")
# How a wish may be given: by the party itself, or on paper or by phone taken down by staff.
COUNTS = frozenset({ConsentHow.ONLINE, ConsentHow.SIGNED, ConsentHow.PHONE})


# --- what is asked before -----------------------------------------------------------------------------------------


def agreement_in_force(case: Case) -> Agreement | None:
    """Return the agreement that is in force and stands."""
    rows = case.agreements.filter(effective_on__isnull=False, voided_at__isnull=True)
    return rows.order_by("-version").first()


def confirmation_state(agreement: Agreement) -> str:
    """Return where the confirmation stands; nothing was proposed where there is no row."""
    found = JudicialConfirmation.objects.filter(agreement=agreement).values_list("state", flat=True).last()
    return found or str(State.NONE)


def excluded(case: Case) -> str:
    """Return why no court confirms agreements on such a matter, or nothing (CPLJI 355)."""
    if case.category is not None and case.category.confirmation_excluded:
        return _("这类事项的协议涉及确认物权归属，法院不受理司法确认申请；对权属有争议的，请向法院起诉。")
    return ""


def ownership_words(agreement: Agreement) -> list[str]:
    """Return the sentences of a text that may decide who owns something: a court does not confirm those (CPLJI 355)."""
    whole = "\n".join([agreement.content, *(promise.what for promise in agreement.obligations.all())])
    return list(dict.fromkeys(found.sentence for found in ownership_clauses(whole)))[:5]


def wishes(case: Case, agreement: Agreement) -> dict[int, Consent]:
    """Return the last word of every party on applying together, given with its signature or since.

    Of an oral agreement: since it was written down. What was said of another text, or before an application was
    withdrawn, is not said of this one.
    """
    rows = Consent.objects.filter(party__case=case, matter=ConsentMatter.CONFIRMATION, round=agreement.round)
    anew = JudicialConfirmation.objects.filter(agreement=agreement).values_list("wishes_since", flat=True).last()
    signed = {one.party_id: one.at for one in agreement.standing_signatures()}
    oral = agreement.form == Agreement.Form.ORAL
    found = {}
    for row in rows.order_by("pk"):
        since = signed.get(row.party_id) or (agreement.drafted_at if oral else agreement.sealed_at)
        if since is not None and row.at >= since and (anew is None or row.at > anew):
            found[row.party_id] = row
    return found


def everybody_wants(case: Case, agreement: Agreement) -> bool:
    """Say whether all parties asked for the confirmation: they apply together or not at all (PML 33)."""
    given = wishes(case, agreement)
    parties = [party for party in case.parties.all() if party.left_at is None]
    return bool(parties) and all(_yes(given.get(party.pk)) for party in parties)


def _yes(row: Consent | None) -> bool:
    return row is not None and row.given and row.how in COUNTS


def last_day(case: Case) -> Deadline | None:
    """Return the clock of the thirty days of the agreement that came into force last (K9)."""
    return case.deadlines.filter(clock=ClockKey.K9).order_by("-pk").first()


def courts_for(case: Case) -> list[str]:
    """Return which court has jurisdiction, the fitting rule first, each with its ground (CPL 205)."""
    if case.source in {Source.COURT_PRE, Source.COURT_POST}:
        return [_("法院委派、委托本中心调解的，向作出邀请的人民法院提出。")]
    found = []
    if case.estate is not None and case.estate.region is not None:
        found.append(
            _("调解协议的标的物（小区）所在地：%(place)s的基层人民法院。") % {"place": case.estate.region.name}
        )
    found.append(_("当事人住所地的基层人民法院。"))
    found.append(_("本中心所在地的基层人民法院。"))
    found.append(_("纠纷依级别应由中级人民法院管辖的，向相应的中级人民法院提出。"))
    return found


# --- what happens to it -----------------------------------------------------------------------------------------------


def say_confirmation(party: Party, *, given: bool, how: str, by: User, at: datetime) -> JudicialConfirmation:
    """Take down whether one party wants to apply; all together plan it, one that does not undoes it.

    By the party itself on the site, or by staff from paper or phone. Raises MediationError.
    """
    own = how == ConsentHow.ONLINE
    if how not in COUNTS:
        raise MediationError(_("请由本人在网上表示、书面签字，或者打电话记录。"))
    permission = "case.consent" if own else "case.record_consent"
    with _confirmation(party.case, facts.WISH, by=by, at=at, permission=permission) as (case, row):
        if own and party.pk not in {mine.pk for mine in case.parties_of(by)}:
            raise MediationError(_("您只能代表自己这一方表示意见。"))
        if own and not party.lets(by, AgentScope.DISPOSE):
            raise MediationError(_("授权委托书没有授权您承认、变更、放弃请求，请由本人表示。"))
        if given and (why := excluded(case)):
            raise MediationError(why)
        if row.state not in {State.NONE, State.PLANNED}:
            raise MediationError(_("现在是“%(state)s”，不用再表示。") % {"state": row.get_state_display()})
        add_consent(case, party, matter=ConsentMatter.CONFIRMATION, given=given, how=how, by=by, at=at)
        wanted = everybody_wants(case, row.agreement)
        if wanted != (row.state == State.PLANNED):
            _move(case, row, "plan" if wanted else "give_up", by=by, at=at)
    return row


def take_up_wishes(case: Case, *, at: datetime) -> None:
    """Plan the application where every party said with its signature that it wants it; inside the caller's change."""
    agreement = agreement_in_force(case)
    if agreement is None or excluded(case) or not everybody_wants(case, agreement):
        return
    row = _current(agreement)
    if row.state == State.NONE:
        _move(case, row, "plan", by=None, at=at)


def apply_for_confirmation(
    case: Case, *, court: str, applied_on: date, by: User, at: datetime, case_number: str = ""
) -> JudicialConfirmation:
    """Record that all parties applied to a court in time; raises MediationError.

    A filing in time that the centre learns of late is recorded even after the clock ran out.
    """
    if not court.strip():
        raise MediationError(_("请填写向哪个法院申请。"))
    with _confirmation(case, facts.APPLY, by=by, at=at) as (locked, row):
        if why := excluded(locked):
            raise MediationError(why)
        _require_move(row, "apply")
        if not everybody_wants(locked, row.agreement):
            raise MediationError(_("须各方共同申请：还有当事人没有表示愿意。"))
        _require_day(applied_on, _ended_on(_before(row)) or row.agreement.effective_on, at)
        clock = last_day(locked)
        if clock is not None and applied_on > clock.due:
            raise MediationError(
                _("已经超过30日：最后一天是%(day)s。逾期法院不予受理。") % {"day": clock.due.isoformat()}
            )
        row.court, row.applied_on, row.case_number = within(court, 120), applied_on, within(case_number, 60)
        row.expired_at = None
        end_clocks(locked, [ClockKey.K9], on=applied_on, at=at)
        _move(locked, row, "apply", by=by, at=at)
    return row


def record_court(
    case: Case,
    event: str,
    *,
    on: date,
    by: User,
    at: datetime,
    case_number: str = "",
    refused_for: str = "",
    reason: str = "",
    ruling: Evidence | None = None,
) -> JudicialConfirmation:
    """Record what the court did, with its number, day, reason and ruling; raises MediationError.

    Where the law leaves it open and the thirty days are not over, a further application is opened beside it.
    """
    if event not in COURT_EVENTS:
        raise LookupError(f"no event of a court: {event}")
    with _confirmation(case, facts.COURT, by=by, at=at) as (locked, row):
        _require_move(row, event)
        _require_day(on, row.accepted_on or row.applied_on, at)
        row.case_number = within(case_number, 60) or row.case_number
        if event == "accept" and not row.case_number:
            raise MediationError(_("请填写法院案号（调确字）。"))
        if event in {"refuse", "dismiss"} and not reason.strip():
            raise MediationError(_("请写明法院的理由。"))
        if event == "refuse" and refused_for not in JudicialConfirmation.Refused.values:
            raise MediationError(_("请选择法院不予受理的情形。"))
        if ruling is not None and (ruling.case_id != locked.pk or ruling.withdrawn_at is not None):
            raise MediationError(_("这份裁定书不属于本案。"))
        setattr(row, DAY_OF[event], on)
        row.refused_for = refused_for if event == "refuse" else ""
        row.reason = within(reason, 500) or row.reason
        row.ruling = ruling or row.ruling
        _move(locked, row, event, by=by, at=at)
        if may_follow(locked, row):
            _open_another(locked, row, by=by, at=at)
    return row


def may_follow(case: Case, row: JudicialConfirmation) -> bool:
    """Say whether another application may come after this one, which came to nothing within the thirty days.

    A withdrawal decides nothing, and another court may be the right one (CPL 205, CPLJI 355 (2)); what is refused for
    what the agreement is about stays refused, and after a dismissal a new agreement or an action is the way (CPL 206).
    """
    clock, ended = last_day(case), _ended_on(row)
    elsewhere = row.state == State.COURT_REFUSED and row.refused_for == JudicialConfirmation.Refused.JURISDICTION
    open_to_it = row.state == State.WITHDRAWN or elsewhere
    return open_to_it and clock is not None and ended is not None and ended <= clock.due


def _open_another(case: Case, last: JudicialConfirmation, *, by: User, at: datetime) -> None:
    """Open a further application and let the rest of the thirty days run; told too late, one that is over already.

    After a withdrawal everybody is asked anew; who was only sent to another court has said so already.
    """
    clock, agreement = last_day(case), last.agreement
    in_time = clock is not None and local_date(at) <= clock.due
    row = JudicialConfirmation.objects.create(
        agreement=agreement,
        number=last.number + 1,
        state=State.NONE if in_time else State.EXPIRED,
        opened_at=at,
        wishes_since=at if in_time and last.state == State.WITHDRAWN else None,
        expired_at=None if in_time else at,
    )
    journal(case, CaseEntry.CONFIRMATION_AGAIN, by=by, at=at, confirmation=row.pk, number=row.number)
    if not in_time or agreement.effective_on is None:
        return
    start_clock(case, ClockKey.K9, on=agreement.effective_on, event=gettext_noop("协议生效"))
    count_to_the_shelf(case, at=at)
    if everybody_wants(case, agreement):
        _move(case, row, "plan", by=by, at=at)


def _before(row: JudicialConfirmation) -> JudicialConfirmation | None:
    return JudicialConfirmation.objects.filter(agreement=row.agreement, number__lt=row.number).last()


def _ended_on(row: JudicialConfirmation | None) -> date | None:
    """The day on which an application was withdrawn or not accepted."""
    return (row.withdrawn_on or row.decided_on) if row is not None else None


DAY_OF = {
    "accept": "accepted_on",
    "refuse": "decided_on",
    "confirm": "decided_on",
    "dismiss": "decided_on",
    "withdraw": "withdrawn_on",
}


def record_enforcement(
    case: Case, *, applied: bool, by: User, at: datetime, on: date | None = None
) -> JudicialConfirmation:
    """Record whether enforcement of a confirmed agreement was applied for; raises MediationError."""
    with _confirmation(case, facts.ENFORCEMENT, by=by, at=at) as (locked, row):
        if row.state != State.CONFIRMED:
            raise MediationError(_("法院裁定有效以后，才能申请强制执行。"))
        if applied:
            _require_day(on or local_date(at), row.decided_on, at)
        row.enforcement_applied, row.enforcement_on = applied, (on or local_date(at)) if applied else None
        row.save(update_fields=["enforcement_applied", "enforcement_on"])
        journal(locked, CaseEntry.RECORD_ENFORCEMENT, by=by, at=at, applied=applied)
    return row


def expire_confirmation(case: Case, *, at: datetime) -> None:
    """Let the thirty days (K9) run out, inside the clock's own change; what lies at court stays there."""
    stop_clocks(case, [ClockKey.K9], on=local_date(at))
    agreement = agreement_in_force(case)
    if agreement is not None:
        row = _current(agreement)
        if row.state in MOVES["expire"][0]:
            row.expired_at = at
            _move(case, row, "expire", by=None, at=at)
    count_to_the_shelf(case, at=at)


# --- what every change shares -------------------------------------------------------------------------------------


@contextmanager
def _confirmation(
    case: Case, fact: Fact, *, by: User, at: datetime, permission: str = ""
) -> Iterator[tuple[Case, JudicialConfirmation]]:
    """Open a change on the confirmation of the agreement in force."""
    with changing(case, fact, by=by, at=at, permission=permission) as locked:
        agreement = agreement_in_force(locked)
        if agreement is None:
            raise MediationError(_("没有已生效的协议。"))
        yield locked, _current(agreement)


def _current(agreement: Agreement) -> JudicialConfirmation:
    """The application that goes on, or the last one; it is made where none was."""
    rows = JudicialConfirmation.objects.select_for_update(of=("self",)).select_related("agreement")
    return rows.filter(agreement=agreement).last() or JudicialConfirmation.objects.create(agreement=agreement)


def _require_move(row: JudicialConfirmation, event: str) -> None:
    if row.state not in MOVES[event][0]:
        raise MediationError(_("司法确认现在是“%(state)s”，不能这样登记。") % {"state": row.get_state_display()})


def _require_day(on: date, earliest: date | None, at: datetime) -> None:
    if on > local_date(at):
        raise MediationError(_("日期不能晚于今天。"))
    if earliest is not None and on < earliest:
        raise MediationError(_("日期不能早于%(day)s。") % {"day": earliest.isoformat()})


def _move(case: Case, row: JudicialConfirmation, event: str, *, by: User | None, at: datetime) -> None:
    _require_move(row, event)
    before, row.state = row.state, MOVES[event][1]
    row.save()
    journal(
        case,
        CaseEntry(f"confirmation_{event}"),
        by=by,
        at=at,
        confirmation=row.pk,
        before=str(before),
        state=str(row.state),
    )
    count_to_the_shelf(case, at=at)
