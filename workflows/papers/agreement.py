"""What an agreement, its confirmation and its keeping put on paper."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import override

from cases.clocks import ClockKey
from cases.language import on_file
from cases.models import Case, Evidence
from documents.models import Document
from documents.money import written
from documents.services import in_words
from documents.sheet import Fields
from mediation.agreement_text import promise_words
from mediation.models import Agreement, Obligation, Performance, Signature
from workflows.papers.ask import Ask, clock, day, identity, person, signer

DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 400">'
    '<image width="1000" height="400" href="data:image/png;base64,%s"/></svg>'
)
TIMES = "零一二三四五六七八九"
PROPERTY = re.compile(r"不动产|房产|产权|房屋所有|购房|租赁合同|车位|登记证书")


def promise_line(promise: Any, ask: Ask) -> str:
    """Say one promise as the signed text says it, by side and name."""
    who = {party.pk: f"{on_file(party.get_side_display())}{party.name}" for party in ask.case.parties.all()}
    with override("zh-hans"):
        return promise_words(promise, who)


def _terms(ask: Ask, agreement: Agreement) -> list[str]:
    return [
        promise_line(obligation, ask)
        for obligation in agreement.obligations.select_related("doer", "receiver").order_by("number")
    ]


def shown_fields(agreement: Agreement, *, words: Mapping[int, str], names: Mapping[int, str], at: datetime) -> Fields:
    """Return the fields of the text for a reader: who each party is in `words`, and by what name in the items.

    All but who the parties are stands there as it is printed.
    """
    ask = Ask(agreement.case, at, None, agreement)
    sides = {party.pk: on_file(party.get_side_display()) for party in ask.parties}
    said = {key: f"{side}{names[key]}" for key, side in sides.items()}
    with override("zh-hans"):
        terms = [promise_words(promise, said) for promise in agreement.obligations.all()]
    return _text(ask) | {
        "parties": [{"side": side, "words": words[key]} for key, side in sides.items()],
        "terms": terms,
    }


def _text(ask: Ask) -> Fields:
    agreement: Agreement = ask.about
    return {
        "parties": [identity(party) for party in ask.parties],
        "facts_and_issues": agreement.facts_and_issues,
        "content": agreement.content,
        "terms": _terms(ask, agreement),
        "copies": agreement.copies,
        "confirmation": "是" if agreement.wants_confirmation else "",
        "closing": [line for line in agreement.closing.splitlines() if line.strip()],
        "owners_decision": agreement.owners_decision_number,
        "effective": in_words(agreement.effective_on) if agreement.effective_on else "",
    }


def agreement(ask: Ask) -> Fields:
    prefetch_related_objects([ask.about], Prefetch("signatures", Signature.objects.select_related("party")))
    given = ask.about.standing_signatures()
    text, drawn = _text(ask), _pictures(given)
    parties = [
        words | {"picture": drawn.get(party.pk, "")} for words, party in zip(text["parties"], ask.parties, strict=True)
    ]
    return text | {"parties": parties, "signatures": _signatures(ask, ask.about, given)}


def agreement_draft(ask: Ask) -> Fields:
    return _text(ask)


def oral_agreement_form(ask: Ask) -> Fields:
    return _text(ask)


def _signatures(ask: Ask, agreement: Agreement, given: list[Signature]) -> list[dict[str, str]]:
    """Return who put what under the text, when, and the mark of the text that was under it."""
    rows = [_signature(signature) for signature in given]
    mark = agreement.text_hash[:12] or "—"
    if agreement.mediator_signed_at:
        rows.append(
            {"who": f"调解员{ask.mediator}", "how": "签名", "at": clock(agreement.mediator_signed_at), "mark": mark}
        )
    if agreement.sealed_at:
        rows.append({"who": "本中心", "how": "加盖印章", "at": clock(agreement.sealed_at), "mark": mark})
    return rows


def _pictures(given: list[Signature]) -> dict[int, str]:
    """Return the signatures drawn by hand, by party, as SVG around the picture that was kept."""
    rows = [row for row in given if row.image]
    return {row.party_id: DRAWN % base64.b64encode(bytes(row.image)).decode() for row in rows}


def _signature(row: Signature) -> dict[str, str]:
    by_other = row.signer_name if row.capacity != Signature.Capacity.SELF and row.signer_name else ""
    capacity = f"（{on_file(row.get_capacity_display())}{by_other}）" if by_other else ""
    return {
        "who": f"{on_file(row.party.get_side_display())}{row.party.name}{capacity}",
        "how": "网上签署" if row.how == Signature.How.ONLINE else "纸质签署",
        "at": clock(row.at),
        "mark": row.text_hash[:12],
    }


def title_of(agreement: Agreement) -> str:
    """Return how other documents refer to an agreement: by its number where it was issued, else by its day."""
    issued = Document.objects.filter(
        about_kind="agreement", about_id=agreement.pk, kind__in=["agreement", "oral_agreement_form"],
        issued_at__isnull=False, revoked_at__isnull=True,
    ).last()  # fmt: skip
    name = "口头调解协议" if agreement.form == Agreement.Form.ORAL else "调解协议"
    number = issued.number if issued and issued.number else ""
    return f"{name}（{number}）" if number else f"{day(agreement.effective_on or agreement.drafted_at)}的{name}"


def performance_proof(ask: Ask) -> Fields:
    row: Obligation = ask.about
    proof = row.proof_note or (f"证据材料第{row.proof.number}号：{row.proof.name}" if row.proof else "")
    return {
        "agreement": title_of(row.agreement),
        "doer": row.doer.name,
        "receiver": row.receiver.name if row.receiver else "",
        "what": row.what,
        "amount": written(row.amount) if row.amount else "",
        "performed": day(row.performed_on),
        "proof": proof,
        "confirmed": f"{day(row.confirmed_at)}确认" if row.confirmed_at else "",
        "agreed": "，".join(filter(None, [row.manner, row.place, f"{in_words(row.due)}前"])),
        "parts": [_part(one) for one in row.performances.select_related("proof")],
    }


def _part(row: Performance) -> str:
    """Say one thing that was done on a promise, and what the other side says to it."""
    words = [
        day(row.on),
        written(row.amount) if row.amount else "",
        row.note,
        f"证据材料第{row.proof.number}号：{row.proof.name}" if row.proof else "",
        on_file(row.get_answer_display()) + (f"：{row.dispute_reason}" if row.dispute_reason else ""),
    ]
    return "，".join(word for word in words if word)


def _owed(row: Obligation) -> str:
    """The amount that was promised and, where a part is paid, what is left of it."""
    rest = row.rest()
    if not row.amount or rest is None:
        return ""
    return written(row.amount) if rest == row.amount else f"{written(row.amount)}，尚欠{written(rest)}"


def urging_letter(ask: Ask) -> Fields:
    row: Obligation = ask.about
    count = row.urgings.count()
    return {
        "to": row.doer.name,
        "agreement": title_of(row.agreement),
        "what": row.what.rstrip("。；;"),
        "due": in_words(row.due),
        "amount": _owed(row),
        "nth": f"第{TIMES[count]}次" if 1 < count < len(TIMES) else "",
    }


def confirmation_application(ask: Ask) -> Fields:
    agreement: Agreement = ask.about
    return {
        "parties": [identity(party, full=True) | ({} if party.is_person else {"body": "1"}) for party in ask.parties],
        "agreement": title_of(agreement),
        "effective": day(agreement.effective_on),
        "last_day": ask.due(ClockKey.K9),
        "terms": _terms(ask, agreement),
        "facts_and_issues": agreement.facts_and_issues,
    }


def party_contacts(ask: Ask) -> Fields:
    agreement: Agreement = ask.about
    return {"parties": [person(party) for party in ask.parties], "agreement": title_of(agreement)}


def confirmation_papers(ask: Ask) -> Fields:
    agreement: Agreement = ask.about
    found = [f"证据材料第{row.number}号：{row.name}" for row in property_proofs(ask.case)]
    return {"agreement": title_of(agreement), "last_day": ask.due(ClockKey.K9), "property": found}


def property_proofs(case: Case) -> list[Evidence]:
    """Return what was handed in that proves a right of property: the court wants it with the application."""
    rows = case.evidence.filter(withdrawn_at__isnull=True).order_by("number")
    return [row for row in rows if PROPERTY.search(f"{row.name} {row.purpose}")]


def presiding_proof(ask: Ask) -> Fields:
    agreement: Agreement = ask.about
    held = ask.case.sessions.exclude(record="").count()
    return {
        "parties": [signer(party) for party in ask.parties],
        "agreement": title_of(agreement),
        "effective": day(agreement.effective_on),
        "sessions": str(held) if held else "",
    }
