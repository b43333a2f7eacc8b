"""Record how promises are kept, and urge late ones."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import PARTY_ROLES
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import ConsentHow, Status
from cases.clocks import ClockKey
from cases.deadlines import end_clocks, refresh_next_due
from cases.models import Evidence
from mediation.errors import MediationError
from mediation.models import Obligation


def record_performance(
    obligation: Obligation, *, on: date, proof: Evidence | None, note: str, by: User, at: datetime
) -> None:
    """Record that a promise was kept, with proof; raises MediationError."""
    if proof is None and not note.strip():
        raise MediationError(_("请上传凭证，或写明怎样履行的。"))
    if on > local_date(at):
        raise MediationError(_("履行日期不能晚于今天。"))
    if proof is not None and proof.case_id != obligation.agreement.case_id:
        raise MediationError(_("这份凭证不属于本案。"))
    with changing(obligation.agreement.case, "case.record_performance", by=by, at=at) as locked:
        if locked.status != Status.PERFORMING:
            raise MediationError(_("现在不在履行阶段。"))
        obligation.performed_on, obligation.proof, obligation.proof_note = on, proof, note.strip()[:300]
        if not (locked.roles_of(by) & PARTY_ROLES):
            obligation.confirmed_at = at
        obligation.save(update_fields=["performed_on", "proof", "proof_note", "confirmed_at"])
        end_clocks(locked, [ClockKey.K8, ClockKey.K8B], on=local_date(at), subject_id=obligation.pk)
        refresh_next_due(locked)
        locked.save(update_fields=["next_due", "next_clock"])
        journal(locked, "record_performance", by=by, at=at, obligation=obligation.pk, on=on.isoformat())


def confirm_performance(obligation: Obligation, *, by: User, at: datetime) -> None:
    """Confirm as the receiving side that a promise was kept."""
    with changing(obligation.agreement.case, "case.confirm_performance", by=by, at=at) as locked:
        mine = {party.pk for party in locked.parties_of(by)}
        if mine and obligation.doer_id in mine:
            raise MediationError(_("应由对方确认收到。"))
        if obligation.performed_on is None:
            raise MediationError(_("还没有记录履行。"))
        obligation.confirmed_at = at
        obligation.save(update_fields=["confirmed_at"])
        journal(locked, "confirm_performance", by=by, at=at, obligation=obligation.pk)


def urge(obligation: Obligation, *, how: str, note: str, by: User, at: datetime) -> None:
    """Urge an overdue promise (PML 31)."""
    with changing(obligation.agreement.case, "case.urge", by=by, at=at) as locked:
        if obligation.performed_on is not None or obligation.due >= local_date(at):
            raise MediationError(_("还没有逾期，不需要督促。"))
        number = obligation.urgings.count() + 1
        obligation.urgings.create(number=number, how=ConsentHow(how), note=note.strip()[:300], at=at, by=by)
        journal(locked, "urge", by=by, at=at, obligation=obligation.pk, number=number)
