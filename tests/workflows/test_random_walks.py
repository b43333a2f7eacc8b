"""Random walks of lawful and unlawful steps, with random days between: the invariants hold after every one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from accounts.errors import DomainError
from accounts.models import User
from audit.verification import Verification
from calendars.today import local_date
from cases import services
from cases.choices import ConsentHow, ConsentMatter, Flag, Side, Solved, Source, Status, Track
from cases.models import Case, Category
from mediation import services as mediation
from mediation.models import Signature
from tests.cast import NOW, World
from tests.fingerprint import changed, counts, fingerprint, of_case
from tests.journeys import begun, case_in, draft, party, submitted
from tests.workflows.invariants import broken
from tests.workflows.trade import ROWS, everybody, players
from workflows import filing, mediators
from workflows.actions import perform
from workflows.timers import tick

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

T = TypeVar("T")
MOSTLY = [True] * 5 + [False]


@dataclass
class Walk:
    """One case on its way, the moment it has reached, and the dice."""

    world: World
    dice: Random
    case: Case
    at: datetime
    seen: set[str] = field(default_factory=set)

    def fresh(self) -> Case:
        self.case = Case.objects.get(pk=self.case.pk)
        return self.case

    def likely(self) -> bool:
        return self.draw(MOSTLY)

    def draw(self, choices: Sequence[T]) -> T:
        return self.dice.choice(choices)

    def parties(self) -> list[Any]:
        return [one for one in self.case.parties.all() if one.left_at is None and self.likely()]

    def all_agree(self, matter: str, given: bool = True) -> None:
        for one in self.parties():
            services.record_consent(
                one, matter=matter, given=given, how=ConsentHow.SIGNED, by=self.world.intake, at=self.at
            )

    def promises(self) -> list[mediation.Promise]:
        days = self.draw(range(20))
        return [
            mediation.Promise(
                doer=party(self.case, Side.RESPONDENT),
                receiver=party(self.case, Side.APPLICANT),
                what="修好外墙防水" if self.likely() else " ",
                manner="上门维修",
                due=local_date(self.at) + timedelta(days=days),
                amount=Decimal(self.draw(["1.00", "18600.00", "120000.00"])),
            )
        ]

    def text(self) -> dict[str, Any]:
        return {"facts_and_issues": "渗水", "content": "修好外墙防水", "promises": self.promises()}


# --- what is done before an action, most of the time -------------------------------------------------------


def before_accept(walk: Walk) -> None:
    walk.all_agree(ConsentMatter.MEDIATION)


def before_confirm(walk: Walk) -> None:
    services.answer_complaint(walk.case, body="已经修好。", by=walk.world.company_user, at=walk.at)
    say = walk.draw(Solved.values)
    services.say_solved(walk.case, solved=say, by=walk.world.resident, at=walk.at)


def before_reject(walk: Walk) -> None:
    filing.propose(walk.case, "reject", by=walk.world.intake, at=walk.at, reason_code="R01")


def before_agreement(walk: Walk) -> None:
    before_oral(walk)
    agreement = mediation.draft_text(walk.case, by=walk.world.mediator, at=walk.at, **walk.text())
    if walk.likely():
        mediation.pass_legal_check(agreement, by=walk.world.legal, at=walk.at)


def before_oral(walk: Walk) -> None:
    session = begun(walk.case, walk.at)
    if session is not None:
        mediation.record_session(
            session, attendees="双方", record="双方陈述。", result="", by=walk.case.mediator, at=walk.at
        )  # type: ignore[arg-type]


def before_effect(walk: Walk) -> None:
    agreement = walk.case.current_agreement
    for one in walk.parties():
        mediation.sign(agreement, one, how=Signature.How.PAPER, by=walk.world.intake, at=walk.at)
    mediation.sign_as_mediator(agreement, by=walk.case.mediator, at=walk.at)  # type: ignore[arg-type]
    if walk.likely():
        mediation.apply_seal(agreement, by=walk.world.intake, at=walk.at)


def before_finish(walk: Walk) -> None:
    for promise in walk.case.current_agreement.obligations.all():
        if walk.likely():
            mediation.record_performance(
                promise, on=local_date(walk.at), proof=None, note="回单", by=walk.world.follower, at=walk.at
            )
        else:
            mediation.urge(promise, how=ConsentHow.PHONE, note="", by=walk.world.follower, at=walk.at)


def call_back(walk: Walk) -> None:
    reached = walk.likely()
    heard = {"solved": walk.draw(Solved.values), "satisfaction": "SATISFIED"} if reached else {}
    mediation.follow_up(walk.case, how=ConsentHow.PHONE, reached=reached, by=walk.world.follower, at=walk.at, **heard)


def refuse_twice(walk: Walk) -> None:
    for _each in range(2):
        services.record_contact(
            party(walk.case, Side.RESPONDENT), how=ConsentHow.PHONE, answered=False, note="", by=walk.world.intake,
            at=walk.at,
        )  # fmt: skip


def before_reopening(walk: Walk) -> None:
    if walk.case.status == Status.PERFORMING:
        walk.all_agree(ConsentMatter.VARIATION)


BEFORE: dict[str, Callable[[Walk], None]] = {
    "reopen_talks": before_reopening,
    "accept": before_accept,
    "confirm_answer": before_confirm,
    "reject": before_reject,
    "draft_agreement": before_agreement,
    "settle_orally": before_oral,
    "take_effect": before_effect,
    "finish_performance": before_finish,
    "close": call_back,
    "redo_answer": call_back,
    "decline": refuse_twice,
}


# --- what an action is given -------------------------------------------------------------------------------


def days(walk: Walk) -> int:
    return int(walk.draw([1, 7, 10, 30, 31, 0]))


def agreed(walk: Walk) -> list[Any]:
    return walk.parties()


GIVEN: dict[str, Callable[[Walk], dict[str, Any]]] = {
    "submit": lambda w: {"data_notice": w.likely()},
    "return_for_supplement": lambda w: {"items": ["身份证明"] if w.likely() else [" "]},
    "reject": lambda w: {"reason_code": "R01" if w.likely() else "R99"},
    "review_rejection": lambda w: {"reason": "原决定有误" if w.likely() else ""},
    "refer": lambda w: {
        "target": "HOUSING",
        "body_name": "住建局",
        "reason": "监管事项",
        "consent_how": "PHONE" if w.likely() else "",
        "legal_duty": not w.likely(),
    },
    "forward_to_company": lambda w: {"consent_how": "PHONE" if w.likely() else ""},
    "answer_enquiry": lambda w: {"answer": "见第942条" if w.likely() else ""},
    "confirm_answer": lambda w: {"verification": "现场查看" if w.likely() else ""},
    "redo_answer": lambda w: {"reason": "还在漏"},
    "accept_jointly": lambda w: {"agreed": agreed(w)},
    "decline": lambda w: {
        "reason_text": "来电拒绝",
        "refused_by": party(w.case, Side.RESPONDENT) if w.likely() else None,
    },
    "assign": lambda w: {
        "mediator": w.world.mediator if w.likely() else w.world.second_mediator,
        "on_paper": w.likely(),
    },
    "reassign": lambda w: {
        "mediator": w.draw([w.world.second_mediator, w.world.mediator]),
        "reason": "生病",
        "on_paper": w.likely(),
    },
    "start_mediation": lambda w: {
        "rights_told": w.likely(),
        "identities_checked": w.likely(),
        "starts_at": w.at + timedelta(days=1) if w.likely() else None,
        "place": "调解室",
    },
    "extend": lambda w: {"days": days(w), "agreed": agreed(w)},
    "suspend": lambda w: {
        "reason_code": w.draw(["S01", "S02"]),
        "reason": "回避" if w.likely() else "",
        "grounds": w.draw(["INTEREST", "NONE", ""]),
    },
    "resume": lambda w: {"reason": "原因消除"},
    "settle_orally": lambda w: {**w.text(), "agreed": agreed(w)},
    "reopen_talks": lambda w: {"reason": "要求变更", "cause": "ALL_ASK" if w.likely() else "REFUSED"},
    "fail": lambda w: {
        "reason_code": "E04",
        "served_on": local_date(w.at) + timedelta(days=0 if w.likely() else 1),
    },
    "report_breach": lambda w: {"note": "没有修好"},
    "withdraw": lambda w: {"reason": "已自行解决" if w.likely() else ""},
    "merge": lambda w: {"lead_number": lead(w)},
    "void": lambda w: {"reason": "重复"},
    "remediate": lambda w: {"reason": "新的事实", "agreed": agreed(w)},
    "archive": lambda w: {"retention": "YEARS_10" if w.likely() else "FOREVER"},
}


def lead(walk: Walk) -> str:
    return (walk.case.number or "") if not walk.likely() else str(submitted(walk.world, walk.at).number)


# Endings that would stop most walks early: taken less often.
RARE = {
    *("withdraw", "refer", "discard", "void", "merge", "reject", "fail"),
    *("return_for_supplement", "answer_enquiry", "archive", "close"),
}


# --- one step ------------------------------------------------------------------------------------------------


def lawful(walk: Walk) -> None:
    """Take an action that the state allows, by whose it is, mostly well prepared and with good input."""
    status = Status(walk.case.status)
    names = [action for action, row in ROWS.items() if status in row.sources and players(action, walk.case)]
    if not names:
        return
    often = [action for action in names if action not in RARE]
    action = walk.draw(often * 9 + names)
    if action in BEFORE and walk.likely():
        attempt(lambda: BEFORE[action](walk))
        walk.fresh()
    person = walk.draw(sorted(players(action, walk.case)))
    by = walk.case.mediator if person == "mediator" else everybody(walk.world)[person]
    attempt(lambda: act(walk, action, by), walk.seen)


def unlawful(walk: Walk) -> None:
    """Let anybody try anything."""
    action = walk.draw(sorted(ROWS))
    name = walk.draw(sorted(everybody(walk.world)))
    attempt(lambda: act(walk, action, everybody(walk.world)[name]))


def act(walk: Walk, action: str, by: User | None) -> str:
    given = GIVEN.get(action, lambda w: {})(walk)
    perform(walk.case, action, by=by, at=walk.at, version=walk.case.version, **given)
    return action


def fact(walk: Walk) -> None:
    """Write something that does not move the case."""
    flags = walk.dice.sample(Flag.values, walk.draw(range(3)))
    world, category = walk.world, Category.objects.get(code="0301")
    facts: list[Callable[[], Any]] = [
        lambda: call_back(walk),
        lambda: before_finish(walk),
        lambda: before_agreement(walk),
        lambda: walk.all_agree(ConsentMatter.EXTENSION),
        lambda: walk.all_agree(ConsentMatter.MEDIATION, given=False),
        lambda: services.classify(walk.case, category=category, flags=flags, by=world.intake, at=walk.at),
        lambda: services.write_message(walk.case, body="请问", by=world.resident, at=walk.at),
    ]
    attempt(walk.draw(facts))


def who_mediates(walk: Walk) -> None:
    """Choose, name, accept, decline, waive, decide: each by whose it is or by somebody whose it is not."""
    world, case = walk.world, walk.case
    person = walk.draw([world.mediator, world.second_mediator])
    names = walk.draw([world.director, world.director, world.supervisor, person])
    disclosed = walk.draw([{}, {}, {"has_interest": True, "statement": "曾任该公司顾问"}])
    nominee = case.nominee or person
    steps: list[Callable[[], Any]] = [
        lambda: mediators.choose(
            case,
            walk.draw([person.mediator_profile, None]),
            by=walk.draw([world.resident, world.company_user]),
            at=walk.at,
        ),
        lambda: mediators.nominate(case, person, by=names, at=walk.at, reason="回避成立"),
        lambda: mediators.accept(case, by=nominee, at=walk.at, **disclosed),
        lambda: mediators.decline(case, reason="忙", by=person, at=walk.at),
        lambda: mediators.waive(case, party(case, Side.APPLICANT), given=walk.likely(), by=world.resident, at=walk.at),
        lambda: mediators.waive(
            case, party(case, Side.RESPONDENT), given=walk.likely(), by=world.company_user, at=walk.at
        ),
        lambda: mediators.decide(case, upheld=walk.draw([True, False]), reason="已查明", by=names, at=walk.at),
    ]
    attempt(walk.draw(steps))


def pass_time(walk: Walk) -> None:
    """Let the clock do what is due."""
    tick(walk.at)


def attempt(step: Callable[[], Any], seen: set[str] | None = None) -> None:
    """Do it; a refusal must leave no trace."""
    before = fingerprint()
    try:
        with transaction.atomic():
            done = step()
    except (DomainError, AttributeError) as refusal:
        if not isinstance(refusal, DomainError) and "NoneType" not in str(refusal):
            raise  # else: the test's own preparation asked for an agreement or a mediator that is not there
        assert changed(before) == []
    else:
        if seen is not None:
            seen.add(done)


# Half of the walks begin on the way, so that the later states are walked as much as the early ones.
ON_THE_WAY = [
    Status.INVITING,
    Status.INVITING,
    Status.ACCEPTED,
    Status.ASSIGNED,
    Status.MEDIATING,
    Status.SUSPENDED,
    Status.SIGNING,
]
ON_THE_WAY += [Status.PERFORMING, Status.FOLLOWUP, Status.CLOSED, Status.MEDIATING]


def start(world: World, dice: Random) -> Walk:
    source = dice.choice([Source.APPLY, Source.COURT_POST, Source.AUTHORITY])
    if dice.random() < 0.5:
        case = case_in(dice.choice(ON_THE_WAY), world, source=source)
    else:
        track = dice.choice([Track.MEDIATION, Track.MEDIATION, Track.COMPLAINT, Track.CONSULT])
        case = draft(world, NOW, track=track, source=source)
    return Walk(world, dice, case, NOW)


STEPS = [lawful, lawful, lawful, lawful, lawful, who_mediates, who_mediates, unlawful, fact, pass_time]
PAUSES = [0, 0, 0, 1, 2, 5, 12]


def walk_along(world: World, dice: Random, steps: int) -> None:
    walk = start(world, dice)
    rows = counts()
    for _each in range(steps):
        archived = of_case(walk.case.pk) if walk.case.status == Status.ARCHIVED else None
        walk.at += timedelta(days=walk.draw(PAUSES), minutes=1)
        walk.draw(STEPS)(walk)
        walk.fresh()
        assert broken(walk.case.pk, walk.at) == []
        now = counts()
        assert [table for table in now if now[table] < rows[table]] == []  # the tenth: no action deletes rows
        rows = now
        if archived is not None:
            assert of_case(walk.case.pk) == archived  # the seventh
    tick(walk.at)
    assert set(broken(walk.case.pk, walk.at, by_clock=True)) <= {"delivery_goes_out"}  # on a walk nothing is sent
    event(f"ended {walk.case.status} in round {walk.case.round}")
    event(f"took {len(walk.seen)} different actions")
    for action in walk.seen:
        event(f"took {action}")
    # The cast was written behind the journal's back; everything about cases must be in it.
    places = [str(place) for place in Verification().breaks()]
    assert [place for place in places if not place.endswith("has no journal") or place.startswith("case")] == []


# Without shrinking: a walk of a few seconds is shown as it was found.
FIXED = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "phases": [Phase.generate],
    "report_multiple_bugs": False,
}


@settings(max_examples=8, derandomize=True, **FIXED)  # type: ignore[arg-type]
@given(seed=st.integers(0, 2**32))
def test_the_invariants_hold_on_short_walks(world: World, seed: int) -> None:
    with transaction.atomic():
        walk_along(world, Random(seed), 15)
        transaction.set_rollback(True)


@pytest.mark.slow
@settings(max_examples=20, **FIXED)  # type: ignore[arg-type]
@given(seed=st.integers(0, 2**32))
def test_the_invariants_hold_on_long_walks(world: World, seed: int) -> None:
    with transaction.atomic():
        walk_along(world, Random(seed), 40)
        transaction.set_rollback(True)
