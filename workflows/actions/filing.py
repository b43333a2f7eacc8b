"""Filing: handed in, thrown away, sent back for more, handed in again."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.words import within
from audit.selectors import history
from cases.choices import ConsentHow, ConsentMatter, Side
from cases.evidence import erase_evidence
from cases.models import Case, Message, SupplementRequest
from cases.move import Move
from cases.services import add_consent, write_claims
from workflows.actions.base import InputError, handle, side_of


def submit(case: Case, move: Move, *, data_notice: bool = False, how: str = ConsentHow.ONLINE) -> None:
    """Take the consent to the data notice with the filing (PIPL 13, 17); each line of what is asked is one claim."""
    write_claims(case)
    if not data_notice:
        return
    for party in side_of(case, Side.APPLICANT):
        add_consent(case, party, matter=ConsentMatter.DATA_NOTICE, given=True, how=how, by=move.by, at=move.at)
        if case.wants_mediation:
            add_consent(case, party, matter=ConsentMatter.MEDIATION, given=True, how=how, by=move.by, at=move.at)


def discard(case: Case, move: Move) -> None:
    """Erase what a draft held about people: it was never filed, so there is no purpose in keeping it (PIPL 47)."""
    case.title = case.facts = case.requests = case.estate_name = ""
    case.amount = None
    for party in case.parties.all():
        party.name = party.phone = party.phone_index = party.address = party.id_number = party.representative = ""
        party.save()
        party.agents.update(name="", phone="", phone_index="")
    erase_evidence(case, at=move.at)


def return_for_supplement(case: Case, move: Move, *, items: Sequence[str]) -> None:
    wanted = [within(item, 300) for item in items if item.strip()]
    if not wanted:
        raise InputError(_("请列出需要补正的内容。"))
    SupplementRequest.objects.create(case=case, items=wanted, requested_at=move.at, requested_by=move.person)
    handle(case, move)


def resubmit(case: Case, move: Move) -> None:
    asked = case.supplement_requests.filter(answered_at__isnull=True).last()
    if asked is not None and move.by is not None and case.parties_of(move.by):
        _something_added(case, since=asked.requested_at)
    write_claims(case)
    case.supplement_requests.filter(answered_at__isnull=True).update(answered_at=move.at)


def _something_added(case: Case, *, since: datetime) -> None:
    """Ask the applicant for what was asked; a word or a file is something, nothing at all is a slip of the finger."""
    added = (
        case.evidence.filter(at__gte=since, withdrawn_at__isnull=True).exists()
        or case.messages.filter(at__gte=since, from_centre=False, room=Message.Room.CENTRE).exists()
        or history(case.subject).filter(action__in=["edit_filing", "put_party"], at__gte=since).exists()
    )
    if not added:
        raise InputError(_("还没有补上材料。请先上传要补的照片或文件，或者修改申请内容；补不了的，请给我们留言说明。"))
