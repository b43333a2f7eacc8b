"""Record how promises are kept, wholly or in part, what the other side says to it, and the urging of late ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.roles import PARTY_ROLES
from accounts.words import within
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import ConsentHow, Status
from cases.clocks import ClockKey
from cases.deadlines import OPEN, end_clocks, start_clock, stop_clocks
from cases.entries import CaseEntry
from cases.facts import Fact
from cases.facts import agreement as facts
from cases.models import Case, Evidence, Party
from mediation.errors import MediationError
from mediation.models import URGINGS, Agreement, Obligation, Performance

Answer = Performance.Answer
CENT = Decimal("0.01")
# Domain.md 8.5, K8b: the letters go three and ten working days after the date.
SECOND_URGING_WORKING_DAYS = 10


def record_performance(
    obligation: Obligation,
    *,
    on: date,
    proof: Evidence | None,
    note: str,
    by: User,
    at: datetime,
    amount: Decimal | None = None,
    completes: bool = True,
) -> Performance:
    """Record what was done on a promise, with proof; raises MediationError.

    Money: `amount` in yuan, all that is left where none is given; the promise is kept when the rest is nought.
    Anything else: `completes` says whether it is done now. The word of the receiving side needs no confirmation.
    """
    if proof is None and not note.strip():
        raise MediationError(_("请上传凭证，或写明怎样履行的。"))
    if on > local_date(at):
        raise MediationError(_("履行日期不能晚于今天。"))
    if proof is not None and (proof.case_id != obligation.agreement.case_id or proof.withdrawn_at is not None):
        raise MediationError(_("这份凭证不属于本案。"))
    with _promise(obligation, facts.PERFORMANCE, by=by, at=at) as (locked, promise):
        mine = _own(locked, by)
        if mine and promise.doer_id not in mine and not _receives(promise, mine):
            raise MediationError(_("这一项不是您这一方的约定。"))
        if promise.performed_on is not None:
            raise MediationError(_("这一项已经全部履行，不用再记。"))
        paid = _part(promise, amount)
        own_word = bool(mine) and promise.doer_id not in mine
        row = Performance.objects.create(
            obligation=promise,
            number=promise.performances.count() + 1,
            on=on,
            amount=paid,
            completes=completes if paid is None else paid == promise.rest(),
            note=within(note, 300),
            proof=proof,
            at=at,
            by=by,
            answer=Answer.CONFIRMED if own_word else Answer.WAITING,
            answered_at=at if own_word else None,
            answered_by=by if own_word else None,
        )
        promise.missed_at, promise.missed_note = None, ""
        journal(
            locked, CaseEntry.RECORD_PERFORMANCE, by=by, at=at, obligation=promise.pk, number=row.number,
            on=on.isoformat(),
            amount=str(paid) if paid is not None else None, completes=row.completes,
        )  # fmt: skip
    return row


def _part(promise: Obligation, amount: Decimal | None) -> Decimal | None:
    """Return what is paid now, never more than what is left; raises MediationError."""
    rest = promise.rest()
    if rest is None:
        if amount is not None:
            raise MediationError(_("这一项没有约定金额，请写明做了什么。"))
        return None
    amount = rest if amount is None else amount
    if amount <= 0 or amount != amount.quantize(CENT):
        raise MediationError(_("请填写这次付了多少元，最多两位小数。"))
    if amount > rest:
        raise MediationError(
            _("这一项只差%(rest)s元，填写的%(amount)s元多了，请核对；多付的部分请双方另行商量退还。")
            % {"rest": f"{rest:,.2f}", "amount": f"{amount:,.2f}"}
        )
    return amount


def answer_performance(
    performance: Performance, *, received: bool, by: User, at: datetime, reason: str = ""
) -> Performance:
    """Say for the receiving side whether what was recorded arrived; raises MediationError.

    The receiver (or, where nobody is named, another party) answers for itself; staff write down what they heard or
    checked, with a word how. What was confirmed stays confirmed; a dispute can be settled by confirming later.
    """
    obligation = performance.obligation
    fact = facts.CONFIRM_PERFORMANCE if received else facts.DISPUTE_PERFORMANCE
    with _promise(obligation, fact, by=by, at=at) as (
        locked,
        promise,
    ):
        mine = _own(locked, by)
        if mine and not _receives(promise, mine):
            raise MediationError(_("应由对方确认收到。"))
        row = promise.performances.get(pk=performance.pk)
        if row.answer == Answer.CONFIRMED:
            raise MediationError(_("这一笔已经确认过了。"))
        if not reason.strip() and not (received and mine):
            raise MediationError(_("请写明理由：没收到什么，或者怎样核实的。"))
        row.answer = Answer.CONFIRMED if received else Answer.DISPUTED
        row.answered_at, row.answered_by = at, by
        row.dispute_reason = row.dispute_reason if received else within(reason, 300)
        row.save(update_fields=["answer", "answered_at", "answered_by", "dispute_reason"])
        if received and (rest := promise.rest()) is not None and rest < 0:
            raise MediationError(_("确认后会超过约定的金额，请先核对各笔付款。"))
        action = CaseEntry.CONFIRM_PERFORMANCE if received else CaseEntry.DISPUTE_PERFORMANCE
        journal(locked, action, by=by, at=at, obligation=promise.pk, number=row.number)
    return row


def confirm_performance(obligation: Obligation, *, by: User, at: datetime, reason: str = "") -> None:
    """Confirm everything that was recorded for a promise and waits; raises MediationError."""
    waiting = list(obligation.performances.filter(answer=Answer.WAITING))
    if not waiting:
        raise MediationError(_("还没有记录履行。"))
    for row in waiting:
        answer_performance(row, received=True, by=by, at=at, reason=reason)


def report_missing(obligation: Obligation, *, note: str, by: User, at: datetime) -> None:
    """Let the receiving side say that nothing arrived, where nothing was recorded either; raises MediationError."""
    with _promise(obligation, facts.REPORT_MISSING, by=by, at=at) as (locked, promise):
        mine = _own(locked, by)
        if mine and not _receives(promise, mine):
            raise MediationError(_("应由对方说明是否收到。"))
        if promise.performed_on is not None or promise.performances.filter(answer=Answer.WAITING).exists():
            raise MediationError(_("对方记录了履行，请在那一笔上说明没有收到。"))
        if promise.due > local_date(at):
            raise MediationError(_("还没有到约定的日期。"))
        promise.missed_at, promise.missed_note = at, within(note, 300)
        journal(locked, CaseEntry.REPORT_MISSING, by=by, at=at, obligation=promise.pk)


def break_promise(case: Case, obligation: Obligation, *, reason: str, by: User | None, at: datetime) -> None:
    """Take a promise for not kept inside the caller's change, because a call-back found it broken; MediationError.

    What the receiver confirmed as paid stays paid; a work that was confirmed can turn out to be undone.
    """
    if obligation.agreement_id != case.current_agreement.pk:
        raise MediationError(_("这一项不属于现在有效的协议。"))
    if obligation.performed_on is None:
        return
    rows = [row for row in obligation.standing() if row.amount is None or row.answer == Answer.WAITING]
    if not rows:
        raise MediationError(_("这一项的款已由对方确认收到，不能算没有履行。"))
    for row in rows:
        row.answer, row.answered_at, row.answered_by = Answer.DISPUTED, at, by
        row.dispute_reason = within(reason, 300)
        row.save(update_fields=["answer", "answered_at", "answered_by", "dispute_reason"])
    journal(case, CaseEntry.DISPUTE_PERFORMANCE, by=by, at=at, obligation=obligation.pk)
    _sum_up(case, Obligation.objects.get(pk=obligation.pk), at=at)


def urge(obligation: Obligation, *, how: str, note: str, by: User, at: datetime) -> None:
    """Urge an overdue promise (PML 31), once a day at most; the second letter has its own clock."""
    with _promise(obligation, facts.URGE, by=by, at=at) as (locked, promise):
        if promise.performed_on is not None or promise.due >= local_date(at):
            raise MediationError(_("还没有逾期，不需要督促。"))
        urgings = list(promise.urgings.all())
        if urgings and local_date(urgings[-1].at) == local_date(at):
            raise MediationError(_("今天已经督促过这一项，请隔一段时间再督促。"))
        number = len(urgings) + 1
        promise.urgings.create(number=number, how=ConsentHow(how), note=within(note, 300), at=at, by=by)
        end_clocks(locked, [ClockKey.K8B], at=at, about_id=promise.pk)
        if number < URGINGS:
            _start_urging(locked, promise, on=promise.due, count=SECOND_URGING_WORKING_DAYS)
        journal(locked, CaseEntry.URGE, by=by, at=at, obligation=promise.pk, number=number)


def begin_urging(case: Case, obligation: Obligation) -> None:
    """Start the clock of the first urging inside the caller's change, where none runs."""
    running = case.deadlines.filter(clock=ClockKey.K8B, about_id=obligation.pk, state__in=OPEN)
    if obligation.performed_on is None and not obligation.urgings.exists() and not running.exists():
        _start_urging(case, obligation, on=obligation.due)


