"""What is put on paper about the parties, their agents and what they hand in."""

from accounts.masking import mask_id
from accounts.phones import national_phone
from cases.choices import ConsentMatter
from cases.language import on_file
from cases.models import Agent, Party
from cases.serving import addresses_of
from documents.models import Document
from documents.sheet import Fields
from workflows.papers.ask import Ask, day, signer


def identity_proof(ask: Ask) -> Fields:
    return {"parties": [signer(party) | _paper(party) for party in ask.parties]}


def _paper(party: Party) -> dict[str, str]:
    """Say what was looked at, by whom and when, and which copy was kept: nothing that was not recorded."""
    number = party.company.credit_code if party.company else mask_id(party.id_number) if party.id_number else "未留存"
    if party.committee:
        number = party.committee.filing_number or "未留存"
    checked = day(party.identity_checked_at)
    copy = party.identity_copy
    return {
        "paper": on_file(party.get_identity_paper_display()) if party.identity_paper else "没有记录",
        "id": number,
        "checked": checked or "尚未核对",
        "checker": str(party.identity_checked_by or ""),
        "copy": f"证据材料第{copy.number}号：{copy.name}" if copy is not None else "没有留存",
    }


def representative_certificate(ask: Ask) -> Fields:
    party: Party = ask.about
    body = party.company
    return {
        "name": party.name,
        "representative": party.head,
        "id": body.credit_code if body else party.id_number,
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
        **_agreed_service(party),
    }


def _agreed_service(party: Party) -> Fields:
    """Say on which ways the party agreed to be served, where it confirmed them; else the form is to be filled in."""
    row = addresses_of([party]).get(party.pk)
    if row is None:
        return {}
    phone = {"phone_number": national_phone(row.phone)} if row.phone else {}
    return phone | {
        "online": "是" if {"SITE", "SMS", "EMAIL"} & set(row.ways) else "",
        "post": "是" if "POST" in row.ways else "",
        "counter": "是" if "COUNTER" in row.ways else "",
        "address": row.address,
        "receiver": row.receiver,
        "confirmed": f"本人已于{day(row.at)}确认上述送达地址和方式（{on_file(row.get_how_display())}）。",
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
                "provider": on_file(e.party.get_side_display()) if e.party else "未写明",
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
