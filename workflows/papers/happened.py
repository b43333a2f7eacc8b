"""What an action's papers are about: only what happened is put on paper, and each thing once."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from cases.choices import Outcome
from cases.language import on_file
from cases.models import Answer, Case
from documents.models import Document
from mediation.models import Agreement, Session, UndisputedFacts
from workflows.papers.abouts import ABOUTS, obligations

Found = Callable[[Case, datetime], Iterable[Any]]
THE_CASE: tuple[None] = (None,)


def happened(case: Case, kind: str, *, at: datetime, called: Session | None = None) -> list[Any]:
    """Return what a paper of this kind is to be written about now: rows of the case, or the case itself (None).

    `called`: the session that the action at hand fixed.
    """
    if kind == "session_notice" and called is not None:
        return [called] if called.notice != Session.Notice.WAIVED else []
    return list(FOUND.get(kind, _the_case)(case, at))


def _the_case(case: Case, at: datetime) -> Iterable[None]:
    return THE_CASE


def _last(rows: Any) -> list[Any]:
    found = rows.order_by("-pk").first()
    return [] if found is None else [found]


def _not_on_paper(case: Case, kind: str, rows: Any) -> Any:
    """Leave out what a paper of this kind is about already, issued and standing, or due."""
    have = Document.objects.filter(subject_kind="case", subject_id=case.pk, kind=kind, about_id=OuterRef("pk"))
    return rows.exclude(Exists(have.filter(revoked_at__isnull=True, dropped_at__isnull=True)))


def _everybody_once(case: Case, at: datetime) -> Iterable[None]:
    """Give the notice of rights once to everybody who is in the case, however many actions call for it."""
    here = {(on_file(party.get_side_display()), party.name) for party in case.parties.all() if party.left_at is None}
    rows = Document.objects.filter(subject_kind="case", subject_id=case.pk, kind="rights_notice")
    for row in rows.filter(revoked_at__isnull=True, dropped_at__isnull=True):
        if row.is_due or here <= {(one["side"], one["name"]) for one in row.data.get("parties", [])}:
            return ()
    return THE_CASE


def _disclosed(case: Case, at: datetime) -> Iterable[Any]:
    rows = case.disclosures.filter(mediator=case.mediator_id, round=case.round).select_related("mediator")
    return _last(_not_on_paper(case, "disclosure_statement", rows))


def _called(case: Case, at: datetime) -> Any:
    """The sessions that are called and to come, unless everybody waived the notice."""
    rows = case.sessions.filter(cancelled_at__isnull=True, record="", starts_at__gt=at, round=case.round)
    return _not_on_paper(case, "session_notice", rows.exclude(notice=Session.Notice.WAIVED).order_by("number"))


def _facts(case: Case, at: datetime) -> Any:
    """The undisputed facts that stand: where nobody wrote any, there is nothing to put on paper."""
    rows = UndisputedFacts.objects.filter(case=case, voided_at__isnull=True, session__isnull=False)
    return _not_on_paper(case, "undisputed_facts", Session.objects.filter(pk__in=rows.values("session")))


def _kept(case: Case, at: datetime) -> Any:
    return _not_on_paper(case, "performance_proof", obligations(case).filter(performed_on__isnull=False))


def _urged(case: Case, at: datetime) -> Any:
    """The promises that were urged and never written about: what was kept in time was urged by nobody."""
    rows = obligations(case).filter(performed_on__isnull=True, urgings__isnull=False).distinct()
    return _not_on_paper(case, "urging_letter", rows)


def _calls(case: Case, at: datetime) -> Any:
    return _not_on_paper(case, "follow_up_record", case.follow_ups.select_related("by", "case").order_by("pk"))


def _records(case: Case, at: datetime) -> Any:
    return _not_on_paper(
        case, "session_record", case.sessions.exclude(record="").select_related("recorded_by").order_by("number")
    )


def _verified(case: Case, at: datetime) -> Iterable[Any]:
    """A complainant who says that it is solved leaves nothing to verify."""
    return [row for row in _answers(case, Answer.Kind.COMPANY) if row.verification]


def _answers(case: Case, kind: str) -> list[Any]:
    return _last(case.answers.filter(kind=kind).select_related("party", "by", "verified_by"))


def _agreement(form: str) -> Found:
    return lambda case, at: _last(case.agreements.filter(form=form, effective_on__isnull=False))


FOUND: dict[str, Found] = {
    "rights_notice": _everybody_once,
    "supplement_notice": lambda case, at: _last(case.supplement_requests.all()),
    "supplement_list": lambda case, at: _last(case.supplement_requests.filter(answered_at__isnull=False)),
    "rejection_notice": lambda case, at: _last(case.endings.filter(outcome=Outcome.REJECTED)),
    "termination_notice": lambda case, at: _last(case.endings.filter(outcome__in=[Outcome.FAILED, Outcome.DECLINED])),
    "referral_letter": lambda case, at: _last(case.referrals.all()),
    "referral_notice": lambda case, at: _last(case.referrals.all()),
    "enquiry_record": lambda case, at: _answers(case, Answer.Kind.CENTRE),
    "company_answer": lambda case, at: _answers(case, Answer.Kind.COMPANY),
    "verification_record": _verified,
    "disclosure_statement": _disclosed,
    "session_notice": _called,
    "extension_consent": lambda case, at: list(ABOUTS["extension"](case))[:1],
    "agreement_draft": lambda case, at: _last(case.agreements.filter(voided_at__isnull=True)),
    "agreement": _agreement(Agreement.Form.WRITTEN),
    "oral_agreement_form": _agreement(Agreement.Form.ORAL),
    "session_record": _records,
    "undisputed_facts": _facts,
    "performance_proof": _kept,
    "urging_letter": _urged,
    "follow_up_record": _calls,
}
