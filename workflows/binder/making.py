"""Make the dossier whole when it is put on the shelf: the papers not issued yet, then cover, list and back."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import User
from cases.models import Case
from documents import services
from documents.errors import DocumentError
from documents.kinds import KINDS, kind_of
from documents.models import Document
from documents.sheet import Fields
from workflows.binder.parts import Part, parts_of, total_pages
from workflows.binder.wanted import fields_for, not_made, outstanding, waived
from workflows.papers.ask import Ask, day
from workflows.papers.dossier import dossier_cover
from workflows.papers.issuing import due_rows
from workflows.papers.making import write
from workflows.papers.step import attempt


class DossierIncompleteError(DomainError):
    """The dossier cannot be put on the shelf yet; the sentence names what is missing."""


def compile_dossier(case: Case, *, by: User, at: datetime) -> int:
    """Issue what the dossier of a locked case still lacks, number its pages, issue its frame; return the pages.

    Raises DossierIncompleteError naming each thing that is missing and what to do.
    """
    missing = outstanding(case, by=by, at=at)
    if missing:
        named = "；".join(f"{one.name}：{one.todo}" for one in missing)
        raise DossierIncompleteError(_("卷宗还不齐，不能归档。%(what)s") % {"what": named})
    for row in due_rows(case):
        _why, ready = attempt(case, row, None, by=by, at=at)
        if ready is not None:  # what needed somebody was refused above
            services.issue_all(case.subject, [ready], centre=case.centre, by=by, at=at)
    ask = Ask(case, at, by)
    for one in not_made(case):
        try:
            write(case, one.kind, by=by, at=at, about=one.about, fields=fields_for(one, ask))
        except DocumentError as error:
            title = kind_of(one.kind).title
            raise DossierIncompleteError(_("卷宗还不齐，不能归档。%(what)s") % {"what": f"{title}：{error}"}) from error
    parts = parts_of(case)
    case.dossier_pages = total_pages(parts)
    for kind, fields in frame(case, parts, by=by, at=at).items():
        write(case, kind, by=by, at=at, fields=fields)
    return case.dossier_pages


def frame(case: Case, parts: list[Part], *, by: User, at: datetime) -> dict[str, Fields]:
    """Return what cover, contents list and back say."""
    pages = total_pages(parts)
    cover = dossier_cover(Ask(case, at, by))
    return {
        "dossier_cover": {"name": cover["name"], "pages": f"共{pages}页"},
        "dossier_contents": {"rows": contents_rows(parts, waived(case))},
        "dossier_back": {"pages": str(pages), "clerk": str(by), "compiled": day(at)},
    }


def contents_rows(parts: list[Part], waived: Sequence[Document]) -> list[dict[str, str]]:
    """List every piece with its pages, and, where it would lie, each paper that was waived: who, when, why."""
    rows = [(part.item, 0, {"name": part.name, "pages": part.span, "remark": part.remark}) for part in parts]
    rows += [(order_of(document) // 100, 1, _waived_row(document)) for document in waived]
    return [row for _item, _last, row in sorted(rows, key=lambda one: one[:2])]


def order_of(document: Document) -> int:
    return KINDS[document.kind].order if document.kind in KINDS else 0


def _waived_row(document: Document) -> dict[str, str]:
    who, when = str(document.dropped_by or ""), day(document.dropped_at)
    remark = f"没有制作：{document.dropped_reason}（{who}，{when}）"
    return {"name": document.title, "pages": "—", "remark": remark, "waived": "是"}
