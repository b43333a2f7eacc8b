"""Complaints and enquiries: what the company answers, what the centre answers."""

from django.utils.translation import gettext as _

from accounts.words import within
from cases.choices import ConsentMatter, Side
from cases.models import Answer, Case
from cases.move import Move
from cases.services import add_consent
from workflows.actions.base import InputError, handle, require_reason, side_of


def forward_to_company(case: Case, move: Move, *, consent_how: str = "") -> None:
    if consent_how:
        for party in side_of(case, Side.APPLICANT):
            add_consent(case, party, matter=ConsentMatter.FORWARD, given=True, how=consent_how, by=move.by, at=move.at)
    handle(case, move)


def answer_enquiry(case: Case, move: Move, *, answer: str) -> None:
    if not answer.strip():
        raise InputError(_("请填写答复内容。"))
    Answer.objects.create(case=case, kind=Answer.Kind.CENTRE, body=within(answer, 5000), by=move.by, at=move.at)
    handle(case, move)


def confirm_answer(case: Case, move: Move, *, verification: str = "") -> None:
    answer = case.answers.filter(kind=Answer.Kind.COMPANY).order_by("-pk").first()
    if answer is not None and verification.strip():
        answer.verified_by, answer.verification = move.by, within(verification, 300)
        answer.save(update_fields=["verified_by", "verification"])


def redo_answer(case: Case, move: Move, *, reason: str) -> None:
    require_reason(reason)
