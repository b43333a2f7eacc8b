"""What filing, refusal, transfer, complaints and enquiries put on paper."""

from django.utils.timezone import localtime

from cases.choices import DELEGATED, OTHER_ROUTES, ConsentMatter, Flag, Outcome, RejectionReason, Track
from cases.clocks import ClockKey
from cases.language import on_file
from cases.models import Answer, Referral
from documents.services import in_words
from documents.sheet import Fields
from workflows.papers.ask import Ask, claims, day, facts_signed, for_the_other_side, names, only_name, person


def mediation_application(ask: Ask) -> Fields:
    return {
        "applicants": [person(party) for party in ask.applicants],
        "respondents": [only_name(party) for party in ask.respondents],
        "facts": ask.case.facts,
        "requests": claims(ask),
        "told": "是" if ask.applicants and all(party.rights_told_at for party in ask.applicants) else "",
    }


def receipt(ask: Ask) -> Fields:
    centre = ask.case.centre
    return {
        "to": names(ask.applicants),
        **ask.until("decide_by", ClockKey.K1),
        "address": centre.address,
        "hours": centre.opening_hours,
    }


def supplement_notice(ask: Ask) -> Fields:
    answer = ask.until("answer_by", ClockKey.K2)
    return {"to": names(ask.applicants), "wanted": list(ask.about.items), **answer}


def supplement_list(ask: Ask) -> Fields:
    since = ask.about.requested_at
    files = ask.case.evidence.filter(withdrawn_at__isnull=True, at__gte=since).order_by("number")
    return {
        "to": names(ask.applicants),
        "wanted": list(ask.about.items),
        "received": day(ask.about.answered_at),
        "files": [{"name": e.name, "pages": str(e.pages), "at": day(e.at)} for e in files],
    }


def lapse_notice(ask: Ask) -> Fields:
    return {"to": names(ask.applicants), "answer_by": ask.due(ClockKey.K2), "routes": on_file(OTHER_ROUTES)}


def rejection_notice(ask: Ask) -> Fields:
    return {
        "to": names(ask.applicants),
        "reason": _reason(ask.about.reason_code),
        "explanation": ask.about.reason_text,
        "routes": ask.about.routes,
    }


def _reason(code: str) -> str:
    return on_file(RejectionReason(code).label) if code in RejectionReason.values else ""


def review_decision(ask: Ask) -> Fields:
    ending = ask.case.endings.filter(outcome=Outcome.REJECTED).order_by("-pk").first()
    reviewed = ask.last("review_rejection")
    somebody_else = reviewed and reviewed.actor and ending and reviewed.actor_id != ending.by_id
    return {
        "to": names(ask.applicants),
        "first_reason": _reason(ending.reason_code) if ending else "",
        "result": "撤销原不予受理决定，重新审查您的申请。" if reviewed else "",
        "apart": str(reviewed.actor) if reviewed and somebody_else else "",
        "reason": ask.why("review_rejection"),
    }


def referral_letter(ask: Ask) -> Fields:
    referral: Referral = ask.about
    return {
        "to": referral.body_name,
        "applicants": [person(party) for party in ask.applicants],
        "respondents": [only_name(party) for party in ask.respondents],
        "facts": ask.case.facts,
        "requests": claims(ask),
        "reason": _without_stop(referral.reason),
        "basis": "依法应当移送或者报告。" if referral.legal_duty else "",
    }


def _without_stop(text: str) -> str:
    return text.strip().rstrip("。；;.")


def referral_notice(ask: Ask) -> Fields:
    ending = ask.case.endings.filter(outcome=Outcome.REFERRED).order_by("-pk").first()
    return {
        "to": names(ask.applicants),
        "body": ask.about.body_name,
        "reason": _without_stop(ask.about.reason),
        "letter_number": ask.about.letter_number,
        "routes": ending.routes if ending else on_file(OTHER_ROUTES),
    }


def delegation_letter(ask: Ask) -> Fields:
    return {
        "applicants": [person(party) for party in ask.applicants],
        "respondents": [only_name(party) for party in ask.respondents],
        "facts": ask.case.facts,
        "requests": claims(ask),
        "agreed": "是" if ask.parties and all(p.consented(ConsentMatter.SHARE) for p in ask.parties) else "",
    }


def delegation_reply(ask: Ask) -> Fields:
    case = ask.case
    facts = case.sessions.exclude(undisputed_facts="").order_by("-number").first()
    return {
        "source_number": case.source_number if case.source in DELEGATED else "",
        "parties_words": "；".join(f"{on_file(p.get_side_display())}{p.name}" for p in ask.parties),
        "result": on_file(case.get_outcome_display()) + "。" if case.outcome else "",
        "concluded": day(case.concluded_at),
        "undisputed": facts.undisputed_facts if facts else "",
        "all_signed": "是" if facts_signed(ask) else "",
    }


def forwarding_slip(ask: Ask) -> Fields:
    case = ask.case
    hidden = case.track == Track.REPORT or case.has_flag(Flag.CONFIDENTIAL)
    return {
        "to": names(ask.respondents),
        "complainant": "" if hidden else names(ask.applicants),
        "facts": for_the_other_side(case.facts),
        "requests": [for_the_other_side(text) for text in claims(ask)],
        "estate": str(case.estate or case.estate_name or ""),
        **ask.until("answer_by", ClockKey.K3),
    }


def enquiry_record(ask: Ask) -> Fields:
    return {
        "to": names(ask.applicants),
        "question": ask.case.facts,
        "answer": ask.about.body,
        "answered": day(ask.about.at),
        "clerk": str(ask.about.by or ask.clerk),
        "channel": on_file(ask.case.get_channel_display()),
    }


def company_answer(ask: Ask) -> Fields:
    return {
        "company": ask.about.party.name if ask.about.party else names(ask.respondents),
        "answer": ask.about.body,
        "answered": day(ask.about.at),
    }


def verification_record(ask: Ask) -> Fields:
    answer: Answer = ask.about
    return company_answer(ask) | {
        "verification": answer.verification,
        "clerk": str(answer.verified_by or ""),
        "solved": on_file(answer.get_solved_display()) if answer.solved else "",
    }


def supervision_order(ask: Ask) -> Fields:
    last = ask.case.answers.filter(kind=Answer.Kind.COMPANY).order_by("-pk").first()
    return {
        "to": names(ask.respondents),
        **ask.until("answer_by", ClockKey.K3),
        "answer": f"{in_words(localtime(last.at).date())}：{last.body}" if last else "",
        "why": ask.why("redo_answer"),
    }


def invitation_letter(ask: Ask) -> Fields:
    return {
        "to": names(ask.respondents),
        "applicant": names(ask.applicants),
        "facts": for_the_other_side(ask.case.facts),
        "requests": [for_the_other_side(text) for text in claims(ask)],
        **ask.until("answer_by", ClockKey.K4),
    }


def withdrawal(ask: Ask) -> Fields:
    return {"applicant": names(ask.applicants), "reason": ask.why("withdraw")}


def merge_notice(ask: Ask) -> Fields:
    return {"to": names(ask.applicants), "lead": ask.case.lead_case.number if ask.case.lead_case else ""}
