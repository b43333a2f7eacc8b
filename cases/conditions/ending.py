"""What must hold before a case is merged, closed, taken up again or shelved."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.choices import ConsentMatter, Side, Status
from cases.clocks import ENOUGH_TRIES, REMEDIATION_DAYS, ClockKey
from cases.conditions.base import condition, consents_afresh, parties_of
from cases.move import Move


@condition(_("主案须是同一对方、同类事项的在办案件。"), awaits_input=True)
def lead_case_fits(case: Any, move: Move) -> bool:
    lead = case.lead_case
    if lead is None or lead.pk == case.pk or lead.lead_case_id is not None or lead.centre_id != case.centre_id:
        return False
    if lead.status in {Status.DRAFT, Status.CLOSED, Status.ARCHIVED}:
        return False
    return bool(_respondents(case) & _respondents(lead))


def _respondents(case: Any) -> set[tuple[Any, ...]]:
    """Who is complained about: a company or committee is itself everywhere, a written name only in its own estate."""
    place = case.estate_id or case.estate_name
    return {
        (party.kind, party.company_id or party.committee_id)
        if party.company_id or party.committee_id
        else (party.kind, party.name, place)
        for party in parties_of(case, Side.RESPONDENT)
        if party.company_id or party.committee_id or place
    }


@condition(_("还没有回访结果（或者三次联系不上的记录）。"), awaits_input=True)
def followed_up(case: Any, move: Move) -> bool:
    tries = case.follow_ups.filter(concluded_at=case.concluded_at)
    said = case.surveys.filter(concluded_at=case.concluded_at, party__side=Side.APPLICANT)
    waiting = case.deadlines.filter(clock=ClockKey.K12, state="RUNNING").first()
    if waiting is not None:  # after a reported breach: not the call that found it
        tries, said = (rows.filter(at__date__gte=waiting.start) for rows in (tries, said))
    heard = tries.filter(reached=True).exists() or said.exists()
    return bool(heard or tries.filter(reached=False).count() >= ENOUGH_TRIES)


@condition(_("回访人不能是本案的调解员。"))
def follower_is_not_mediator(case: Any, move: Move) -> bool:
    return case.mediator_id is None or not case.follow_ups.filter(by_id=case.mediator_id).exists()


@condition(_("这件事没有受理过，不能重新调解；请重新申请。"))
def had_been_accepted(case: Any, move: Move) -> bool:
    return case.accepted_at is not None


@condition(_("本案没有调解员，或者原调解员已经回避。"))
def has_mediator(case: Any, move: Move) -> bool:
    return case.mediator_id is not None and case.mediator_id not in case.shut_out


@condition(_("重新调解须在结案后30日内提出。"))
def within_remediation_time(case: Any, move: Move) -> bool:
    if case.closed_at is None:
        return False
    return move.today <= timezone.localtime(case.closed_at).date() + timedelta(days=REMEDIATION_DAYS)


@condition(_("重新调解须每一方再次同意。"), awaits_input=True)
def every_party_agrees_to_remediate(case: Any, move: Move) -> bool:
    parties = parties_of(case)
    return bool(parties) and all(consents_afresh(party, ConsentMatter.REMEDIATION, case.closed_at) for party in parties)


@condition(_("这是重大案件，还没有做满90日的再次回访。"), awaits_input=True)
def called_again(case: Any, move: Move) -> bool:
    return not case.deadlines.filter(clock=ClockKey.K12B, state="RUNNING").exists()


def awaits_confirmation(case: Any, today: date) -> str:
    """Say until when, or why, a file stays open for the judicial confirmation of its agreement; nothing where not."""
    running = [row for row in case.deadlines.all() if row.clock == ClockKey.K9 and row.state == "RUNNING"]
    if running:
        due = max(row.due for row in running)
        if due < today:
            return gettext("共同申请司法确认的三十日刚满，系统还没有登记完，请过几分钟再归档。")
        return gettext("%(day)s以前各方还可以共同申请司法确认，过了这一天才能归档。") % {
            "day": date_format(due, "DATE_FORMAT")
        }
    if _confirmation_state(case) in {"APPLIED", "COURT_ACCEPTED"}:
        return gettext("已经向法院申请司法确认，登记了法院的结果（或者撤回）以后才能归档。")
    return ""


def _what_is_awaited(case: Any, move: Move) -> str:
    return awaits_confirmation(case, move.today)


@condition(_("司法确认的期限没有过，或者申请还没有结果，不能归档。"), says=_what_is_awaited)
def confirmation_over(case: Any, move: Move) -> bool:
    """Keep the file open while the law still lets something happen to its agreement (PML 33)."""
    return not awaits_confirmation(case, move.today)


def _confirmation_state(case: Any) -> str:
    """Where the confirmation of the agreement in force stands; from what a list has read already, where it has."""
    in_force = [row for row in case.agreements.all() if row.effective_on is not None and row.voided_at is None]
    if not in_force:
        return ""
    rows = list(max(in_force, key=lambda row: int(row.version)).confirmations.all())
    return str(max(rows, key=lambda row: int(row.number)).state) if rows else ""


@condition(_("卷宗还缺必备材料：请看“卷宗”页上缺什么、怎样补。"))
def dossier_complete(case: Any, move: Move) -> bool:
    from cases.dossier import missing_items  # the contents list knows documents of the case, which refer to it

    return not missing_items(case)


@condition(_("卷宗还没有编页号。"), awaits_input=True)
def pages_numbered(case: Any, move: Move) -> bool:
    return bool(case.dossier_pages)


@condition(_("还没有确定保管期限。"), awaits_input=True)
def retention_set(case: Any, move: Move) -> bool:
    return bool(case.retention)
