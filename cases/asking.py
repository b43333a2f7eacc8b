"""Ask the parties for a consent: what exactly, why, until when; see the answers, take the question back."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.errors import ConflictError, DomainError
from accounts.models import User
from accounts.words import within
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import ASKED_IN, ASKED_OF_APPLICANTS, ConsentMatter, Side
from cases.clocks import MAX_EXTENSION_DAYS
from cases.entries import CaseEntry
from cases.facts.matter import ASK, WITHDRAW_REQUEST
from cases.models import Case, Consent, ConsentRequest, Party

End = ConsentRequest.End
# What a party may say without having been asked: a wish of its own, and the tick on the page of filing.
UNASKED = frozenset({ConsentMatter.VARIATION, ConsentMatter.FORWARD})


class AskingError(DomainError):
    """This cannot be asked."""


def ask_consent(
    case: Case,
    *,
    matter: str,
    parties: Sequence[Party],
    reason: str,
    answer_by: date,
    by: User,
    at: datetime,
    days: int | None = None,
    what: str = "",
) -> ConsentRequest:
    """Ask these parties for a consent; raises AskingError, NotAllowedError, CaseArchivedError."""
    with changing(case, ASK, by=by, at=at) as locked:
        _require_askable(locked, matter, parties, days)
        if not reason.strip():
            raise AskingError(_("请写明为什么征求意见，当事人会看到。"))
        if answer_by < local_date(at):
            raise AskingError(_("答复期限不能早于今天。"))
        row = put_request(
            locked,
            matter=matter,
            parties=parties,
            reason=reason,
            answer_by=answer_by,
            days=days,
            what=what,
            by=by,
            at=at,
        )
        journal(
            locked, CaseEntry.ASK_CONSENT, by=by, at=at, request=row.pk, matter=matter, days=days,
            parties=sorted(party.pk for party in parties), answer_by=answer_by.isoformat(),
        )  # fmt: skip
    return row


def _require_askable(case: Case, matter: str, parties: Sequence[Party], days: int | None) -> None:
    if matter not in ASKED_IN.get(case.status, ()):
        raise AskingError(_("现在不能征求这一项意见。"))
    if not parties:
        raise AskingError(_("请选择问哪些当事人。"))
    for party in parties:
        if party.case_id != case.pk or party.left_at is not None or not case.open_to(party.side):
            raise AskingError(_("只能问本案中已经知道这件事的当事人。"))
        if matter in ASKED_OF_APPLICANTS and party.side != Side.APPLICANT:
            raise AskingError(_("这一项只要问申请人。"))
    if matter == ConsentMatter.EXTENSION and not (days and 1 <= days <= MAX_EXTENSION_DAYS):
        raise AskingError(_("请写明延长多少日，1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS})
    if matter != ConsentMatter.EXTENSION and days:
        raise AskingError(_("只有延长期限才写日数。"))


def put_request(
    case: Case,
    *,
    matter: str,
    parties: Sequence[Party],
    by: User | None,
    at: datetime,
    reason: str = "",
    answer_by: date | None = None,
    days: int | None = None,
    what: str = "",
) -> ConsentRequest:
    """Write the question inside the caller's change; nobody is asked one thing twice at a time. Raises AskingError."""
    asked = {key for row in standing(case, at=at) if row.matter == matter for key in parties_asked(row)}
    if twice := [party for party in parties if party.pk in asked]:
        raise AskingError(
            _("已经问过%(names)s这一项，还没有结束；要换内容，请先撤回原来的征求。")
            % {"names": _("、").join(f"{p.get_side_display()} {p.shown_name}" for p in twice)}
        )
    row = ConsentRequest.objects.create(
        case=case,
        matter=ConsentMatter(matter),
        days=days,
        what=within(what, 300),
        reason=within(reason, 300),
        round=case.round,
        answer_by=answer_by,
        asked_by=by,
        at=at,
    )
    row.parties.set(parties)
    return row


def withdraw_request(request: ConsentRequest, *, reason: str, by: User, at: datetime) -> ConsentRequest:
    """Take a question back: it is answered no more, and no answer to it counts. Raises AskingError, ConflictError."""
    if not reason.strip():
        raise AskingError(_("请写明为什么撤回，当事人会看到。"))
    with changing(request.case, WITHDRAW_REQUEST, by=by, at=at) as locked:
        row = ConsentRequest.objects.select_for_update().get(pk=request.pk, case=locked)
        if row.end:
            raise ConflictError(_("这次征求已经结束。"))
        if not may_take_back(row, locked):
            raise AskingError(_("这一项已经办过，或者是“征询意见”发出的，不能撤回。"))
        row.end, row.ended_at, row.ended_by, row.end_reason = End.WITHDRAWN, at, by, within(reason, 300)
        row.save(update_fields=["end", "ended_at", "ended_by", "end_reason"])
        journal(
            locked, CaseEntry.WITHDRAW_REQUEST, by=by, at=at, reason=row.end_reason, request=row.pk, matter=row.matter
        )
    return row


def may_take_back(row: ConsentRequest, case: Case) -> bool:
    """Say whether a question may be taken back: while its matter is open, and never an invitation, which is an act."""
    asked_now = row.round == case.round and row.matter in ASKED_IN.get(case.status, ())
    return not row.end and asked_now and row.answer_by is not None


def use_requests(case: Case, matter: str, *, by: User | None, at: datetime) -> None:
    """End the questions that led to what is done now, inside the caller's change."""
    rows = ConsentRequest.objects.filter(case=case, matter=matter, end="")
    rows.update(end=End.USED, ended_at=at, ended_by=by)


def standing(case: Case, *, at: datetime) -> list[ConsentRequest]:
    """Return the questions that may be answered now, the oldest first; two queries."""
    rows = ConsentRequest.objects.filter(case=case, round=case.round, end="").select_related("asked_by")
    return [row for row in rows.prefetch_related("parties") if is_standing(row, case, today=local_date(at))]


def is_standing(row: ConsentRequest, case: Case, *, today: date) -> bool:
    """Say whether a question may be answered: not ended, still to the point, and within its time."""
    in_time = row.answer_by is None or today <= row.answer_by
    return not row.end and row.round == case.round and row.matter in ASKED_IN.get(case.status, ()) and in_time


def parties_asked(row: ConsentRequest) -> set[int]:
    return {party.pk for party in row.parties.all()}


def question_for(case: Case, party: Party, matter: str, *, at: datetime) -> ConsentRequest | None:
    """Return the question about this matter that this party may answer now."""
    rows = [row for row in standing(case, at=at) if row.matter == matter and party.pk in parties_asked(row)]
    return rows[-1] if rows else None


def require_question(request: ConsentRequest, case: Case, party: Party, matter: str, *, at: datetime) -> None:
    """Refuse an answer to what was not asked; raises ConflictError."""
    fresh = next((row for row in standing(case, at=at) if row.pk == request.pk), None)
    if fresh is None or fresh.matter != matter or party.pk not in parties_asked(fresh):
        raise ConflictError(_("这次征求已经结束或者撤回，请看最新情况。"))


def days_agreed(case: Case, parties: Iterable[Party]) -> int | None:
    """Return how many days more all of these parties have agreed to at most, as far as they were asked for a number."""
    found = []
    for party in parties:
        rows = Consent.objects.filter(party=party, matter=ConsentMatter.EXTENSION, round=case.round)
        row = rows.exclude(request__end=End.WITHDRAWN).select_related("request").order_by("-pk").first()
        if row is not None and row.given and row.request is not None and row.request.days and not row.request.end:
            found.append(row.request.days)
    return min(found, default=None)