def _start_urging(case: Case, obligation: Obligation, *, on: date, count: int | None = None) -> None:
    event = gettext_noop("逾期未履行")
    start_clock(case, ClockKey.K8B, on=on, event=event, about_id=obligation.pk, count=count)


def narrow_urging(case: Case, *, on: date) -> None:
    """Where every broken promise has its own clock of urging, the one for the case as a whole is not needed."""
    rows = case.deadlines.filter(clock=ClockKey.K8B, state__in=OPEN)
    if rows.filter(about_id__isnull=False).exists():
        rows.filter(about_id__isnull=True).update(state="STOPPED", ended_on=on)


def count_to_the_end(case: Case, *, on: date) -> None:
    """Inside the caller's change: a day for ending performance once nothing is left to be done, none while there is."""
    agreement = case.current_agreement if case.status == Status.PERFORMING else None
    rows = case.deadlines.filter(state__in=OPEN)
    over = (
        agreement is not None
        and not agreement.open_obligations(on)
        and not rows.filter(clock=ClockKey.K8B).exists()  # the case as a whole is still to be urged
    )
    if not over:
        stop_clocks(case, [ClockKey.K8C], on=on)
    elif not rows.filter(clock=ClockKey.K8C).exists():
        start_clock(case, ClockKey.K8C, on=on, event=gettext_noop("约定全部了结"))


