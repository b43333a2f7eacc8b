"""Open a draft and file it; propose what another must decide."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.errors import DomainError
from accounts.models import Centre, Region, User
from accounts.words import within
from audit.services import record
from calendars.today import local_date
from cases.changes import again_after_deadlock, changing, holding, journal
from cases.choices import Channel, Source
from cases.clocks import ClockKey
from cases.deadlines import start_clock
from cases.entries import CaseEntry
from cases.facts import matter
from cases.models import Case, Party, Proposal
from cases.passes import give_pass
from notifications.models import Kind
from workflows import tasks
from workflows.actions import perform
from workflows.models import ActionKey
from workflows.telling import tell_director

PROPOSABLE = {"reject": matter.PROPOSE_REJECTION, "void": matter.PROPOSE_VOID}
REASON_IS_INPUT = frozenset({"void"})  # what the proposer writes is what the action itself asks for


class ProposalError(DomainError):
    """This cannot be proposed or decided now."""


@again_after_deadlock
def open_draft(
    *,
    centre: Centre,
    region: Region,
    by: User | None,
    at: datetime,
    channel: str = Channel.ONLINE,
    source: str = Source.APPLY,
    goes_on: bool = False,
    **fields: Any,
) -> Case:
    """Open a draft case with its process and its first deadline; nobody but its creator sees it.

    `goes_on`: the caller changes it further at once, and settles whose turn it is at the end of that.
    """
    with transaction.atomic():
        case = Case(
            centre=centre, region=region, created_by=by, created_at=at, channel=channel, source=source, **fields
        )
        case.save()
        record(case.subject, CaseEntry.OPEN_DRAFT, by=by, after={"centre": centre.code, "channel": channel}, at=at)
        start_clock(case, ClockKey.K0, on=local_date(at), event=gettext_noop("建立草稿"))
        tasks.start(case)
        if not goes_on:
            with holding(case.pk, "open_draft", by=by, at=at, within_own=True):
                pass  # whose turn it is: the applicant's, to finish and hand it in
    return case


@again_after_deadlock
def submit(
    case: Case, *, by: User, at: datetime | None = None, key: str = "", email: str = "", **given: Any
) -> tuple[Case, dict[int, str]]:
    """File a draft and give every applicant without an account a case pass; returns the case and the codes by party.

    `email`: where whoever files in the applicant's stead was told to send mail.
    """
    at = at or timezone.now()
    with transaction.atomic():
        filed = perform(case, "submit", by=by, at=at, key=key, **given)
        codes = {
            party.pk: give_pass(filed, party, by=by, at=at, email=email)
            for party in filed.parties.all()
            if party.side == "APPLICANT" and _needs_pass(party)
        }
    return filed, codes


def _needs_pass(party: Party) -> bool:
    return party.user_id is None and party.company_id is None and not party.passes.filter(revoked_at=None).exists()


def propose(case: Case, action: str, *, by: User | None, at: datetime, reason: str = "", **given: Any) -> Proposal:
    """Put an action before somebody who may decide it; raises ProposalError. The clock may propose an ending."""
    if by is None:
        return _propose_by_clock(case, action, at=at, reason=reason, given=given)
    if action in REASON_IS_INPUT:
        if not reason.strip():
            raise ProposalError(_("请写明理由。"))
        given["reason"] = within(reason, 500)
    given = _kept(given)
    _as_given(given)
    with changing(case, PROPOSABLE[action], by=by, at=at) as locked:
        if locked.proposals.filter(action=action, decision=Proposal.Decision.WAITING).exists():
            raise ProposalError(_("已经提出，正在等主任决定。"))
        proposal = Proposal.objects.create(
            case=locked, action=action, input=given, reason=within(reason, 1000), by=by, at=at
        )
        journal(locked, CaseEntry(f"propose_{action}"), by=by, at=at, reason=str(given.get("reason_code", "")))
        tell_director(locked, Kind.PROPOSAL_WAITING, at=at)
    return proposal


def _kept(given: dict[str, Any]) -> dict[str, Any]:
    """What was given, as it lies in the proposal: a day is its text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}


def _as_given(kept: dict[str, Any]) -> dict[str, Any]:
    """Return the input of the action from what lies in the proposal; raises ProposalError for a day that is none."""
    served_on = kept.get("served_on")
    if not isinstance(served_on, str):
        return kept
    try:
        return kept | {"served_on": date.fromisoformat(served_on)}
    except ValueError:
        raise ProposalError(_("送达日期不对，请填写年月日。")) from None


def _propose_by_clock(case: Case, action: str, *, at: datetime, reason: str, given: dict[str, Any]) -> Proposal:
    proposal, created = Proposal.objects.get_or_create(
        case=case,
        action=action,
        decision=Proposal.Decision.WAITING,
        defaults={"input": given, "reason": reason[:1000], "by": None, "at": at},
    )
    if created:
        journal(case, CaseEntry(f"propose_{action}"), by=None, at=at, reason=str(given.get("reason_code", "")))
        tell_director(case, Kind.PROPOSAL_WAITING, at=at)
    return proposal


def approve(proposal: Proposal, *, by: User, at: datetime, key: str = "") -> Case:
    """Carry out what was proposed, in the name of whoever approves it."""
    with holding(proposal.case_id, "decide_proposal", by=by, at=at):
        row = Proposal.objects.select_for_update().get(pk=proposal.pk)
        if row.decision != Proposal.Decision.WAITING and not ActionKey.objects.filter(pk=key).exists():
            raise ProposalError(_("这件事已经决定过了。"))
        moved = perform(row.case, row.action, by=by, at=at, key=key, **_as_given(row.input))
        Proposal.objects.filter(pk=row.pk, decided_at=at).update(decision=Proposal.Decision.APPROVED, decided_by=by)
    return moved


def refuse(proposal: Proposal, *, by: User, at: datetime, note: str) -> None:
    """Turn down a proposal with a word why."""
    if not note.strip():
        raise ProposalError(_("请写明不同意的理由。"))
    with changing(proposal.case, matter.DECIDE_PROPOSAL, by=by, at=at) as locked:
        row = Proposal.objects.select_for_update().get(pk=proposal.pk)
        if row.decision != Proposal.Decision.WAITING:
            raise ProposalError(_("这件事已经决定过了。"))
        row.decision, row.decided_by, row.decided_at, row.note = Proposal.Decision.REFUSED, by, at, within(note, 500)
        row.save(update_fields=["decision", "decided_by", "decided_at", "note"])
        journal(locked, CaseEntry(f"refuse_{row.action}"), by=by, at=at, reason=note)
