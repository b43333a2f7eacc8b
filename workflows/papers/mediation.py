"""What acceptance, mediators, sessions and the time of mediation put on paper."""

from collections.abc import Iterable

from django.utils.translation import override

from audit.selectors import history
from cases.choices import ConsentMatter, RejectionReason, Source, SuspensionReason, TerminationReason
from cases.language import on_file
from cases.limitation import interruption
from cases.models import Case, Consent, Party
from documents.money import written
from documents.services import in_words
from documents.sheet import Fields
from mediation.models import Attendance, Challenge, Disclosure, Mediator, RecordSignature, Session, UndisputedFacts
from mediation.services import accepted_terms, joint_choice
from workflows.papers.agreement import promise_line
from workflows.papers.ask import Ask, clock, day, facts_signed, identity, names, signer


def acceptance_form(ask: Ask) -> Fields:
    case = ask.case
    return {
        "parties": [identity(party) for party in ask.parties],
        "category": str(case.category.name_zh if case.category else ""),
        "source": "OWN" if case.source == Source.OWN else "APPLY",
        "facts": case.facts,
        "estate": str(case.estate or case.estate_name or ""),
        "amount": written(case.amount) if case.amount else "",
    }


def acceptance_notice(ask: Ask) -> Fields:
    return {"to": names(ask.parties), "mediate_by": ask.mediate_by}


def rights_notice(ask: Ask) -> Fields:
    return {"parties": [signer(party) for party in ask.parties]}


def _disclosed(case: Case) -> str:
    row: Disclosure | None = case.disclosures.filter(mediator=case.mediator).order_by("-pk").first()
    return row.statement if row else ""


def assignment_notice(ask: Ask) -> Fields:
    chosen = joint_choice(ask.case)
    together = chosen is not None and chosen.user_id == ask.case.mediator_id
    profile = Mediator.objects.filter(user=ask.case.mediator).first()
    words = [profile.profession, profile.introduction] if profile else []
    return {
        "to": names(ask.parties),
        "how": "经各方共同选定" if together else "经本中心指派",
        "disclosure": _disclosed(ask.case),
        "profile": "，".join(word for word in words if word),
    }


def disclosure_statement(ask: Ask) -> Fields:
    row: Disclosure = ask.about
    return {
        "mediator": str(row.mediator),
        "statement": row.statement,
        "signed": day(row.signed_at),
        "waived": f"各方知情后于{day(row.waived_at)}表示不提异议。" if row.waived_at else "",
    }


def recusal_decision(ask: Ask) -> Fields:
    row: Challenge = ask.about
    return {
        "to": row.party.name if row.party else names(ask.parties),
        "mediator": str(row.mediator),
        # What was said of the mediator stays with whoever said it and whoever decided: both sides read this paper.
        "grounds": on_file(row.get_grounds_display()),
        "asked": day(row.at),
        "decision": on_file(row.get_decision_display()) + "。",
        "reason": row.reason,
        "own": "是" if row.party else "",
        "stopped": "是" if history(ask.case.subject).filter(action="suspend", at__gte=row.at).exists() else "",
        "apart": "是" if row.decided_by_id and row.decided_by_id != row.mediator_id else "",
    }


def reassignment_decision(ask: Ask) -> Fields:
    moved = ask.last("reassign")
    before = moved.before.get("mediator") if moved and isinstance(moved.before, dict) else None
    former = Mediator.objects.filter(user=before).select_related("user").first() if before else None
    return {
        "to": names(ask.parties),
        "former": str(former.user) if former else "",
        "reason": ask.why("reassign") or _named_for(ask),
        "disclosure": _disclosed(ask.case),
    }


def _named_for(ask: Ask) -> str:
    named = ask.case.nominations.filter(mediator=ask.case.mediator).last()
    return named.reason if named else ""


def session_notice(ask: Ask) -> Fields:
    return {
        "to": names(ask.parties),
        "starts": clock(ask.about.starts_at),
        "place": "；".join(filter(None, [ask.about.place, ask.about.link])),
        "nth": f"第{ask.about.number}次",
        "held": "是" if ask.about.starts_at <= ask.at else "",
    }


def extension_consent(ask: Ask) -> Fields:
    rows = Consent.objects.filter(party__case=ask.case, matter=ConsentMatter.EXTENSION, given=True).order_by("pk")
    said = {row.party_id: row for row in rows if row.at <= ask.about.at}
    words = [
        f"{on_file(p.get_side_display())}{p.name}于{day(said[p.pk].at)}同意（{on_file(said[p.pk].get_how_display())}）"
        for p in ask.parties
        if p.pk in said
    ]
    return {
        "parties": [signer(party) for party in ask.parties],
        "from_due": in_words(ask.about.from_due),
        "to_due": in_words(ask.about.to_due),
        "consents": "；".join(words) + "。" if words else "",
    }


