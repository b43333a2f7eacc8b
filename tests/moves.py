"""How each of the 35 actions is taken lawfully: from which state, by whom, with which input, after what."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from cases import services
from cases.choices import ConsentHow, ConsentMatter, Side, Solved, Status, Track
from cases.models import Case, Party
from mediation import services as mediation
from tests import journeys
from tests.cast import NOW, World
from tests.ground import kept
from tests.journeys import call_back, case_in, consent, keep_promises, let_thirty_days_pass, party, sign_all, text
from workflows import filing, timers
from workflows.actions import perform

S = Status


@dataclass
class Move:
    """One action on the point of being taken."""

    case: Case
    by: User | None
    given: dict[str, Any] = field(default_factory=dict)
    at: datetime = NOW

    def take(self, action: str, **more: Any) -> Case:
        return perform(self.case, action, by=self.by, at=self.at, **(self.given | more))


Recipe = Callable[[World], Move]
RECIPES: dict[tuple[str, Status], Recipe] = {}


def recipe(action: str, *sources: Status) -> Callable[[Callable[[World, Status], Move]], Callable[..., Move]]:
    """Register how an action is taken from these states."""

    def keep(make: Callable[[World, Status], Move]) -> Callable[[World, Status], Move]:
        for source in sources:
            RECIPES[action, source] = lambda world, source=source: make(world, source)  # type: ignore[misc]
        return make

    return keep


def everybody(case: Case) -> list[Party]:
    return [one for one in Case.objects.get(pk=case.pk).parties.all() if one.left_at is None]


def answering(world: World, **fields: Any) -> Case:
    return case_in(S.ANSWERING, world, **({"track": Track.COMPLAINT} | fields))


@kept
def answered(world: World, solved: str = Solved.SOLVED, at: datetime = NOW) -> Case:
    """A complaint whose answer was confirmed; the complainant's word on it as given."""
    case = answering(world)
    services.answer_complaint(case, body="已经修好。", by=world.company_user, at=at)
    services.say_solved(case, solved=solved, by=world.resident, at=at)
    return perform(case, "confirm_answer", by=world.intake, at=at, verification="现场查看")


@kept
def rejected(world: World, at: datetime = NOW) -> Case:
    case = case_in(S.SUBMITTED, world)
    filing.propose(case, "reject", by=world.intake, at=at, reason_code="R01", reason_text="属于行政事项")
    return perform(case, "reject", by=world.director, at=at, reason_code="R01", reason_text="属于行政事项")


@recipe("submit", S.DRAFT)
def submit(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.resident, {"data_notice": True})


@recipe("discard", S.DRAFT)
def discard(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.resident)


@recipe("return_for_supplement", S.SUBMITTED)
def return_for_supplement(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.intake, {"items": ["身份证明"]})


@recipe("resubmit", S.RETURNED)
def resubmit(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.resident)


@recipe("lapse", S.RETURNED)
def lapse(world: World, source: Status) -> Move:
    case = case_in(source, world)
    timers.remind(NOW + timedelta(days=6))
    return Move(case, None, at=NOW + timedelta(days=8))


@recipe("reject", S.SUBMITTED)
def reject(world: World, source: Status) -> Move:
    case = case_in(source, world)
    filing.propose(case, "reject", by=world.intake, at=NOW, reason_code="R01")
    return Move(case, world.director, {"reason_code": "R01", "reason_text": "属于行政事项"})


@recipe("review_rejection", S.CLOSED)
def review_rejection(world: World, source: Status) -> Move:
    return Move(rejected(world), world.director, {"reason": "原决定有误"})


@recipe("refer", S.SUBMITTED, S.ANSWERING, S.MEDIATING)
def refer(world: World, source: Status) -> Move:
    given = {
        "target": "HOUSING",
        "body_name": "蜀山区住建局",
        "reason": "涉及维修资金监管",
        "consent_how": ConsentHow.PHONE,
    }
    return Move(case_in(source, world), world.intake, given)


@recipe("forward_to_company", S.SUBMITTED)
def forward_to_company(world: World, source: Status) -> Move:
    return Move(case_in(source, world, track=Track.COMPLAINT), world.intake, {"consent_how": ConsentHow.PHONE})


@recipe("answer_enquiry", S.SUBMITTED)
def answer_enquiry(world: World, source: Status) -> Move:
    return Move(case_in(source, world, track=Track.CONSULT), world.intake, {"answer": "请查看《民法典》第942条。"})


@recipe("confirm_answer", S.ANSWERING)
def confirm_answer(world: World, source: Status) -> Move:
    case = answering(world)
    services.answer_complaint(case, body="已经修好。", by=world.company_user, at=NOW)
    services.say_solved(case, solved=Solved.SOLVED, by=world.resident, at=NOW)
    return Move(case, world.intake)


@recipe("redo_answer", S.FOLLOWUP)
def redo_answer(world: World, source: Status) -> Move:
    case = answered(world)
    call_back(case, world, NOW, solved=Solved.NOT_SOLVED)
    return Move(case, world.follower, {"reason": "申请人说还在漏水"})


