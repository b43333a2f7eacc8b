"""Complete what is known of a party after acceptance: an agreement names its parties as their papers do."""

from datetime import datetime

from django.utils.translation import gettext as _
from stdnum.cn import uscc

from accounts.models import User
from accounts.words import within
from cases.changes import changing, journal
from cases.choices import PartyKind, Status
from cases.entries import CaseEntry
from cases.facts import matter
from cases.models import Case, Party
from cases.search import index_case
from mediation.agreement_text import text_hash
from mediation.errors import MediationError
from mediation.models import Agreement

# Before acceptance the parties are put down with the filing itself (cases.services.put_party).
COMPLETED_IN = frozenset(
    {Status.ACCEPTED, Status.ASSIGNED, Status.MEDIATING, Status.SUSPENDED, Status.SIGNING,
     Status.PERFORMING, Status.FOLLOWUP, Status.CLOSED}
)  # fmt: skip
# What stands in the text that the parties sign.
SIGNED = frozenset({"name", "representative", "id_number", "address"})
# What an agreement in force says of its parties stays; where a letter reaches them may change.
AFTER_EFFECT = frozenset({"address"})


def complete_party(
    party: Party, *, name: str, representative: str, address: str, id_number: str, by: User, at: datetime
) -> list[str]:
    """Complete or correct the particulars of a party, and return which changed; raises MediationError.

    Where somebody has signed already, nothing of what they signed is changed under their hand; where nobody has, the
    text before the parties says from now on what is right.
    """
    with changing(party.case, matter.COMPLETE_PARTY, by=by, at=at) as case:
        row = _party(case, party)
        given = {
            "name": within(name, 120) or row.name,
            "representative": within(representative, 60),
            "address": within(address, 200),
            "id_number": _number(row, id_number),
        }
        changed = sorted(field for field, value in given.items() if getattr(row, field) != value)
        if not changed:
            raise MediationError(_("和登记的一样，没有改动。"))
        _require_free(case, row, changed)
        for field in changed:
            setattr(row, field, given[field])
        row.save(update_fields=changed)
        _refresh_text(case)
        if "name" in changed:
            index_case(case)
        journal(case, CaseEntry.COMPLETE_PARTY, by=by, at=at, party=row.pk, fields=changed)
    return changed


def _party(case: Case, party: Party) -> Party:
    found = next((one for one in case.parties.all() if one.pk == party.pk and one.left_at is None), None)
    if found is None:
        raise MediationError(_("这位当事人不在本案中。"))
    return found


def _number(party: Party, typed: str) -> str:
    number = "".join(typed.split()).upper()
    if party.kind == PartyKind.COMPANY and number and not uscc.is_valid(number):
        raise MediationError(_("统一社会信用代码不对：应为18位，请逐位核对。"))
    return within(number, 40)


def _require_free(case: Case, party: Party, changed: list[str]) -> None:
    """Refuse to change what somebody has put a name to, with what to do instead."""
    registered = party.company or party.committee
    if "name" in changed and registered is not None and party.name == registered.name:
        raise MediationError(_("这是名册里的名称；名称有变的，请先在名册里更正。"))
    for text in _standing(case):
        if text.effective_on is not None and set(changed) - AFTER_EFFECT:
            raise MediationError(_("协议已经生效，协议书上的姓名、法定代表人和证件号码不再改；住址可以改。"))
        signed = text.standing_signatures() or text.mediator_signed_at or text.sealed_at
        if text.effective_on is None and signed and set(changed) & SIGNED:
            raise MediationError(
                _(
                    "已经有人在这份协议上签了，改动会让签名作废。确实要改的，请调解员先保存新的一版（签名作废），改好以后各方重新签。"
                )
            )


def _standing(case: Case) -> list[Agreement]:
    rows = case.agreements.filter(voided_at__isnull=True).prefetch_related("signatures")
    return [row for row in rows if row.round == case.round or row.effective_on is not None]


def _refresh_text(case: Case) -> None:
    """Let the mark of a text that nobody has signed follow the parties whom it names."""
    for text in _standing(case):
        if text.effective_on is None:
            text.case = case
            text.text_hash = text_hash(text)
            text.save(update_fields=["text_hash"])