def suspension_notice(ask: Ask) -> Fields:
    entry = ask.last("suspend")
    known = entry is not None and entry.reason in SuspensionReason.values
    code = on_file(SuspensionReason(entry.reason).label) if entry and known else ""
    # What was said of a challenged mediator stays with whoever said it: both sides read this paper.
    told = ask.why("suspend") if entry and entry.reason != SuspensionReason.S01 else ""
    return {
        "to": names(ask.parties),
        "reason": "。".join(filter(None, [code, told])),
        "since": day(entry.at) if entry else "",
    }


def resumption_notice(ask: Ask) -> Fields:
    entry = ask.last("resume")
    since = day(entry.at) if entry else ""
    return {"to": names(ask.parties), "since": since, "mediate_by": ask.mediate_by, "reason": ask.why("resume")}


def session_record(ask: Ask) -> Fields:
    """Return the record as it was written and signed: its mediator is whoever wrote it, also after a replacement."""
    row: Session = ask.about
    present, given = list(row.attendance.select_related("party")), list(row.signatures.all())
    invited = [one for one in present if one.party is None]
    return {
        "time": clock(row.starts_at),
        "place": row.place,
        "parties": [signer(party) for party in ask.parties],
        "mediator": str(row.recorded_by or ask.mediator),
        "recorder": row.recorder or str(row.recorded_by or ""),
        "nth": f"第{row.number}次",
        "present": "；".join(_presence(one) for one in present if one.party is not None),
        "attendees": "、".join(_presence(one) for one in invited) if present else row.attendees,
        "rights_told": row.rights_notice or _rights_told(ask),
        "statements": "\n".join(f"{_named(one.party)}：{one.text}" for one in row.statements.select_related("party")),
        "record": row.record,
        "facts_checked": row.facts_checked,
        "risk_told": row.risk_notice,
        "facts_apart": row.undisputed_facts,
        "recorded": "有" if row.recording_id else "",
        "conclusion": on_file(Session.Result(row.outcome).label) if row.outcome else "",
        "result": row.result,
        "why_not": row.why_not,
        "other_routes": row.other_routes,
        "signatures": [_signed(given, party) for party in (*ask.parties, None)],
    }


def _rights_told(ask: Ask) -> str:
    """Say whom rights and duties were told when, where the record of the session says nothing of it."""
    told = [(party, party.rights_told_at) for party in ask.parties if party.rights_told_at]
    words = [
        f"{_named(party)}于{day(at)}被告知权利义务（{on_file(party.get_rights_told_how_display())}）"
        for party, at in told
    ]
    return "；".join(words) + "。" if words else ""


def _named(party: Party) -> str:
    return f"{on_file(party.get_side_display())}{party.name}"


def _presence(one: Attendance) -> str:
    """Say of one person that it came, in which part, or why it did not."""
    who = _named(one.party) if one.party else one.name
    if not one.came:
        return f"{who}没有到场，{f'理由：{one.reason}' if one.reason else '没有正当理由'}"
    agent = one.name if one.party and one.part == Attendance.Part.AGENT else ""
    return f"{who}（{on_file(one.get_part_display())}{agent}）"


def _signed(signatures: Iterable[RecordSignature], party: Party | None) -> str:
    """Return what is known of one signature (None: the mediator's): nothing where it is still to be given."""
    row = next((one for one in signatures if one.party_id == (party.pk if party else None)), None)
    if row is None:
        return ""
    words = {RecordSignature.How.ONLINE: "网上签名", RecordSignature.How.PAPER: "已在纸上签名"}
    return f"{day(row.at)}{words.get(RecordSignature.How(row.how), f'不愿签名：{row.note}')}"


def undisputed_facts(ask: Ask) -> Fields:
    """Return the facts with the signatures under exactly this text: those under an older one no longer count."""
    text = ask.about.undisputed_facts
    facts = UndisputedFacts.objects.filter(session=ask.about, voided_at__isnull=True, text=text).last()
    given = list(facts.signatures.all()) if facts else []
    return {
        "parties": [signer(party) for party in ask.parties],
        "undisputed": text,
        "signatures": [_signed(given, party) for party in ask.parties],
    }


def mediation_proposal(ask: Ask) -> Fields:
    return {
        "parties": [signer(party) for party in ask.parties],
        "terms": [promise_line(term, ask) for term in accepted_terms(ask.case)],
    }


def _interrupted(case: Case) -> str:
    """Say of the limitation period what the pages say, no more: for some bodies a court decides."""
    with override("zh-hans"):
        return str(interruption(case))


def termination_notice(ask: Ask) -> Fields:
    code = ask.about.reason_code
    known = TerminationReason if code in TerminationReason.values else RejectionReason
    return {
        "to": names(ask.parties) if ask.case.respondents_informed_at else names(ask.applicants),
        "reason": on_file(known(code).label) if code in known.values else "",
        "explanation": ask.about.reason_text,
        "routes": ask.about.routes,
        "interrupted": _interrupted(ask.case),
        "undisputed": "是" if facts_signed(ask) else "",
    }