# --- what may be read of it elsewhere ------------------------------------------------------------------------


@dataclass(frozen=True)
class Unkept:
    """All that an integrity record may know of a promise: that it was overdue after two urgings, never its words."""

    obligation_id: int
    party_id: int
    due: date
    urged_on: tuple[date, ...]


def unkept(agreement: Agreement, *, today: date) -> list[Unkept]:
    """Return the promises that are overdue after two urgings: no concession flows into integrity."""
    return [
        Unkept(promise.pk, promise.doer_id, promise.due, tuple(local_date(one.at) for one in promise.urgings.all()))
        for promise in agreement.obligations.prefetch_related("urgings")
        if promise.performed_on is None and promise.due < today and len(promise.urgings.all()) >= URGINGS
    ]


# --- what every change shares -----------------------------------------------------------------------------------


@contextmanager
def _promise(obligation: Obligation, fact: Fact, *, by: User, at: datetime) -> Iterator[tuple[Case, Obligation]]:
    """Open a change on one promise of an agreement in force: locked, read anew, summed up and its clocks moved."""
    with changing(obligation.agreement.case, fact, by=by, at=at) as locked:
        promise = Obligation.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=obligation.pk)
        if promise.agreement.voided_at is not None:
            raise MediationError(_("现在不在履行阶段。"))
        yield locked, promise
        _sum_up(locked, promise, at=at)
        count_to_the_end(locked, on=local_date(at))


def _own(case: Case, by: User) -> set[int]:
    """The parties that this person speaks for; none for staff."""
    return {party.pk for party in case.parties_of(by)} if case.roles_of(by) & PARTY_ROLES else set()


def _receives(promise: Obligation, mine: set[int]) -> bool:
    return promise.doer_id not in mine and (promise.receiver_id is None or promise.receiver_id in mine)


def _sum_up(case: Case, promise: Obligation, *, at: datetime) -> None:
    """Write on the promise what its performances amount to, and end or start its clocks where that changed."""
    was_kept, rows = promise.performed_on is not None, promise.standing()
    rest = promise.rest()
    kept = rest == 0 if rest is not None else any(row.completes for row in rows)
    last = rows[-1] if kept else None
    promise.performed_on = max(row.on for row in rows) if kept else None
    promise.proof, promise.proof_note = (last.proof, last.note) if last else (None, "")
    confirmed = [row.answered_at for row in rows if row.answer == Answer.CONFIRMED and row.answered_at]
    promise.confirmed_at = max(confirmed) if kept and len(confirmed) == len(rows) else None
    promise.save()
    if kept and not was_kept:
        end_clocks(case, [ClockKey.K8, ClockKey.K8B], at=at, about_id=promise.pk)
    if was_kept and not kept:
        _run_again(case, promise, today=local_date(at))


def _run_again(case: Case, promise: Obligation, *, today: date) -> None:
    """Let a promise that was taken for kept be due again: by its date, or, where that has passed, by urging."""
    if promise.due >= today:
        on = promise.agreement.effective_on or today
        event = gettext_noop("协议生效")
        start_clock(case, ClockKey.K8, on=on, event=event, due=promise.due, about_id=promise.pk)
    elif promise.urgings.count() < URGINGS:
        _start_urging(case, promise, on=today)


def affected(promise: Obligation, case: Case) -> list[Party]:
    """Return whom a promise concerns: who does it and who receives it (everybody else where nobody is named)."""
    parties = [party for party in case.parties.all() if party.left_at is None]
    if promise.receiver_id is None:
        return parties
    return [party for party in parties if party.pk in {promise.doer_id, promise.receiver_id}]
