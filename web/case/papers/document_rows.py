"""How the documents of a case are shown: what is due and what it waits for, what was issued and whom it reached."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Service
from documents.kinds import KINDS
from documents.models import Document
from web.case.case_file import CaseFile
from web.templatetags.look import day, due_day, moment
from workflows import papers
from workflows.papers.by_hand import hand_done
from workflows.turns.rules import paper_day

# The worker makes a file within seconds; after that the page says no longer that it comes by itself.
COMES_BY_ITSELF = timedelta(minutes=10)


def due_row(file: CaseFile, row: Document, url: str) -> dict[str, Any]:
    """One paper that is due: what stands against it now, by when, and the ways to deal with it."""
    obstacle, _ready = papers.attempt(file.case, row, None, by=file.user, at=timezone.now())
    return {
        "title": row.title,
        "since": moment(row.due_at),
        "until": due_day(paper_day(row.due_at)),
        "obstacle": obstacle,
        "issue_url": f"{url}new/{row.kind}/",
        "drop_url": f"{url}{row.pk}/drop/",
        "draft_url": f"{url}draft/{row.kind}.docx" if row.kind in KINDS and KINDS[row.kind].draft else "",
        "due": row.pk,
        "key": uuid4().hex,
    }


def issued_row(row: Document, url: str, file: CaseFile, served: list[str]) -> dict[str, Any]:
    """One paper that was issued, with what may be done with it by this reader."""
    standing = row.stands and file.case.status != "ARCHIVED"
    revocable = file.may("case.revoke_document") and standing
    markable = file.may("case.issue_document") and standing
    by_hand = KINDS[row.kind].hand if markable and row.kind in KINDS and not hand_done(row) else None
    return {
        "row": row,
        "when": moment(row.issued_at),
        "open_url": f"{url}{row.pk}.pdf",
        "draft_url": f"{url}{row.pk}.docx" if not file.as_party and KINDS[row.kind].draft else "",
        "revoke_url": f"{url}{row.pk}/revoke/" if revocable else "",
        "replace_url": f"{url}new/{row.kind}/?replaces={row.pk}"
        if revocable and row.kind not in papers.BY_HAND_ONLY
        else "",
        "mark_url": f"{url}{row.pk}/mark/" if markable else "",
        "verify_url": f"/verify/{row.shown_code}/",
        "being_made": being_made(row),
        "by_hand": str(by_hand.label) if by_hand else "",
        "served": served,
    }


def being_made(row: Document) -> bool:
    """Say whether the file of an issued document is still to come by itself."""
    waits = row.issued_at is not None and not row.sha256 and bool(row.sheet) and row.file_tried_at is None
    return waits and row.issued_at is not None and timezone.now() - row.issued_at < COMES_BY_ITSELF


def served_words(file: CaseFile) -> dict[int, list[str]]:
    """Say of each document whom it reached and whom not yet; one query."""
    found: dict[int, list[str]] = {}
    names = {party.pk: file.name_of(party) for party in file.parties}
    rows = Service.objects.filter(case=file.case, document__isnull=False, party__in=names).order_by("pk")
    for row in rows:
        given = {"who": names[row.party_id], "day": day(row.arrived_on) if row.arrived_on else ""}
        words = _("%(who)s：%(day)s送达") if row.arrived_on else _("%(who)s：还没有送达的证明")
        found.setdefault(row.document_id or 0, []).append(words % given)
    return found


def waived_words(row: Document) -> dict[str, str]:
    """Say which paper is not made, why, who said so and when."""
    return {
        "title": row.title,
        "why": row.dropped_reason,
        "who": str(row.dropped_by or ""),
        "when": moment(row.dropped_at) if row.dropped_at else "",
    }
