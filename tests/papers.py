"""A case for every kind of document, brought there by lawful steps only."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from cases import services
from cases.agents import appoint_agent
from cases.choices import Side, Status
from cases.evidence import add_evidence
from cases.models import Case
from documents.kinds import KINDS
from documents.models import Document
from mediation import services as mediation
from mediation.models import Challenge, Session
from tests import moves
from tests.cast import NOW, World
from tests.journeys import call_back, case_in, keep_promises, party
from workflows.actions import perform

S = Status
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
Maker = Callable[[World], Case]


@dataclass(frozen=True)
class Recipe:
    """A case on which one kind of document can be issued, and what a person types for it."""

    make: Maker
    typed: dict[str, str] = field(default_factory=dict)


def in_force(world: World) -> Case:
    """A case with everything: evidence, an agent, a recorded session, one still to come, an agreement in force."""
    case = case_in(S.MEDIATING, world)
    upload = SimpleUploadedFile("天花板照片.pdf", PDF)
    own = party(case, Side.APPLICANT)
    proof = add_evidence(case, upload, by=world.resident, at=NOW, purpose="渗水造成的损坏")
    scope = ["EVIDENCE", "SIGN"]
    agent = {"name": "张建军", "phone": "13855107777", "scope": scope, "power_of_attorney": proof}
    appoint_agent(own, by=world.resident, at=NOW, **agent)
    case = journey(case, world, until=S.PERFORMING)
    Session.objects.filter(case=case).update(undisputed_facts="双方对2026年10月以来外墙渗水、主卧天花板发霉没有争议。")
    Session.objects.create(case=case, number=2, starts_at=NOW + timedelta(days=3), place="翠湖花园社区调解室")
    return case


def journey(case: Case, world: World, until: str) -> Case:
    """Take a case in mediation on to a later state."""
    from tests.journeys import MAIN

    names = [status for status, _step in MAIN]
    for status, step in MAIN[names.index(Status(case.status)) + 1 : names.index(Status(until)) + 1]:
        case = step(case, world, NOW)
        assert case.status == status
    return case


def done(action: str, source: str) -> Maker:
    """The case after this action, taken lawfully from this state."""
    return lambda world: moves.ready(action, S(source), world).take(action)


def kept(world: World) -> Case:
    case = in_force(world)
    keep_promises(case, world, NOW)
    return case


def called_back(world: World) -> Case:
    case = case_in(S.FOLLOWUP, world)
    call_back(case, world, NOW, performance="已全部履行", note="无诉讼，无隐患")
    return case


def judged(world: World) -> Case:
    case = case_in(S.FOLLOWUP, world)
    mediation.answer_survey(
        party(case, Side.APPLICANT), solved="PARTLY", satisfaction="BASICALLY", comment="一处修好了，另一处还在渗。",
        by=world.resident, at=NOW,
    )  # fmt: skip
    return case


def supplemented(world: World) -> Case:
    return perform(case_in(S.RETURNED, world), "resubmit", by=world.resident, at=NOW)


def answered(world: World) -> Case:
    case = moves.answering(world)
    said = "已于11月2日派工检查外墙，计划11月20日前完成防水修复。"
    services.answer_complaint(case, body=said, by=world.company_user, at=NOW)
    services.say_solved(case, solved="PARTLY", by=world.resident, at=NOW)
    return perform(case, "confirm_answer", by=world.intake, at=NOW, verification="11月3日现场查看，脚手架已搭设。")


def challenged(world: World) -> Case:
    case = case_in(S.SUSPENDED, world)
    Challenge.objects.create(
        case=case, mediator=world.mediator, party=party(case, Side.APPLICANT), grounds=Challenge.Grounds.INTEREST,
        text="曾在该公司任职", by=world.resident, at=NOW, decision=Challenge.Decision.UPHELD,
        decided_by=world.director, decided_at=NOW, reason="任职关系属实，可能影响公正",
    )  # fmt: skip
    return case


def delegated(world: World) -> Case:
    case = moves.ready("fail", S.MEDIATING, world).case
    Case.objects.filter(pk=case.pk).update(source="COURT_PRE", source_number="（2026）皖0104诉前调1234号")
    case.refresh_from_db()
    return perform(case, "fail", by=world.mediator, at=NOW, reason_code="E04", reason_text="双方对赔偿数额差距过大。")


mediating = Recipe(lambda world: case_in(S.MEDIATING, world))
whole = Recipe(in_force)
TERMS = "被申请人于2026年12月15日前修好外墙防水，质保五年。\n被申请人赔偿人民币壹万捌仟陆佰元整（¥18,600.00）。"

RECIPES: dict[str, Recipe] = {
    "dossier_cover": Recipe(lambda world: case_in(S.CLOSED, world), {"dossier_number": "（2026）皖物调卷第00001号"}),
    "dossier_contents": Recipe(lambda world: case_in(S.CLOSED, world)),
    "mediation_application": Recipe(lambda world: case_in(S.SUBMITTED, world)),
    "receipt": Recipe(lambda world: case_in(S.SUBMITTED, world)),
    "acceptance_form": Recipe(lambda world: case_in(S.ACCEPTED, world)),
    "acceptance_notice": Recipe(lambda world: case_in(S.ACCEPTED, world)),
    "supplement_notice": Recipe(lambda world: case_in(S.RETURNED, world)),
    "supplement_list": Recipe(supplemented),
    "lapse_notice": Recipe(done("lapse", "RETURNED")),
    "rejection_notice": Recipe(moves.rejected),
    "review_decision": Recipe(done("review_rejection", "CLOSED")),
    "referral_letter": Recipe(done("refer", "SUBMITTED")),
    "referral_notice": Recipe(done("refer", "SUBMITTED")),
    "delegation_letter": Recipe(
        lambda world: case_in(S.ACCEPTED, world), {"to": "合肥市蜀山区翠湖社区人民调解委员会", "period": "三十日"}
    ),
    "delegation_reply": Recipe(delegated, {"to": "合肥市蜀山区人民法院"}),
    "forwarding_slip": Recipe(moves.answering),
    "enquiry_record": Recipe(done("answer_enquiry", "SUBMITTED")),
    "company_answer": Recipe(answered),
    "verification_record": Recipe(answered),
    "supervision_order": Recipe(done("redo_answer", "FOLLOWUP")),
    "invitation_letter": Recipe(lambda world: case_in(S.INVITING, world)),
    "withdrawal": Recipe(done("withdraw", "MEDIATING")),
    "merge_notice": Recipe(done("merge", "SUBMITTED")),
    "rights_notice": mediating,
    "assignment_notice": mediating,
    "disclosure_statement": mediating,
    "recusal_decision": Recipe(challenged),
    "reassignment_decision": Recipe(done("reassign", "MEDIATING")),
    "session_notice": mediating,
    "extension_consent": Recipe(done("extend", "MEDIATING")),
    "suspension_notice": Recipe(lambda world: case_in(S.SUSPENDED, world)),
    "resumption_notice": Recipe(done("resume", "SUSPENDED")),
    "identity_proof": mediating,
    "representative_certificate": Recipe(mediating.make, {"representative": "刘吉"}),
    "address_confirmation": mediating,
    "service_receipt": Recipe(lambda world: with_notice(world)),
    "publicity_confirmation": mediating,
    "power_of_attorney": whole,
    "investigation_record": Recipe(mediating.make, {"place": "翠湖花园3幢2单元502", "person": "王建国，男，楼上住户"}),
    "evidence_list": whole,
    "session_record": whole,
    "undisputed_facts": whole,
    "mediation_proposal": Recipe(mediating.make, {"terms": TERMS, "issues": "渗水原因和赔偿数额"}),
    "termination_notice": Recipe(done("fail", "MEDIATING")),
    "agreement_draft": whole,
    "agreement": whole,
    "oral_agreement_form": Recipe(done("settle_orally", "MEDIATING")),
    "performance_proof": Recipe(kept),
    "urging_letter": whole,
    "follow_up_record": Recipe(called_back),
    "survey_record": Recipe(judged),
    "closing_report": Recipe(lambda world: case_in(S.CLOSED, world)),
    "remediation_approval": Recipe(done("remediate", "CLOSED")),
    "confirmation_application": Recipe(in_force, {"court": "合肥市蜀山区人民法院"}),
    "presiding_proof": whole,
    "party_contacts": whole,
    "confirmation_papers": whole,
    "dossier_note": Recipe(lambda world: case_in(S.CLOSED, world), {"explanation": "调解会录像未保存。"}),
    "dossier_back": Recipe(lambda world: case_in(S.CLOSED, world), {"pages": "32"}),
}


def with_notice(world: World) -> Case:
    from workflows import papers

    case = case_in(S.MEDIATING, world)
    papers.make(case, "session_notice", by=world.mediator, at=NOW)
    return case


def due_row(case: Case, kind: str) -> Document:
    """A paper that fell due and could not be written."""
    return Document.objects.create(
        subject_kind="case", subject_id=case.pk, kind=kind, title=KINDS[kind].title, due_at=NOW,
        audience=KINDS[kind].audience, obstacle="还缺一项内容",
    )  # fmt: skip
