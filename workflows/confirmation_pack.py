"""Everything that the parties take to the court for the judicial confirmation, as one file (CPLJI 353-354)."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from cases.changes import changing, journal
from cases.entries import CaseEntry
from cases.evidence import original
from cases.models import Case, Evidence
from documents import services as documents
from documents.files import pdf
from documents.kinds import kind_of
from documents.models import Document
from documents.sheet import Fields
from mediation import services as mediation
from mediation.errors import MediationError
from mediation.models import Agreement
from workflows.papers.agreement import property_proofs
from workflows.papers.ask import Ask
from workflows.papers.making import data_of, write

# What lies in the pack, in the order in which a court asks for it; the agreement follows the application.
PAPERS = ("confirmation_papers", "confirmation_application", "presiding_proof", "identity_proof", "party_contacts")


@dataclass(frozen=True)
class Pack:
    """The file and what it is called."""

    name: str
    body: bytes


def confirmation_pack(case: Case, *, court: str, by: User, at: datetime) -> Pack:
    """Make every paper of the application that is not made yet, and put them into one ZIP; raises DomainError.

    What is unchanged since it was last made is taken as it is, so a second download uses up no number.
    """
    with changing(case, "case.confirmation_pack", by=by, at=at) as locked:
        agreement = mediation.agreement_in_force(locked)
        if agreement is None:
            raise MediationError(_("没有已生效的协议。"))
        if why := mediation.excluded(locked):
            raise MediationError(why)
        text = _text(locked, agreement, by=by, at=at)  # first: the others name it by its number
        made = [_made(locked, kind, agreement, court=court, by=by, at=at) for kind in PAPERS]
        made.insert(2, text)
        proofs = property_proofs(locked)
        journal(
            locked, CaseEntry.CONFIRMATION_PACK, by=by, at=at,
            documents=[one.pk for one in made], evidence=[one.pk for one in proofs],
        )  # fmt: skip
    return Pack(f"{case.number}-confirmation.zip", _zip(made, proofs))


def _text(case: Case, agreement: Agreement, *, by: User, at: datetime) -> Document:
    """The agreement as it was issued; one that was not yet printed is issued now."""
    kind = "agreement" if agreement.form == Agreement.Form.WRITTEN else "oral_agreement_form"
    return _standing(case, kind, agreement) or write(case, kind, by=by, at=at, about=agreement)


def _made(case: Case, kind: str, agreement: Agreement, *, court: str, by: User, at: datetime) -> Document:
    about = agreement if kind_of(kind).about else None
    typed = {"court": court} if kind == "confirmation_application" else {}
    found = _standing(case, kind, about)
    if found is not None and _same(found, data_of(kind, Ask(case, at, by, about, typed))):
        return found
    fresh = write(case, kind, by=by, at=at, about=about, typed=typed)
    if found is not None and not _lay_before_a_court(found, agreement):
        documents.revoke(found, reason=_("内容有变化，重新制作"), by=by, at=at, replaced_by=fresh)
    return fresh


def _lay_before_a_court(document: Document, agreement: Agreement) -> bool:
    """Say whether a paper went out with an application that came to nothing: it stays as it was."""
    opened = agreement.confirmations.values_list("opened_at", flat=True).last()
    return opened is not None and document.issued_at is not None and document.issued_at < opened


def _same(document: Document, fields: Fields) -> bool:
    return all(document.data.get(name) == value for name, value in fields.items())


def _standing(case: Case, kind: str, about: Agreement | None) -> Document | None:
    rows = Document.objects.filter(
        subject_kind="case", subject_id=case.pk, kind=kind, issued_at__isnull=False, revoked_at__isnull=True
    )
    return (rows.filter(about_id=about.pk) if about else rows).order_by("-pk").first()


def _zip(made: list[Document], proofs: list[Evidence]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in _files(made, proofs):
            archive.writestr(name, body)
    return out.getvalue()


def _files(made: list[Document], proofs: list[Evidence]) -> Iterator[tuple[str, bytes]]:
    for n, document in enumerate(made, 1):
        yield f"{n:02d}-{document.title}.pdf", pdf(document)
    for evidence in proofs:
        yield f"财产权利证明/{evidence.number:02d}-{evidence.name}", original(evidence)
