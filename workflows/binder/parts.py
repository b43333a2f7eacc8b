"""What lies in a dossier piece by piece, in the official order, with the pages that each piece takes."""

from dataclasses import dataclass, replace
from typing import Any

import pikepdf
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from cases.evidence import IMAGE_TYPES, stored_path
from cases.language import on_file
from cases.models import Agent, Case, Evidence
from documents import files
from documents.kinds import KINDS
from documents.models import Document
from mediation.models import JudicialConfirmation, Obligation, Signature
from workflows.binder.wanted import standing

# The list, the cover and the back frame what is numbered; a draft is not evidence of anything.
FRAME = ("dossier_cover", "dossier_contents", "dossier_back")
NOT_BOUND = frozenset({*FRAME, "agreement_draft"})
POWER, EVIDENCE, AGREEMENT, PROOF, CONFIRMATION = 5, 7, 9, 10, 12
UNKNOWN_PAGES = "unreadable"


@dataclass(frozen=True)
class Part:
    """One piece of a dossier: a document that was issued or a file that was handed in; `first` is its first page."""

    item: int
    name: str
    source: Document | Evidence
    pages: int  # 0: kept beside the dossier (video, sound, a file that no page can show)
    first: int = 0
    remark: str = ""

    @property
    def span(self) -> str:
        """The pages as the contents list writes them."""
        if not self.pages:
            return "—"
        last = self.first + self.pages - 1
        return str(self.first) if last == self.first else f"{self.first}-{last}"


def parts_of(case: Case) -> list[Part]:
    """Return every piece in order, with running page numbers; the files of issued documents are set where needed.

    What was said in a room, in messages or in notes is no part of it: only issued documents and evidence are asked.
    """
    found = [_document_part(document) for document in standing(case) if document.kind not in NOT_BOUND]
    found += _file_parts(case)
    rows, page = [], 1
    for part in sorted(found, key=_rank):
        rows.append(replace(part, first=page if part.pages else 0))
        page += part.pages
    return rows


def total_pages(parts: list[Part]) -> int:
    return sum(part.pages for part in parts)


def _rank(part: Part) -> tuple[int, int, int, int]:
    if isinstance(part.source, Document):
        return part.item, 0, KINDS[part.source.kind].order, part.source.pk
    return part.item, 1, part.source.number, part.source.pk


def _document_part(document: Document) -> Part:
    if document.pages is None:
        files.pdf(document)
    name = " ".join(filter(None, [document.title, document.number]))
    return Part(KINDS[document.kind].order // 100, name, document, document.pages or 0)


def _file_parts(case: Case) -> list[Part]:
    places = _places(case)
    rows = case.evidence.filter(withdrawn_at__isnull=True).select_related("party").order_by("number")
    return [_file_part(row, places.get(row.pk, EVIDENCE)) for row in rows]


def _places(case: Case) -> dict[int, int]:
    """Say which files lie with the paper that they belong to; every other file is evidence."""
    of: list[tuple[int, Any]] = [
        (CONFIRMATION, JudicialConfirmation.objects.filter(agreement__case=case).values_list("ruling", flat=True)),
        (PROOF, Obligation.objects.filter(agreement__case=case).values_list("proof", flat=True)),
        (PROOF, Obligation.objects.filter(agreement__case=case).values_list("performances__proof", flat=True)),
        (AGREEMENT, Signature.objects.filter(agreement__case=case).values_list("scan", flat=True)),
        (POWER, Agent.objects.filter(principal__case=case).values_list("power_of_attorney", flat=True)),
    ]
    return {key: item for item, keys in of for key in keys if key is not None}


def _file_part(row: Evidence, item: int) -> Part:
    pages = pages_of(row)
    owner = on_file(row.party.get_side_display()) if row.party else _("本中心")
    name = _("材料%(n)d %(name)s（%(who)s提供）") % {"n": row.number, "name": row.name, "who": owner}
    remark = "" if pages else _("载体另存，%(size)s，SHA-256 %(hash)s") % {"size": size_of(row), "hash": row.sha256}
    return Part(item, name, row, pages, remark=remark)


def size_of(row: Evidence) -> str:
    return f"{row.size / 1024 / 1024:.1f} MB" if row.size >= 1024 * 1024 else f"{max(row.size // 1024, 1)} KB"


def pages_of(row: Evidence) -> int:
    """Return how many pages a file takes: a picture one, a PDF its own, everything else none.

    The same bytes have the same pages for ever, so they are counted once.
    """
    if row.content_type in IMAGE_TYPES:
        return 1
    if row.content_type != "application/pdf":
        return 0
    known: int | None = cache.get(f"pages:{row.sha256}")
    if known is None:
        known = _count(row)
        cache.set(f"pages:{row.sha256}", known, timeout=None)
    return known


def _count(row: Evidence) -> int:
    try:
        opened: Any = default_storage.open(stored_path(row.sha256))
        with opened as stored, pikepdf.open(stored) as pdf:
            return len(pdf.pages)
    except (pikepdf.PdfError, pikepdf.PasswordError, OSError, ValueError):
        return 0  # locked or broken: the bytes are kept beside the dossier as they were handed in
