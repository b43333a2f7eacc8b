"""Issue papers by hand: one, all that are due at once, one in the place of another; each is served as it is issued."""

from datetime import datetime
from typing import Any

from accounts.models import User
from cases.changes import changing
from cases.models import Case
from documents import services
from documents.models import Document
from documents.services import Ready
from notifications.models import Kind
from workflows.papers.due import BY_HAND_ONLY
from workflows.papers.making import abouts, prepare, require_own, waiting
from workflows.papers.serving import addressees
from workflows.papers.step import Step, issue, take_up
from workflows.telling import people_for, tell_all


def make(
    case: Case,
    kind: str,
    *,
    by: User,
    at: datetime,
    about: Any = None,
    typed: dict[str, str] | None = None,
    due: Document | None = None,
) -> Document:
    """Issue and serve a document; raises NotAllowedError, CaseArchivedError and DocumentError naming what is missing.

    A due row of the same kind that it answers is answered by it.
    """
    with changing(case, "case.issue_document", by=by, at=at) as locked:
        row = due or waiting(locked, kind, about)
        ready = prepare(locked, kind, by=by, at=at, about=about, typed=typed, due=row)
        return give_out(locked, ready, by=by, at=at)


def give_out(case: Case, ready: Ready, *, by: User | None, at: datetime) -> Document:
    """Issue a paper and serve it, inside the caller's change of a locked case."""
    step = Step(case, by, at, [ready])
    step.served = [(ready, party) for party in addressees(case, ready, None, by=by, at=at)]
    return _out(step)[0]


def _out(step: Step) -> list[Document]:
    """Tell whoever is served that a document is there, then issue: the numbers are taken last."""
    parties = step.parties
    if parties:
        tell_all(people_for(parties), step.case, Kind.DOCUMENT_SERVED, at=step.at, page="service/")
    return issue(step, {party.pk: Kind.DOCUMENT_SERVED for party in parties})


def issue_due(case: Case, *, by: User, at: datetime) -> tuple[list[Document], list[Document]]:
    """Issue everything that is due and can be written, at once; returns what was issued and what still cannot be.

    Raises NotAllowedError, CaseArchivedError.
    """
    with changing(case, "case.issue_document", by=by, at=at) as locked:
        step = Step(locked, by, at)
        for row in due_rows(locked):
            take_up(step, row, None)
        Document.objects.bulk_update(step.stuck, ["obstacle"])
        return _out(step), step.stuck


def due_rows(case: Case) -> list[Document]:
    """Return the papers of a case that are due, the oldest first; those of the binder are made with the dossier."""
    rows = Document.objects.filter(subject_kind="case", subject_id=case.pk, issued_at__isnull=True)
    return list(rows.filter(dropped_at__isnull=True).exclude(kind__in=["", *BY_HAND_ONLY]).order_by("pk"))


def replace(
    document: Document, case: Case, *, reason: str, by: User, at: datetime, typed: dict[str, str] | None = None
) -> Document:
    """Issue the same document anew from what the case says now, and serve it; the old one says what replaced it."""
    with changing(case, "case.revoke_document", by=by, at=at) as locked:
        require_own(locked, document)
        about = next((one for one in abouts(locked, document.kind) if one.pk == document.about_id), None)
        services.revoke(document, reason=reason, by=by, at=at)
        ready = prepare(locked, document.kind, by=by, at=at, about=about, typed=typed)
        fresh = give_out(locked, ready, by=by, at=at)
        services.replace(document, fresh, by=by, at=at)
    return fresh
