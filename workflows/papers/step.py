"""The papers of one action: those that need nothing more from a person are issued in its transaction.

First they are worded and checked; what cannot be written is left due with the reason, and no action fails for it.
Last, when everything else of the action is written, they take their numbers: the series stay locked until the commit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from audit.models import Entry
from cases.language import on_file
from cases.models import Case, Party
from documents import services
from documents.errors import DocumentError
from documents.kinds import KINDS
from documents.models import Document
from documents.services import Ready
from mediation.models import Session
from workflows.papers.due import BOUND_WITH, KIND_OF, PAPERS
from workflows.papers.happened import happened
from workflows.papers.making import prepare
from workflows.papers.serving import addressees, open_on

logger = structlog.get_logger(__name__)
LONGEST = 300


@dataclass
class Step:
    """What one action puts on paper: ready to be issued, on whom each is served, and what could not be written."""

    case: Case
    by: User | None
    at: datetime
    ready: list[Ready] = field(default_factory=list)
    served: list[tuple[Ready, Party]] = field(default_factory=list)
    stuck: list[Document] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)  # what its papers read of the case, once for all

    @property
    def parties(self) -> list[Party]:
        """Everybody on whom something is served, once."""
        return list({party.pk: party for _ready, party in self.served}.values())


def called_for(
    case: Case,
    action: str,
    *,
    entry: Entry,
    why: str,
    by: User | None,
    at: datetime,
    called: Session | None = None,
) -> Step:
    """Word the papers that an action calls for; those that cannot be written are kept as due, with the reason.

    `entry` is the one that the action was journalled by, `why` the reason given with it, `called` the session that
    it fixed.
    """
    step = Step(case, by, at, known={f"entry {action}": entry, f"why {action}": why})
    if action not in BOUND_WITH:
        for row, about in _rows(case, action, at, called):
            take_up(step, row, about)
    Document.objects.bulk_create(step.stuck)
    return step


def of_kind(case: Case, kind: str, about: Any, *, action: str, by: User | None, at: datetime) -> Step:
    """Word one paper that something else than an action calls for; call it in the change of a locked case."""
    step = Step(case, by, at)
    take_up(step, _row(case, KINDS[kind].title, kind, about, action, at), about)
    Document.objects.bulk_create(step.stuck)
    return step


def _rows(case: Case, action: str, at: datetime, called: Session | None) -> Iterator[tuple[Document, Any]]:
    for title in PAPERS.get(action, ()):
        kind = KIND_OF[on_file(title)]
        for about in happened(case, kind, at=at, called=called):
            yield _row(case, on_file(title), kind, about, action, at), about


def _row(case: Case, title: str, kind: str, about: Any, action: str, at: datetime) -> Document:
    return Document(
        subject_kind="case",
        subject_id=case.pk,
        kind=kind,
        title=title,
        action=action,
        about_kind=KINDS[kind].about if about is not None else "",
        about_id=about.pk if about is not None else None,
        due_at=at,
        audience=KINDS[kind].audience,
        data={"number": case.number, "case_number": case.case_number, "version": case.version},
    )


def take_up(step: Step, row: Document, about: Any) -> None:
    """Make one due row ready to be issued, or say why it cannot be."""
    obstacle, ready = attempt(step.case, row, about, by=step.by, at=step.at, known=step.known)
    if ready is None:
        row.obstacle = obstacle[:LONGEST]
        step.stuck.append(row)
        return
    step.ready.append(ready)
    step.served += [(ready, party) for party in addressees(step.case, ready, about, by=step.by, at=step.at)]


def attempt(
    case: Case, row: Document, about: Any, *, by: User | None, at: datetime, known: dict[str, Any] | None = None
) -> tuple[str, Ready | None]:
    """Word a due paper without writing anything: ready, or the sentence that says what stands against it."""
    try:
        with override(settings.LANGUAGE_CODE):
            if why := _unsigned(case, row):
                return why, None
            return "", prepare(case, row.kind, by=by, at=at, about=about, due=row, known=known)
    except DocumentError as error:
        return str(error), None
    except DatabaseError:
        raise
    except Exception:  # no action of a case fails for its paper, whatever is wrong with it
        logger.exception("document_not_written", case=case.pk, kind=row.kind)
        return _("系统没能写出这份文书，已经记入日志。请先看内容，补好后再制发；还不行的，请联系管理员。"), None


def _unsigned(case: Case, row: Document) -> str:
    """Say who is still to sign before a paper that keeps signatures is issued; nothing where nobody is."""
    if row.kind != "undisputed_facts":
        return ""
    facts = case.undisputed_facts.filter(voided_at__isnull=True).last()
    given = set(facts.signatures.values_list("party_id", flat=True)) if facts else set()
    if {party.pk for party in case.parties.all() if party.left_at is None} <= given:
        return ""
    return _("无争议事实还没有经各方签名。请登记各方的签名；不愿签名的，登记不愿签名，再制发。")


def issue(step: Step, kinds: dict[int, str], *, following: Entry | None = None) -> list[Document]:
    """Issue what is ready, and open its service on each party; `kinds`: by which notice each hears of it."""
    if not step.ready:
        return []
    centre = step.case.centre
    rows = services.issue_all(step.case.subject, step.ready, centre=centre, by=step.by, at=step.at, following=following)
    open_on(step.case, step.served, kinds, by=step.by, at=step.at)
    return rows
