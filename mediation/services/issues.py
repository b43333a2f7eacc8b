"""What is in dispute: the claims, and what the mediator adds or takes off the table."""

from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.words import within
from cases.changes import changing, journal
from cases.entries import CaseEntry
from cases.facts import talks
from cases.models import Case
from mediation.errors import MediationError
from mediation.models import Issue


def seed_issues(case: Case, *, at: datetime) -> None:
    """Put every claim on the table that is not there yet, inside the caller's change."""
    there = dict(case.issues.values_list("number", "claim_id"))
    known, number = set(there.values()), max(there, default=0)
    Issue.objects.bulk_create(
        Issue(case=case, number=number + i, title=claim.text, claim=claim, at=at)
        for i, claim in enumerate([c for c in case.claims.all() if c.pk not in known], 1)
    )


def add_issue(case: Case, *, title: str, by: User, at: datetime) -> Issue:
    """Put one more point in dispute on the table; raises MediationError."""
    if not title.strip():
        raise MediationError(_("请写明争议的是什么。"))
    with changing(case, talks.ADD_ISSUE, by=by, at=at) as locked:
        issue = Issue.objects.create(
            case=locked, number=_last_number(locked) + 1, title=within(title, 500), added_by=by, at=at
        )
        journal(locked, CaseEntry.ADD_ISSUE, by=by, at=at, issue=issue.number)
    return issue


def end_issue(issue: Issue, *, reason: str, by: User, at: datetime) -> None:
    """Take a point off the table without result; raises MediationError."""
    if not reason.strip():
        raise MediationError(_("请写明为什么不再协商这一项。"))
    _mark(issue, at, within(reason, 300), by=by, at=at)


def resume_issue(issue: Issue, *, by: User, at: datetime) -> None:
    """Put a point back on the table."""
    _mark(issue, None, "", by=by, at=at)


def _mark(issue: Issue, ended_at: datetime | None, reason: str, *, by: User, at: datetime) -> None:
    with changing(issue.case, talks.END_ISSUE if ended_at else talks.RESUME_ISSUE, by=by, at=at) as locked:
        issue = Issue.objects.get(pk=issue.pk)
        issue.ended_at, issue.ended_reason = ended_at, reason
        issue.save(update_fields=["ended_at", "ended_reason"])
        entry = CaseEntry.END_ISSUE if ended_at else CaseEntry.RESUME_ISSUE
        journal(locked, entry, by=by, at=at, issue=issue.number)


def _last_number(case: Case) -> int:
    return case.issues.aggregate(last=Max("number"))["last"] or 0
