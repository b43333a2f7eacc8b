"""Make one document of one case: what is known, what was typed, issued and journalled in one transaction."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from calendars.today import local_date
from cases.changes import changing, journal
from cases.entries import CaseEntry
from cases.models import Case
from documents import services
from documents.errors import DocumentError
from documents.kind import Audience, Kind
from documents.kinds import kind_of
from documents.models import Document
from documents.sheet import Fields
from workflows.papers import agreement, dossier, ending, filing, mediation, people
from workflows.papers.abouts import ABOUTS, CANDIDATES
from workflows.papers.ask import Ask, basics

Builder = Callable[[Ask], Fields]
LISTS = frozenset({"terms", "requests", "wanted", "missing"})
BLANK = "＿＿＿＿＿＿"
# What only the case itself can say.
NOT_TYPED = frozenset(
    {"parties", "applicants", "respondents", "files", "rows", "papers", "scope", "signatures", "copies"}
)
NOT_TYPED |= {"public", "told", "limitation", "one_year", "closing"}
# What a session record says is what was signed: nothing is added on paper.
NOT_TYPED |= {"present", "rights_told", "statements", "facts_checked", "risk_told", "facts_apart", "recorded"}
NOT_TYPED |= {"conclusion", "why_not", "other_routes"}
# What was recorded, or was not: nobody types that it was.
NOT_TYPED |= {
    "apart",
    "agreed",
    "all_signed",
    "own",
    "stopped",
    "interrupted",
    "undisputed",
    "approved",
    "confirmation",
}
NOT_TYPED |= {"late", "held"}
NOT_TYPED |= {"online", "post", "counter", "confirmed", "consents", "waived"}
# What was heard in a call-back, said by a party or done on a promise is what was recorded, or nothing.
NOT_TYPED |= {"solved", "satisfaction", "performed", "performance", "lawsuit", "hidden_danger", "wrong_mediation"}
NOT_TYPED |= {"measures", "next_on", "note", "comment", "parts", "merged"}


# A kind that is not named here is written by hand.
BUILDERS: dict[str, Builder] = {
    "dossier_cover": dossier.dossier_cover,
    "dossier_contents": dossier.dossier_contents,
    "mediation_application": filing.mediation_application,
    "receipt": filing.receipt,
    "acceptance_form": mediation.acceptance_form,
    "acceptance_notice": mediation.acceptance_notice,
    "supplement_notice": filing.supplement_notice,
    "supplement_list": filing.supplement_list,
    "lapse_notice": filing.lapse_notice,
    "rejection_notice": filing.rejection_notice,
    "review_decision": filing.review_decision,
    "referral_letter": filing.referral_letter,
    "referral_notice": filing.referral_notice,
    "delegation_letter": filing.delegation_letter,
    "delegation_reply": filing.delegation_reply,
    "forwarding_slip": filing.forwarding_slip,
    "enquiry_record": filing.enquiry_record,
    "company_answer": filing.company_answer,
    "verification_record": filing.verification_record,
    "supervision_order": filing.supervision_order,
    "invitation_letter": filing.invitation_letter,
    "withdrawal": filing.withdrawal,
    "merge_notice": filing.merge_notice,
    "rights_notice": mediation.rights_notice,
    "assignment_notice": mediation.assignment_notice,
    "disclosure_statement": mediation.disclosure_statement,
    "recusal_decision": mediation.recusal_decision,
    "reassignment_decision": mediation.reassignment_decision,
    "session_notice": mediation.session_notice,
    "extension_consent": mediation.extension_consent,
    "suspension_notice": mediation.suspension_notice,
    "resumption_notice": mediation.resumption_notice,
    "identity_proof": people.identity_proof,
    "representative_certificate": people.representative_certificate,
    "address_confirmation": people.address_confirmation,
    "service_receipt": people.service_receipt,
    "publicity_confirmation": people.publicity_confirmation,
    "power_of_attorney": people.power_of_attorney,
    "investigation_record": people.investigation_record,
    "evidence_list": people.evidence_list,
    "session_record": mediation.session_record,
    "undisputed_facts": mediation.undisputed_facts,
    "mediation_proposal": mediation.mediation_proposal,
    "termination_notice": mediation.termination_notice,
    "agreement_draft": agreement.agreement_draft,
    "agreement": agreement.agreement,
    "oral_agreement_form": agreement.oral_agreement_form,
    "performance_proof": agreement.performance_proof,
    "urging_letter": agreement.urging_letter,
    "follow_up_record": ending.follow_up_record,
    "survey_record": ending.survey_record,
    "closing_report": ending.closing_report,
    "remediation_approval": ending.remediation_approval,
    "confirmation_application": agreement.confirmation_application,
    "presiding_proof": agreement.presiding_proof,
    "party_contacts": agreement.party_contacts,
    "confirmation_papers": agreement.confirmation_papers,
    "dossier_note": dossier.dossier_note,
    "dossier_back": dossier.dossier_back,
}


def abouts(case: Case, kind: str) -> list[Any]:
    """Return what a document of this kind may be about in this case, the likeliest first; empty: about the case."""
    name = kind_of(kind).about
    return list(CANDIDATES.get(kind, ABOUTS[name])(case)) if name else []


def data_of(kind: str, ask: Ask) -> Fields:
    """Return the fields of a document as the case knows them, with what was typed where the case knows nothing."""
    declared = kind_of(kind)
    known = basics(ask) | BUILDERS[kind](ask)
    fields = {name: value for name, value in known.items() if name in _wanted(declared)}
    for name, text in ask.typed.items():
        if text.strip() and name in open_names(declared, fields):
            fields[name] = [line for line in text.splitlines() if line.strip()] if name in LISTS else text.strip()
    return fields


def _wanted(kind: Kind) -> set[str]:
    return {"case_ref", "receipt_number", "clerk", "phone", "seal_label", *kind.needs, *kind.may}


def open_names(kind: Kind, fields: Fields) -> list[str]:
    """Return the fields that the case does not fill and a person may type."""
    return [name for name in (*kind.needs, *kind.may) if name not in NOT_TYPED and not fields.get(name)]


def open_fields(kind: str, ask: Ask) -> list[tuple[str, str, bool, bool]]:
    """Return the fields left to type: name, label, whether needed, whether one line each."""
    declared = kind_of(kind)
    fields = data_of(kind, ask)
    return [
        (name, declared.label_of(name), name in declared.needs, name in LISTS) for name in open_names(declared, fields)
    ]


def prepare(
    case: Case,
    kind: str,
    *,
    by: User | None,
    at: datetime,
    about: Any = None,
    typed: dict[str, str] | None = None,
    due: Document | None = None,
    fields: Fields | None = None,
    known: dict[str, Any] | None = None,
) -> services.Ready:
    """Word a document of a case and check it; nothing is written. Raises DocumentError.

    `fields` overrule what the case knows; `known` is what the papers of one step read once for all.
    """
    declared = kind_of(kind)
    about = about or _likeliest(case, declared, due)
    ask = Ask(case, at, by, about, typed or {}, known if known is not None else {})
    _refuse_past_days(ask)
    number = _own_number(kind, about)
    if number:
        _refuse_again(kind, number, due)
    return services.prepare(
        case.subject,
        kind,
        data_of(kind, ask) | (fields or {}),
        centre=case.centre,
        at=at,
        number=number,
        about=(declared.about, about.pk) if about is not None else None,
        party_id=_party_of(declared, about),
        due=due,
    )


def _likeliest(case: Case, declared: Kind, due: Document | None) -> Any:
    """Return what a due row was written about, else the likeliest row of the case; raises DocumentError."""
    if not declared.about:
        return None
    rows = abouts(case, declared.code)
    found = next((one for one in rows if due is not None and one.pk == due.about_id), next(iter(rows), None))
    if found is None:
        raise DocumentError(_("本案还没有可以写进《%(title)s》的内容。") % {"title": declared.title})
    return found


def _refuse_past_days(ask: Ask) -> None:
    """Ask nobody for an answer before a day that is past; raises DocumentError."""
    found = DAY.search(ask.typed.get("answer_by", ""))
    if found is None:
        return
    with suppress(ValueError):
        if date(*map(int, found.groups())) < ask.today:
            raise DocumentError(_("答复期限“%(day)s”已经过了，请写今天以后的日期。") % {"day": found.group()})


DAY = re.compile(r"(20\d\d)[年.\-/](\d{1,2})[月.\-/](\d{1,2})")


def _own_number(kind: str, about: Any) -> str:
    """Return the number that a paper has from what it is about: the letter of a referral."""
    return str(about.letter_number) if kind == "referral_letter" else ""


def _refuse_again(kind: str, number: str, due: Document | None) -> None:
    """Refuse a second paper under a number that stands once; raises DocumentError saying what to do."""
    rows = Document.objects.filter(kind=kind, number=number, revoked_at__isnull=True, issued_at__isnull=False)
    standing = rows.exclude(pk=(due.pk if due else None) or 0).first()
    if standing is not None and standing.issued_at is not None:
        raise DocumentError(
            _(
                "%(title)s（%(number)s）已经在%(day)s制发，不能用同一个函号再制发一份。内容要改的，请点它旁边的“重新制发”。"
            )
            % {"title": standing.title, "number": number, "day": local_date(standing.issued_at).isoformat()}
        )


def write(
    case: Case,
    kind: str,
    *,
    by: User | None,
    at: datetime,
    about: Any = None,
    typed: dict[str, str] | None = None,
    due: Document | None = None,
    fields: Fields | None = None,
) -> Document:
    """Issue a document inside the caller's change of a locked case; `fields` overrule what the case knows."""
    row = due or waiting(case, kind, about)
    ready = prepare(case, kind, by=by, at=at, about=about, typed=typed, due=row, fields=fields)
    return services.issue_all(case.subject, [ready], centre=case.centre, by=by, at=at)[0]


