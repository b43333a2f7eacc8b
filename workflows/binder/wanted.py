"""Which official documents a dossier must hold, made from what the case knows, and which of them cannot be made yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.choices import Outcome
from cases.dossier import missing_items
from cases.models import Case
from documents import services
from documents.errors import DocumentError
from documents.kinds import KINDS, kind_of
from documents.models import Document
from documents.sheet import Fields
from workflows.papers.ask import Ask
from workflows.papers.by_hand import hand_done
from workflows.papers.issuing import due_rows
from workflows.papers.making import data_of
from workflows.papers.step import attempt

ENDING_PAPERS = {
    Outcome.REJECTED: "rejection_notice",
    Outcome.REFERRED: "referral_notice",
    Outcome.DECLINED: "termination_notice",
    Outcome.FAILED: "termination_notice",
}


@dataclass(frozen=True)
class Wanted:
    """One document that must be in the dossier, and what it is about."""

    kind: str
    about: Any = None

    def matches(self, document: Document) -> bool:
        return document.kind == self.kind and (self.about is None or document.about_id == self.about.pk)


def wanted(case: Case) -> Iterator[Wanted]:
    """Yield what the facts of the case call for, in the official order."""
    mediated = case.mediation_begun_by_id is not None
    yield Wanted("acceptance_form" if case.accepted_at else "mediation_application")
    for ending in case.endings.all():
        if ending.outcome in ENDING_PAPERS:
            yield Wanted(ENDING_PAPERS[Outcome(ending.outcome)], _about(case, ending))
    if mediated:
        yield Wanted("rights_notice")
        for disclosure in case.disclosures.all():
            yield Wanted("disclosure_statement", disclosure)
        yield Wanted("identity_proof")
    if any(row.withdrawn_at is None for row in case.evidence.all()):
        yield Wanted("evidence_list")
    for session in case.sessions.all():
        if session.record and session.cancelled_at is None:
            yield Wanted("session_record", session)
    yield from _agreed(case)
    for call in case.follow_ups.all():
        yield Wanted("follow_up_record", call)
    for survey in case.surveys.all():
        yield Wanted("survey_record", survey)


def _about(case: Case, ending: Any) -> Any:
    """A referral is told by its own row, everything else by the ending."""
    if ending.outcome != Outcome.REFERRED:
        return ending
    return case.referrals.filter(at=ending.at).first() or case.referrals.last()


def _agreed(case: Case) -> Iterator[Wanted]:
    for agreement in case.agreements.filter(effective_on__isnull=False).order_by("version"):
        yield Wanted("oral_agreement_form" if agreement.form == "ORAL" else "agreement", agreement)
        for promise in agreement.obligations.filter(performed_on__isnull=False):
            yield Wanted("performance_proof", promise)


def standing(case: Case) -> list[Document]:
    """Return the issued documents of a case that stand, in the order in which they were issued."""
    rows = Document.objects.filter(subject_kind="case", subject_id=case.pk, issued_at__isnull=False)
    return list(rows.filter(revoked_at__isnull=True).order_by("issued_at", "pk"))


def not_made(case: Case) -> list[Wanted]:
    """Return what is called for and was neither issued yet nor waived."""
    have = [*standing(case), *waived(case)]
    return [one for one in wanted(case) if not any(one.matches(document) for document in have)]


def waived(case: Case) -> list[Document]:
    """Return the papers of a case for which somebody wrote down why they are not made."""
    rows = Document.objects.filter(subject_kind="case", subject_id=case.pk, dropped_at__isnull=False)
    return list(rows.select_related("dropped_by").order_by("pk"))


def fields_for(one: Wanted, ask: Ask) -> Fields:
    """Return what a document says."""
    return data_of(one.kind, Ask(ask.case, ask.at, ask.by, one.about))


@dataclass(frozen=True)
class Outstanding:
    """One thing that keeps a dossier off the shelf; `kind` and `row` name the paper that may be waived."""

    name: str
    todo: str
    kind: str = ""
    about: int | None = None
    row: int | None = None


def outstanding(case: Case, *, by: Any, at: datetime) -> list[Outstanding]:
    """Return what keeps the dossier from being complete: what it is called, and what to do about it."""
    found = [Outstanding(str(item.name), str(item.todo)) for item in missing_items(case)]
    if found:
        return found
    due = due_rows(case)
    for row in due:
        if todo := _still_to_do(case, row, by=by, at=at):
            found.append(Outstanding(row.title, todo, row.kind, row.about_id, row.pk))
    ask = Ask(case, at, by)
    for one in not_made(case):
        if any(one.kind == row.kind for row in due):
            continue
        kind = kind_of(one.kind)
        try:
            services.check_fields(kind, services.common_fields(case.centre, at) | fields_for(one, ask))
        except DocumentError as error:
            found.append(Outstanding(kind.title, str(error), one.kind, one.about.pk if one.about else None))
    return [*found, *(_by_hand(document) for document in standing(case) if not hand_done(document))]


def _still_to_do(case: Case, row: Document, *, by: Any, at: datetime) -> str:
    """Say what a due paper still needs from somebody; nothing where it is issued with the dossier."""
    obstacle, ready = attempt(case, row, None, by=by, at=at)
    if ready is None:
        return _("%(why)s 不需要的，请写明理由。") % {"why": obstacle}
    return _("请先制发并送达；不需要的，请写明理由。") if ready.kind.served else ""


def _by_hand(document: Document) -> Outstanding:
    name = f"{document.title} {document.number}".strip()
    return Outstanding(name, _("请在纸质文书上办好：%(what)s，再登记。") % {"what": KINDS[document.kind].hand.label})  # type: ignore[union-attr]
