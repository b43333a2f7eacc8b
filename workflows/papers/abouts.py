"""What a document can be about: the rows of a case, the likeliest first."""

from collections.abc import Callable, Iterable
from typing import Any

from cases.choices import Outcome
from cases.models import Agent, Answer, Case, DeadlineMove
from mediation.models import Agreement, Obligation

Candidates = Callable[[Case], Iterable[Any]]


def _parties(case: Case) -> Iterable[Any]:
    return [party for party in case.parties.all() if party.left_at is None]


def obligations(case: Case) -> Any:
    """Return the promises of the agreements in force, the newest agreement first."""
    rows = Obligation.objects.filter(agreement__case=case, agreement__effective_on__isnull=False)
    return rows.select_related("doer", "receiver", "agreement").order_by("-agreement", "number")


def _agreements(case: Case) -> Iterable[Any]:
    return case.agreements.filter(effective_on__isnull=False).order_by("-version")


def _extensions(case: Case) -> Iterable[Any]:
    moves = DeadlineMove.objects.filter(deadline__case=case, deadline__clock="K6", cause=DeadlineMove.Cause.EXTENSION)
    return moves.order_by("-pk")


ABOUTS: dict[str, Candidates] = {
    "party": _parties,
    "agent": lambda case: Agent.objects.filter(principal__case=case).select_related("principal").order_by("-pk"),
    "supplement": lambda case: case.supplement_requests.order_by("-pk"),
    "ending": lambda case: case.endings.order_by("-pk"),
    "referral": lambda case: case.referrals.order_by("-pk"),
    "answer": lambda case: case.answers.select_related("party", "by", "verified_by").order_by("-pk"),
    "session": lambda case: case.sessions.filter(cancelled_at__isnull=True).order_by("-number"),
    "disclosure": lambda case: case.disclosures.select_related("mediator").order_by("-pk"),
    "challenge": lambda case: case.challenges.filter(decided_at__isnull=False).order_by("-pk"),
    "extension": _extensions,
    "agreement": _agreements,
    "obligation": obligations,
    "follow_up": lambda case: case.follow_ups.select_related("by", "case").order_by("-pk"),
    "survey": lambda case: case.surveys.select_related("party").order_by("-pk"),
}


def _written(case: Case) -> Iterable[Agreement]:
    return _agreements(case).filter(form=Agreement.Form.WRITTEN)  # type: ignore[attr-defined, no-any-return]


# Where a kind is about some of these rows only.
CANDIDATES: dict[str, Candidates] = {
    "representative_certificate": lambda case: [party for party in _parties(case) if not party.is_person],
    "rejection_notice": lambda case: case.endings.filter(outcome=Outcome.REJECTED).order_by("-pk"),
    "termination_notice": lambda case: case.endings.filter(
        outcome__in=[Outcome.FAILED, Outcome.DECLINED, Outcome.WITHDRAWN]
    ).order_by("-pk"),
    "enquiry_record": lambda case: case.answers.filter(kind=Answer.Kind.CENTRE).order_by("-pk"),
    "company_answer": lambda case: case.answers.filter(kind=Answer.Kind.COMPANY).order_by("-pk"),
    "verification_record": lambda case: case.answers.filter(kind=Answer.Kind.COMPANY).order_by("-pk"),
    "session_notice": lambda case: case.sessions.filter(cancelled_at__isnull=True).order_by("-number"),
    "session_record": lambda case: case.sessions.exclude(record="").order_by("-number"),
    "undisputed_facts": lambda case: case.sessions.exclude(undisputed_facts="").order_by("-number"),
    "agreement": _written,
    "agreement_draft": lambda case: case.agreements.filter(voided_at__isnull=True).order_by("-version"),
    "oral_agreement_form": lambda case: case.agreements.filter(form=Agreement.Form.ORAL).order_by("-version"),
    "performance_proof": lambda case: [o for o in obligations(case) if o.performed_on],
    "urging_letter": lambda case: [o for o in obligations(case) if not o.performed_on],
}
