"""Who may read which document of a case."""

from typing import Any

from accounts import policy
from accounts.models import User
from accounts.roles import PARTY_ROLES
from cases.choices import Side
from cases.models import Case, Party
from documents.kind import Audience
from documents.kinds import KINDS
from documents.models import Document


def documents_of(case: Case) -> Any:
    """Return every row of a case, due, issued and dropped, the oldest first."""
    rows = Document.objects.filter(subject_kind="case", subject_id=case.pk)
    return rows.select_related("issued_by", "replaced_by", "replaces")


def readable(case: Case, user: User) -> list[Document]:
    """Return the documents that this person may read: staff all, a party the issued ones that are meant for it."""
    if not policy.allows(user, "case.read_documents", case):
        return []
    if not (case.roles_of(user) & PARTY_ROLES):
        return [row for row in documents_of(case) if _staff_may(row, case, user)]
    mine = case.parties_of(user)
    return [row for row in documents_of(case).filter(issued_at__isnull=False) if _meant_for(row, mine, case)]


def may_read(document: Document, case: Case, user: User) -> bool:
    """Say whether this person may read this document of this case."""
    if (document.subject_kind, document.subject_id) != case.subject:
        return False
    if not policy.allows(user, "case.read_documents", case):
        return False
    if not (case.roles_of(user) & PARTY_ROLES):
        return _staff_may(document, case, user)
    return document.issued_at is not None and _meant_for(document, case.parties_of(user), case)


def _staff_may(document: Document, case: Case, user: User) -> bool:
    """Keep telephone numbers and addresses from staff who need not know them; the archivist binds everything."""
    if document.issued_at is None or document.kind not in KINDS or not KINDS[document.kind].full_data:
        return True
    return any(policy.allows(user, permission, case) for permission in ("case.view_personal", "case.compile_dossier"))


def _meant_for(document: Document, mine: list[Party], case: Case) -> bool:
    sides = {party.side for party in mine if case.open_to(party.side)}
    wanted: dict[str, bool] = {
        Audience.STAFF: False,
        Audience.PARTIES: bool(sides) and (case.respondents_informed_at is not None or sides == {Side.APPLICANT}),
        Audience.APPLICANTS: Side.APPLICANT in sides,
        Audience.RESPONDENTS: Side.RESPONDENT in sides,
        Audience.PARTY: document.party_id in {party.pk for party in mine},
    }
    return wanted[document.audience]
