"""The whole text of an agreement: what is signed, hashed, compared and printed."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Centre
from cases.models import Case, Party
from documents.money import DIGITS, in_capitals

THIRTY_DAYS = "30日内"


@dataclass(frozen=True)
class Promise:
    """One item of an agreement as typed: who, for whom, what, how much, how, where, by when, how it is proved."""

    doer: Party
    what: str
    manner: str
    due: date
    receiver: Party | None = None
    amount: Decimal | None = None
    place: str = ""
    proof_wanted: str = ""


def parties_of(case: Case) -> list[Party]:
    """Return the parties whom an agreement binds."""
    return [party for party in case.parties.all() if party.left_at is None]


def copies_for(case: Case) -> int:
    """One for each party and one for the centre (PML 29)."""
    return len(parties_of(case)) + 1


def closing_of(case: Case, *, oral: bool = False) -> str:
    """Return the sentences that end every agreement: effect, copies, confirmation within thirty days, the courts.

    Stored with the text, so that a later wording changes nothing that was signed. Chinese: it is an official document.
    """
    confirmed = (
        f"各方可以自本协议生效之日起{THIRTY_DAYS}共同向有管辖权的人民法院申请司法确认；经确认有效后一方不履行的，"
        "另一方可以申请强制执行。超过30日不能再申请。"
    )
    court = "一方不履行本协议的，其他方可以依法向人民法院起诉。"
    if oral:
        form = "各方认为无需制作调解协议书，采取口头协议方式，自达成之日起生效，对各方具有约束力。"
        return "\n".join([form, confirmed, court])
    body = "人民调解委员会" if case.centre.nature == Centre.Nature.PMC else "调解组织"
    copies = copies_for(case)
    number = DIGITS[copies] if copies < len(DIGITS) else str(copies)
    return "\n".join(
        [
            f"本协议自各方当事人签名、盖章或者按指印，调解员签名并加盖{body}印章之日起生效，以最后完成的一项为准，对各方具有约束力。",
            confirmed,
            court,
            f"本协议一式{number}份，各方当事人各执一份，调解组织留存一份。",
        ]
    )


def promise_words(promise: Any, names: dict[int, str]) -> str:
    """Say one item in a sentence, amounts in figures and capitals."""
    who = names.get(promise.doer.pk, "")
    words = _("%(who)s：%(what)s") % {"who": who, "what": promise.what.rstrip("。；;")}
    if promise.amount is not None:
        figures = {"figures": f"{promise.amount:,.2f}", "capitals": in_capitals(promise.amount)}
        words += _("，人民币%(capitals)s（¥%(figures)s）") % figures
    if promise.receiver is not None:
        words += _("，向%(receiver)s履行") % {"receiver": names.get(promise.receiver.pk, "")}
    words += _("，方式：%(manner)s") % {"manner": promise.manner}
    if promise.place:
        words += _("，地点：%(place)s") % {"place": promise.place}
    words += _("，%(year)d年%(month)d月%(day)d日前完成") % {
        "year": promise.due.year,
        "month": promise.due.month,
        "day": promise.due.day,
    }
    return words + (_("，以%(proof)s为凭。") % {"proof": promise.proof_wanted} if promise.proof_wanted else "。")


def text_hash(agreement: Any) -> str:
    """Return the SHA-256 over everything that the parties sign: who they are, facts, content, items, closing."""
    rows = [
        [o.number, o.doer_id, o.receiver_id, o.what, _plain(o.amount), o.manner, o.place, o.due.isoformat()]
        + ([o.proof_wanted] if o.proof_wanted else [])
        for o in agreement.obligations.order_by("number")
    ]
    whole = {
        "case": agreement.case_id,
        "version": agreement.version,
        "form": agreement.form,
        "parties": [[p.pk, p.side, p.kind, p.name] for p in sorted(parties_of(agreement.case), key=lambda p: p.pk)],
        "facts_and_issues": agreement.facts_and_issues,
        "content": agreement.content,
        "obligations": rows,
        "closing": agreement.closing,
        "copies": agreement.copies,
        "wants_confirmation": agreement.wants_confirmation,
        "owners_decision_number": agreement.owners_decision_number,
    }
    plain = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"