@recipe("invite", S.SUBMITTED, S.ANSWERING)
def invite(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.intake)


@recipe("invite", S.FOLLOWUP)
def invite_after_answer(world: World, source: Status) -> Move:
    return Move(answered(world, Solved.NOT_SOLVED), world.intake)


@recipe("accept", S.INVITING)
def accept(world: World, source: Status) -> Move:
    case = case_in(source, world)
    consent(case, world)
    return Move(case, world.intake)


@recipe("accept_jointly", S.SUBMITTED)
def accept_jointly(world: World, source: Status) -> Move:
    case = case_in(source, world)
    return Move(case, world.intake, {"agreed": everybody(case)})


@recipe("decline", S.INVITING)
def decline(world: World, source: Status) -> Move:
    case = case_in(source, world)
    return Move(case, world.intake, {"reason_text": "公司来电拒绝", "refused_by": party(case, Side.RESPONDENT)})


@recipe("assign", S.ACCEPTED)
def assign(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.director, {"mediator": world.mediator, "on_paper": True})


@recipe("reassign", S.ASSIGNED, S.MEDIATING)
def reassign(world: World, source: Status) -> Move:
    return Move(
        case_in(source, world), world.director, {"mediator": world.second_mediator, "on_paper": True, "reason": "生病"}
    )


@recipe("start_mediation", S.ASSIGNED)
def start_mediation(world: World, source: Status) -> Move:
    given = {
        "rights_told": True,
        "identities_checked": True,
        "starts_at": NOW + timedelta(days=1),
        "place": "调解室一",
    }
    return Move(case_in(source, world), world.mediator, given)


@recipe("extend", S.MEDIATING)
def extend(world: World, source: Status) -> Move:
    case = case_in(source, world)
    return Move(case, world.mediator, {"days": 10, "agreed": everybody(case)})


@recipe("suspend", S.ASSIGNED, S.MEDIATING)
def suspend(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.mediator, {"reason_code": "S02", "reason": "等检测结果"})


@recipe("resume", S.SUSPENDED)
def resume(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.mediator, {"reason": "检测结果已出"})


@recipe("draft_agreement", S.MEDIATING)
def draft_agreement(world: World, source: Status) -> Move:
    case = case_in(source, world)
    journeys.record(case, world, NOW)
    mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world))
    return Move(case, world.mediator)


@recipe("settle_orally", S.MEDIATING)
def settle_orally(world: World, source: Status) -> Move:
    case = case_in(source, world)
    journeys.record(case, world, NOW)
    return Move(case, world.mediator, {**text(case, world), "agreed": everybody(case)})


@recipe("take_effect", S.SIGNING)
def take_effect(world: World, source: Status) -> Move:
    case = case_in(source, world)
    sign_all(case, world, NOW)
    return Move(case, world.mediator)


@recipe("reopen_talks", S.SIGNING, S.PERFORMING)
def reopen_talks(world: World, source: Status) -> Move:
    case = case_in(source, world)
    if source == S.PERFORMING:
        consent(case, world, ConsentMatter.VARIATION)
    return Move(case, world.mediator, {"reason": "各方要求改分期", "cause": "ALL_ASK"})


@recipe("fail", S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING)
def fail(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.mediator, {"reason_code": "E04", "reason_text": "差距过大"})


@recipe("finish_performance", S.PERFORMING)
def finish_performance(world: World, source: Status) -> Move:
    case = case_in(source, world)
    keep_promises(case, world, NOW)
    return Move(case, world.follower)


@recipe("report_breach", S.FOLLOWUP)
def report_breach(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.follower, {"note": "修了又漏"})


@recipe("withdraw", S.SUBMITTED, S.RETURNED, S.ANSWERING, S.INVITING, S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED)
def withdraw(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.resident)


@recipe("merge", S.SUBMITTED, S.ACCEPTED)
def merge(world: World, source: Status) -> Move:
    lead = case_in(S.SUBMITTED, world)
    return Move(case_in(source, world, estate=world.other_estate), world.intake, {"lead_number": lead.number})


@recipe("void", S.SUBMITTED)
def void(world: World, source: Status) -> Move:
    return Move(case_in(source, world), world.director, {"reason": "重复登记"})


@recipe("close", S.FOLLOWUP)
def close(world: World, source: Status) -> Move:
    case = case_in(source, world)
    call_back(case, world, NOW)
    return Move(case, world.follower)


@recipe("remediate", S.CLOSED)
def remediate(world: World, source: Status) -> Move:
    case = case_in(source, world)
    return Move(case, world.director, {"reason": "发现新的事实", "agreed": everybody(case)}, at=NOW + timedelta(days=1))


@recipe("archive", S.CLOSED)
def archive(world: World, source: Status) -> Move:
    return Move(let_thirty_days_pass(case_in(source, world)), world.archivist, {"retention": "YEARS_30"})


def ready(action: str, source: Status, world: World) -> Move:
    """A case in this state on which this action may be taken at once."""
    return RECIPES[action, source](world)


def agree_to(matter: str, case: Case, world: World, at: datetime = NOW) -> None:
    consent(case, world, ConsentMatter(matter), at)