def waiting(case: Case, kind: str, about: Any) -> Document | None:
    """Return the due row that a document of this kind answers: one about the same thing, or about nothing yet."""
    rows = Document.objects.select_for_update().filter(
        subject_kind="case", subject_id=case.pk, kind=kind, issued_at__isnull=True, dropped_at__isnull=True
    )
    if about is not None:
        rows = rows.filter(Q(about_id=about.pk) | Q(about_id__isnull=True)).order_by(F("about_id").asc(nulls_last=True))
    return rows.first()


def _party_of(kind: Kind, about: Any) -> int | None:
    """Return the party whom a document is for, where it is for one alone."""
    if kind.audience != Audience.PARTY or about is None:
        return None
    owner = {"party": about, "agent": getattr(about, "principal", None), "obligation": getattr(about, "doer", None)}
    found = owner[kind.about]
    return int(found.pk) if found is not None else None


def revoke(document: Document, case: Case, *, reason: str, by: User, at: datetime) -> None:
    """Take a document back; raises DocumentError, NotAllowedError."""
    with changing(case, "case.revoke_document", by=by, at=at) as locked:
        require_own(locked, document)
        services.revoke(document, reason=reason, by=by, at=at)


def drop(document: Document, case: Case, *, reason: str, by: User, at: datetime) -> None:
    """Record that a due document need not be made: who, when and why stay in the contents list of the dossier."""
    with changing(case, "case.issue_document", by=by, at=at) as locked:
        require_own(locked, document)
        services.drop(document, reason=reason, by=by, at=at)
        journal(locked, CaseEntry.DROP_DOCUMENT, by=by, at=at, document=document.pk, kind=document.kind)


