"""What lies in a dossier piece by piece, in the official order, with the pages that each piece takes."""

from dataclasses import dataclass, replace
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from cases.copies import AT_UPLOAD, OPENED, UnreadableError, copy_of
from cases.language import on_file
from cases.models import Agent, Case, Evidence
from documents import files
from documents.errors import DocumentError
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
    pages: int  # 0: bound before what no page can show had a page that says so
    first: int = 0
    remark: str = ""
    shown: bool = True  # else a page says that it lies beside the dossier (video, sound, a file that does not open)

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
    found.sort(key=_rank)
    for n, pages in enumerate(_pages_as_issued(case, len(found))):
        found[n] = replace(found[n], pages=pages)
    rows, page = [], 1
    for part in found:
        rows.append(replace(part, first=page if part.pages else 0))
        page += part.pages
    return rows


def _pages_as_issued(case: Case, count: int) -> list[int]:
    """Return how many pages each piece has in a dossier that is on the shelf: its list of contents stays true."""
    issued = next((document for document in standing(case) if document.kind == "dossier_contents"), None)
    rows = [row for row in issued.data.get("rows", []) if not row.get("waived")] if issued else []
    return [_pages_in(row["pages"]) for row in rows] if len(rows) == count else []


def _pages_in(span: str) -> int:
    first, _dash, last = span.partition("-")
    return int(last or first) - int(first) + 1 if first.isdecimal() else 0


def total_pages(parts: list[Part]) -> int:
    return sum(part.pages for part in parts)


def _rank(part: Part) -> tuple[int, int, int, int]:
    if isinstance(part.source, Document):
        return part.item, 0, KINDS[part.source.kind].order, part.source.pk
    return part.item, 1, part.source.number, part.source.pk


def _document_part(document: Document) -> Part:
    item, name = KINDS[document.kind].order // 100, " ".join(filter(None, [document.title, document.number]))
    try:
        if document.pages is None:
            files.pdf(document)
    except DocumentError:  # it does not fit its entry in the journal: a page says that it cannot be shown
        return Part(item, name, document, 1, shown=False)
    return Part(item, name, document, document.pages or 0)


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
    pages, shown = pages_of(row)
    owner = on_file(row.party.get_side_display()) if row.party else _("本中心")
    name = _("材料%(n)d %(name)s（%(who)s提供）") % {"n": row.number, "name": row.name, "who": owner}
    remark = "" if shown else _("载体另存，%(size)s，SHA-256 %(hash)s") % {"size": size_of(row), "hash": row.sha256}
    return Part(item, name, row, pages, remark=remark, shown=shown)


def size_of(row: Evidence) -> str:
    return f"{row.size / 1024 / 1024:.1f} MB" if row.size >= 1024 * 1024 else f"{max(row.size // 1024, 1)} KB"


def pages_of(row: Evidence) -> tuple[int, bool]:
    """Return how many pages a file takes and whether they show it: what no page can show takes one that says so.

    The same bytes have the same pages for ever, so they are counted once. Raises BeingMadeError.
    """
    if row.content_type not in OPENED:
        return 1, False
    known: tuple[int, bool] | None = cache.get(f"bound:{row.sha256}")
    if known is None:
        try:
            known = _count(row)
        except FileNotFoundError:  # not on this machine: nothing to remember
            return 1, False
        cache.set(f"bound:{row.sha256}", known, timeout=None)
    return known


def _count(row: Evidence) -> tuple[int, bool]:
    try:
        count = copy_of(row.sha256, row.content_type, wait=AT_UPLOAD).count
    except UnreadableError:
        return 1, False
    return max(count, 1), count > 0
