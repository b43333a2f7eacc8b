"""What must hold before a text is put forward, takes effect, is varied or performed."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.choices import SETTLED, ConsentHow, ConsentMatter, Status
from cases.conditions.base import all_consented, condition, parties_of
from cases.move import Move


@condition(_("还没有调解记录。"), awaits_input=True)
def session_recorded(case: Any, move: Move) -> bool:
    return bool(case.sessions.filter(round=case.round).exclude(record="").exists())


@condition(_("还没有协议文本。"), awaits_input=True)
def agreement_drafted(case: Any, move: Move) -> bool:
    agreement = case.current_agreement
    return agreement is not None and agreement.effective_on is None and bool(agreement.form == "WRITTEN")


@condition(_("协议的每一项都要写清谁、做什么、怎么做、什么时候。"), awaits_input=True)
def obligations_complete(case: Any, move: Move) -> bool:
    agreement = case.current_agreement
    return agreement is not None and agreement.obligations.exists() and not agreement.incomplete_obligations()


@condition(_("金额较大、有标记或者被退回过的协议文本，须先经法律咨询处审核通过。"))
def legally_checked(case: Any, move: Move) -> bool:
    agreement = case.current_agreement
    if agreement is None:
        return False
    needs_check = case.needs_legal_check(agreement.total_amount())
    return not agreement.sent_back and (agreement.legal_checked_at is not None or not needs_check)


@condition(_("还没有口头协议登记表。"), awaits_input=True)
def oral_agreement_recorded(case: Any, move: Move) -> bool:
    agreement = case.current_agreement
    return agreement is not None and bool(agreement.form == "ORAL")


@condition(_("采用口头协议须每一方都认为不需要书面协议。"), awaits_input=True)
def every_party_waives_paper(case: Any, move: Move) -> bool:
    return all_consented(case, ConsentMatter.ORAL_FORM)


@condition(_("还有当事人没有签署。"))
def every_party_signed(case: Any, move: Move) -> bool:
    agreement = case.current_agreement
    return agreement is not None and not agreement.missing_signatures()


@condition(_("调解员还没有签名。"))
def mediator_signed(case: Any, move: Move) -> bool:
    agreement = case.current_agreement
    return agreement is not None and agreement.mediator_signed_at is not None


@condition(_("还没有加盖调解组织印章。"))
def seal_applied(case: Any, move: Move) -> bool:
    agreement = case.current_agreement
    return agreement is not None and agreement.sealed_at is not None


@condition(_("请写明退回再议的原因；已生效的协议须各方都要求变更，或者法院未予确认。"), awaits_input=True)
def text_set_aside(case: Any, move: Move) -> bool:
    now = move.at
    put_away = Q(voided_at=now) & ~Q(void_reason="")
    return bool(case.agreements.filter(put_away | Q(vary_asked_at=now) & ~Q(vary_reason="")).exists())


@condition(
    _("协议已经生效，须每一方在生效后都要求变更：本人在网上表示、书面签字，或者由调解员以外的工作人员记录电话。")
)
def every_party_asks_to_vary(case: Any, move: Move) -> bool:
    """An agreement in force binds (PML 31): the mediator's word that all want another does not suffice."""
    if case.status != Status.PERFORMING or move.why == "COURT_REFUSED":
        return True
    if move.why == "" and court_did_not_confirm(case):
        return True  # a page asks before the cause is named
    parties = parties_of(case)
    return bool(parties) and all(_asks_to_vary(party, case) for party in parties)


def _asks_to_vary(party: Any, case: Any) -> bool:
    rows = party.consents.filter(matter=ConsentMatter.VARIATION, round=case.round, at__gte=case.concluded_at)
    latest = rows.order_by("-pk").first()
    if latest is None or not latest.given:
        return False
    by_phone = latest.how == ConsentHow.PHONE and latest.recorded_by_id != case.mediator_id
    return by_phone or latest.how in {ConsentHow.ONLINE, ConsentHow.SIGNED}


@condition(_("还没有登记法院驳回或者不予受理司法确认的结果。"), awaits_input=True)
def court_result_recorded(case: Any, move: Move) -> bool:
    return case.status != Status.PERFORMING or move.why != "COURT_REFUSED" or court_did_not_confirm(case)


def court_did_not_confirm(case: Any) -> bool:
    """Say whether the court dismissed or refused the confirmation of the agreement that came into force last."""
    return _confirmation_state(case) in {"DISMISSED", "COURT_REFUSED"}


@condition(_("法院正在审查或者已经确认这份协议，不能在这里变更；正在审查的，请先向法院撤回申请。"))
def not_before_the_court(case: Any, move: Move) -> bool:
    return case.status != Status.PERFORMING or (
        _confirmation_state(case) not in {"APPLIED", "COURT_ACCEPTED", "CONFIRMED"}
    )


def _confirmation_state(case: Any) -> str:
    in_force = case.agreements.filter(effective_on__isnull=False).order_by("-version", "-confirmations__number")
    return in_force.values_list("confirmations__state", flat=True).first() or ""


@condition(_("还有约定事项没有履行，也没有督促满两次。"))
def performed_or_urged_twice(case: Any, move: Move) -> bool:
    agreement = case.current_agreement
    return agreement is not None and not agreement.open_obligations(move.today)


@condition(_("没有已生效的协议。"))
def agreement_in_force(case: Any, move: Move) -> bool:
    agreement = case.current_agreement
    return case.outcome in SETTLED and agreement is not None and agreement.effective_on is not None
