"""What is put on paper about the parties, their agents and what they hand in."""

from accounts.masking import mask_id
from accounts.phones import national_phone
from cases.choices import ConsentMatter, PartyKind
from cases.language import on_file
from cases.models import Agent, Party
from documents.models import Document
from documents.sheet import Fields
from workflows.papers.ask import Ask, day, signer


def identity_proof(ask: Ask) -> Fields:
    return {"parties": [signer(party) | _paper(party) for party in ask.parties]}


def _paper(party: Party) -> dict[str, str]:
    papers = {PartyKind.PERSON: "居民身份证", PartyKind.COMPANY: "营业执照", PartyKind.COMMITTEE: "备案证明"}
    number = party.company.credit_code if party.company else mask_id(party.id_number) if party.id_number else "未留存"
    if party.committee:
        number = party.committee.filing_number or "未留存"
    checked = day(party.identity_checked_at)
    return {"paper": papers.get(PartyKind(party.kind), "证明文件"), "id": number, "checked": checked or "尚未核对"}


def representative_certificate(ask: Ask) -> Fields:
    party: Party = ask.about
    body = party.company
    return {
        "name": party.name,
        "representative": party.representative or (body.legal_representative if body else ""),
        "id": body.credit_code if body else "",
        "address": party.address or (body.address if body else ""),
    }


def power_of_attorney(ask: Ask) -> Fields:
    agent: Agent = ask.about
    return {
        "principal": agent.principal.name,
        "agent": agent.name,
        "scope": list(agent.scope),
        "since": day(agent.from_date),
        "agent_phone": national_phone(agent.phone) if agent.phone else "",
    }


def address_confirmation(ask: Ask) -> Fields:
    party: Party = ask.about
    body = party.company or party.committee
    return {
        "name": party.name,
        "phone_number": national_phone(party.phone) if party.phone else str(getattr(body, "phone", "") or ""),
        "address": party.address or str(getattr(body, "address", "") or ""),
        "online": "是" if party.reachable_online else "",
    }


def service_receipt(ask: Ask) -> Fields:
    party: Party = ask.about
    body = party.company or party.committee
    rows = Document.objects.filter(
        subject_kind="case", subject_id=ask.case.pk, issued_at__isnull=False, revoked_at__isnull=True
    ).exclude(audience="STAFF")
    return {
        "name": party.name,
        "address": party.address or str(getattr(body, "address", "") or ""),
        "papers": [
            {"title": row.title, "number": row.number or "—"} for row in rows if row.party_id in {None, party.pk}
        ],
    }


def investigation_record(ask: Ask) -> Fields:
    return {"asker": ask.mediator or ask.clerk}


def evidence_list(ask: Ask) -> Fields:
    rows = ask.case.evidence.filter(withdrawn_at__isnull=True).select_related("party").order_by("number")
    return {
        "files": [
            {
                "number": e.number,
                "name": e.name,
                "provider": on_file(e.party.get_side_display()) if e.party else "本中心",
                "pages": e.pages,
                "purpose": e.purpose,
                "original": "已核对" if e.original_seen else "未核对",
            }
            for e in rows
        ]
    }


def publicity_confirmation(ask: Ask) -> Fields:
    answers = [party.consented(ConsentMatter.PUBLICITY) for party in ask.parties]
    public = False if False in answers else True if answers and all(answers) else None
    return {"parties": [signer(party) for party in ask.parties], "public": public}
