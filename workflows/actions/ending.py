"""The end: withdrawn, merged, void, mediated once more, shelved."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import numbers
from cases.changes import holding, journal, touch
from cases.choices import ConsentHow, ConsentMatter, RetentionClass
from cases.entries import CaseEntry
from cases.models import Case, CaseLink, Consent, Party
from cases.move import Move
from workflows.actions.base import InputError, all_agree, drop_text, one_of, require_reason
from workflows.binder import compile_dossier


def withdraw(case: Case, move: Move, *, reason: str = "") -> None:
    if move.by is not None and not case.parties_of(move.by):
        require_reason(reason)
    drop_text(case, move, _("申请人撤回"))


def merge(case: Case, move: Move, *, lead_number: str) -> None:
    lead = Case.objects.filter(number=lead_number.strip(), centre=case.centre).first()
    if lead is None:
        raise InputError(_("找不到这个登记号的主案。"))
    case.lead_case = lead
    if lead.pk == case.pk:
        return
    # Held to the end: two cases cannot be merged into each other, nor a lead be closed meanwhile.
    with holding(lead.pk, "take_in", by=move.by, at=move.at) as held:
        case.lead_case = held
        journal(held, CaseEntry.TAKE_IN, by=move.by, at=move.at, number=case.number)
        touch(held)
    CaseLink.objects.get_or_create(from_case=case, to_case=held, kind=CaseLink.Kind.MERGED, defaults={"at": move.at})


def void(case: Case, move: Move, *, reason: str) -> None:
    require_reason(reason)


def remediate(
    case: Case, move: Move, *, reason: str, agreed: Sequence[Party] = (), how: str = ConsentHow.SIGNED
) -> None:
    require_reason(reason)
    all_agree(case, move, ConsentMatter.REMEDIATION, agreed, how)
    for party in agreed:
        Consent.objects.create(
            party=party,
            matter=ConsentMatter.MEDIATION,
            given=True,
            how=how,
            round=case.round + 1,
            at=move.at,
            recorded_by=move.by,
            note=gettext_noop("重新调解"),
        )


def archive(case: Case, move: Move, *, retention: str) -> None:
    case.retention = one_of(RetentionClass, retention)
    case.dossier_number = numbers.dossier_number(case.centre, move.today.year)
    compile_dossier(case, by=move.person, at=move.at)
