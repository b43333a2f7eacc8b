"""A line of the journal without a person says truly how it came about: clock, system, or people's answers."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from audit.selectors import history
from cases.choices import Side, Status
from cases.entries import CaseEntry
from cases.models import Case
from mediation import services as mediation
from mediation.models import Issue, Offer
from tests.cast import NOW, TODAY, World, later
from tests.journeys import case_in, party
from tests.web.pages import address, browser, text_of
from web.case.page.journal_words import BY_ITSELF, by_itself
from workflows.actions import ACTIONS

CLOCK = "期限届满，由系统执行"
FLOORS = ("cases", "mediation", "workflows")
# Not entries about a case: an offer's own sealed journal, the calendar, accounts.
ELSEWHERE = {"note", "import_notice", "load_year"}
WRITERS = {"journal", "record", "propose", "end_nomination", "_move"}
NAMED_BY = {"propose": "propose_{}", "_move": "confirmation_{}", "end_nomination": "end_nomination"}


def written_by_nobody() -> Iterator[tuple[str, str]]:
    """Find in the source every entry about a case that is written with `by=None`: where, and its action."""
    for floor in FLOORS:
        for path in sorted((Path(settings.BASE_DIR) / floor).rglob("*.py")):
            if "demo" in path.parts or "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (found := _action(node)):
                    yield f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}", found


def _action(node: ast.Call) -> str:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    nobody = any(k.arg == "by" and isinstance(k.value, ast.Constant) and k.value.value is None for k in node.keywords)
    if not nobody or name not in WRITERS:
        return ""
    entries = [ast.unparse(one) for one in node.args if ast.unparse(one).startswith("CaseEntry")]
    if any(entry.startswith("CaseEntry(") for entry in entries):
        return "propose_fail"
    literals = [CaseEntry[entry.removeprefix("CaseEntry.")].value for entry in entries]
    literals += [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    pattern = NAMED_BY.get(name, "{}")
    return pattern.format(literals[0] if literals else name)


def test_every_entry_about_a_case_is_one_of_the_closed_set(world: World) -> None:
    """Moves are named as their actions, everything else as a CaseEntry with its sentence; no bare word is written."""
    bare = {
        f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}"
        for floor in FLOORS
        for path in (Path(settings.BASE_DIR) / floor).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "journal" and "CaseEntry" not in _second(node)
    }
    assert bare == set()
    case = case_in(Status.FOLLOWUP, world)
    assert {entry.action for entry in history(case.subject)} <= {*CaseEntry.values, *ACTIONS}
    assert not set(CaseEntry.values) & set(ACTIONS) - {"report_breach"}
    assert all(str(entry.label) for entry in CaseEntry)


def _second(call: ast.Call) -> str:
    """The entry that a call writes, or the name of a variable that holds one."""
    found = ast.unparse(call.args[1])
    return f"CaseEntry {found}" if found in {"entry", "action"} else found


def test_every_entry_that_nobody_wrote_has_its_own_words() -> None:
    found = dict(written_by_nobody())
    assert len(found) >= 9, found
    assert {where: action for where, action in found.items() if action not in BY_ITSELF} == {}


def test_only_what_a_clock_did_is_said_to_be_of_the_clock() -> None:
    assert {action for action in BY_ITSELF if by_itself(action) == CLOCK} == {
        "expire_offer", "confirmation_expire", "propose_fail", "end_nomination",
    }  # fmt: skip
    assert by_itself("lapse") == CLOCK
    assert by_itself("something_new") == "由系统登记"
    assert set(BY_ITSELF) <= set(CaseEntry)


def talks(world: World) -> tuple[Case, Issue]:
    case = case_in(Status.MEDIATING, world)
    return case, case.issues.order_by("pk")[0]


def term(case: Case, issue: Issue, amount: str) -> Any:
    from decimal import Decimal

    return mediation.Term(
        issue=issue, doer=party(case, Side.RESPONDENT), receiver=party(case, Side.APPLICANT), what="赔偿损失",
        manner="转账", amount=Decimal(amount), due=TODAY + timedelta(days=20),
    )  # fmt: skip


def line(case: Case, action: str, reader: User) -> str:
    page = text_of(browser(reader).get(address(case, "history/")))
    label = str(CaseEntry(action).label)
    return page[page.index(label) :][:400]


@pytest.mark.django_db
def test_an_open_offer_that_all_accepted_is_said_to_be_accepted_and_by_whom_last(world: World) -> None:
    case, issue = talks(world)
    offer = mediation.make_offer(
        case, terms=[term(case, issue, "9000")], expires_at=later(days=3), by=world.company_user, at=NOW,
        party=party(case, Side.RESPONDENT),
    )  # fmt: skip
    mediation.answer_offer(
        offer, party=party(case, Side.APPLICANT), answers={issue.pk: True}, by=world.resident, at=later(hours=1)
    )
    assert history(case.subject).get(action="offer_decided").actor == world.resident
    shown = line(case, "offer_decided", world.mediator)
    assert "各方都同意" in shown
    assert "申请人 张" in shown
    assert CLOCK not in text_of(browser(world.mediator).get(address(case, "history/")))


@pytest.mark.django_db
def test_a_blind_offer_tells_nothing_before_all_agree_and_then_who_agreed_last(world: World) -> None:
    case, issue = talks(world)
    offer = mediation.make_offer(
        case, terms=[term(case, issue, "9000")], expires_at=later(days=3), by=world.mediator, at=NOW,
        mode=Offer.Mode.BLIND,
    )  # fmt: skip
    before = history(case.subject).count()
    mediation.answer_blind(offer, party=party(case, Side.APPLICANT), yes=True, by=world.resident, at=later(hours=1))
    assert history(case.subject).count() == before
    mediation.answer_blind(
        offer, party=party(case, Side.RESPONDENT), yes=True, by=world.company_user, at=later(hours=2)
    )
    assert history(case.subject).get(action="offer_accepted").actor == world.company_user
    assert CLOCK not in line(case, "offer_accepted", world.mediator)


@pytest.mark.django_db
def test_sealed_figures_that_meet_are_of_people(world: World) -> None:
    case, issue = talks(world)
    for side, who, amount in ((Side.RESPONDENT, world.company_user, "10000"), (Side.APPLICANT, world.resident, "8000")):
        mediation.seal_offer(
            case, term=term(case, issue, amount), expires_at=later(days=3), by=who, at=NOW, party=party(case, side)
        )
    assert history(case.subject).get(action="offers_met").actor == world.resident
    assert CLOCK not in line(case, "offers_met", world.mediator)


@pytest.mark.django_db
def test_an_offer_whose_time_ran_out_is_of_the_clock(world: World) -> None:
    case, issue = talks(world)
    offer = mediation.make_offer(
        case, terms=[term(case, issue, "9000")], expires_at=later(days=1), by=world.company_user, at=NOW,
        party=party(case, Side.RESPONDENT),
    )  # fmt: skip
    mediation.expire_offer(offer.pk, at=later(days=2))
    assert CLOCK in line(case, "expire_offer", world.mediator)
