"""The agreement: put forward, settled by word, in force, talked about again, not reached, broken."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.words import within
from cases.choices import OTHER_ROUTES, ConsentHow, ConsentMatter, Outcome, Status, TerminationReason
from cases.clocks import ClockKey
from cases.deadlines import start_clock, stop_clocks
from cases.language import on_file
from cases.models import JOINT, Case, Ending, Party, RoomEntry
from cases.move import Move
from cases.rooms import post_event
from mediation import services as mediation
from mediation.models import Agreement, Obligation
from notifications.models import Kind
from workflows import telling
from workflows.actions.base import InputError, all_agree, drop_text, end, one_of, require_reason

# What counts for an agreement in force: its promises, their urging and end, its confirmation, the answer to the sender.
OF_AN_AGREEMENT = (ClockKey.K8, ClockKey.K8B, ClockKey.K8C, ClockKey.K9, ClockKey.K14)


def draft_agreement(case: Case, move: Move) -> None:
    """Let the text appear in the joint room before it closes."""
    text = case.current_agreement
    if text is not None:
        post_event(case, JOINT, kind=RoomEntry.Kind.AGREEMENT_READY, ref=text.pk, by=move.by, at=move.at)


def settle_orally(
    case: Case,
    move: Move,
    *,
    facts_and_issues: str,
    content: str,
    promises: Sequence[mediation.Promise],
    agreed: Sequence[Party],
    hows: Mapping[int, str] | None = None,
    owners_decision_number: str = "",
) -> None:
    """Record an oral agreement; `hows` says per party (by key) how it found no paper necessary, else by word."""
    for party in agreed:
        all_agree(case, move, ConsentMatter.ORAL_FORM, [party], (hows or {}).get(party.pk, ConsentHow.ORAL))
    _end_clocks_of_replaced(case, move)
    agreement = mediation.write_agreement(
        case,
        form=Agreement.Form.ORAL,
        facts_and_issues=facts_and_issues,
        content=content,
        promises=promises,
        owners_decision_number=owners_decision_number,
        by=move.person,
        at=move.at,
    )
    mediation.require_sound(agreement)


def take_effect(case: Case, move: Move) -> None:
    _end_clocks_of_replaced(case, move)


def _end_clocks_of_replaced(case: Case, move: Move) -> None:
    """Stop counting for the agreement that the new one replaces."""
    if case.agreements.filter(effective_on__isnull=False, voided_at__isnull=True).exists():
        stop_clocks(case, OF_AN_AGREEMENT, on=move.today)


def still_in_force(case: Case) -> None:
    """Where talks on a variation come to nothing, what was agreed before still binds: it is no failure (PML 31)."""
    standing = case.agreements.filter(effective_on__isnull=False, voided_at__isnull=True, round=case.round).first()
    if standing is None:
        return
    case.outcome = Outcome.SETTLED_ORAL if standing.form == Agreement.Form.ORAL else Outcome.SETTLED_WRITTEN
    mediation.count_again(standing)


def reopen_talks(case: Case, move: Move, *, reason: str, cause: str) -> None:
    require_reason(reason)
    if case.status == Status.PERFORMING and cause not in {"ALL_ASK", "COURT_REFUSED"}:
        raise InputError(_("已生效的协议，须各方都要求变更或者法院未予确认，才能再议。"))
    if case.status == Status.PERFORMING:  # it stays in force until another takes effect
        in_force = case.agreements.filter(effective_on__isnull=False, voided_at__isnull=True)
        in_force.update(vary_asked_at=move.at, vary_reason=within(reason, 300))
    if mediation.void_draft(case, at=move.at, reason=reason.strip()):
        telling.tell_parties(case, telling.present(case), Kind.AGREEMENT_CHANGED, by=move.by, at=move.at)
    if not case.deadlines.filter(clock=ClockKey.K6, state__in=["RUNNING", "PAUSED"]).exists():
        start_clock(case, ClockKey.K6, on=move.today, event=gettext_noop("退回再议/变更协议"))


def fail(
    case: Case,
    move: Move,
    *,
    reason_code: str,
    reason_text: str = "",
    served_how: str = Ending.Served.ONLINE,
    served_on: date | None = None,
) -> None:
    code = one_of(TerminationReason, reason_code)
    drop_text(case, move, _("调解终止"))
    end(case, move, Outcome.FAILED, code, reason_text, on_file(OTHER_ROUTES), served_how, served_on)


def report_breach(case: Case, move: Move, *, note: str, broken: Sequence[Obligation] = ()) -> None:
    """Take the promises that the call-back found broken for not kept; they are urged again."""
    require_reason(note)
    for promise in broken:
        mediation.break_promise(case, promise, reason=note, by=move.by, at=move.at)