def waive(case: Case, kind: str, *, about: int | None, reason: str, by: User, at: datetime) -> Document:
    """Record why a paper that the dossier must hold, and that nothing made due, is not made. Raises DocumentError."""
    declared = kind_of(kind)
    with changing(case, "case.issue_document", by=by, at=at) as locked:
        row = waiting(locked, kind, None) or Document.objects.create(
            subject_kind="case",
            subject_id=locked.pk,
            kind=kind,
            title=declared.title,
            about_kind=declared.about if about else "",
            about_id=about,
            due_at=at,
            audience=declared.audience,
        )
        services.drop(row, reason=reason, by=by, at=at)
        journal(locked, CaseEntry.DROP_DOCUMENT, by=by, at=at, document=row.pk, kind=kind)
    return row


def mark(document: Document, case: Case, *, signed: bool = False, sealed: bool = False, by: User, at: datetime) -> None:
    """Record that the paper bears everybody's signature, or the seal."""
    with changing(case, "case.issue_document", by=by, at=at) as locked:
        require_own(locked, document)
        services.mark(document, signed=signed, sealed=sealed, by=by, at=at)


def require_own(case: Case, document: Document) -> None:
    """Refuse a document of another case; raises DocumentError."""
    if (document.subject_kind, document.subject_id) != case.subject:
        raise DocumentError(_("这份文书不属于本案。"))


def draft_fields(case: Case, kind: str, *, by: User, at: datetime) -> Fields:
    """Return the fields of a draft: what the case knows, and blanks to fill in where it knows nothing."""
    declared = kind_of(kind)
    common = services.common_fields(case.centre, at) | {"case_ref": "", "clerk": ""}
    about = next(iter(abouts(case, kind)), None)
    if declared.about and about is None:
        raise DocumentError(_("本案还没有可以写进《%(title)s》的内容。") % {"title": declared.title})
    known = common | data_of(kind, Ask(case, at, by, about))
    blanks = {name: [BLANK] if name in LISTS else BLANK for name in declared.needs if not known.get(name)}
    return known | {name: value for name, value in blanks.items() if name not in NOT_TYPED}


def journal_draft(case: Case, kind: str, *, by: User, at: datetime) -> None:
    """Journal that somebody took a draft out of the system; call it in a transaction."""
    record(case.subject, CaseEntry.READ_DOCUMENT, by=by, before={}, after={"kind": kind, "what": "draft"}, at=at)


def journal_look(case: Case, document: Document, *, by: User, at: datetime, what: str) -> None:
    """Journal that somebody of the staff took a document out of the system; call it in a transaction."""
    after = {"document": document.pk, "kind": document.kind, "what": what}
    record(case.subject, CaseEntry.READ_DOCUMENT, by=by, before={}, after=after, at=at)
