"""The ledger of deadlines: every clock, what moved it, with whose consent, and how it ended."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from cases import services
from cases.choices import Flag, Status
from cases.ledger import ledger
from cases.models import Case
from tests.cast import NOW, TODAY, World
from tests.journeys import case_in
from tests.moves import everybody
from tests.web.pages import address, browser, text_of
from workflows.actions import perform

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_that_moment() -> Iterator[None]:
    with time_machine.travel(NOW + timedelta(days=12), tick=False):
        yield


def moved(world: World) -> Case:
    """A mediation that was suspended for a week and extended twice."""
    case = case_in(Status.MEDIATING, world)
    case = perform(case, "suspend", by=world.mediator, at=NOW + timedelta(days=2), reason_code="S02", reason="检测")
    case = perform(case, "resume", by=world.mediator, at=NOW + timedelta(days=9), reason="已出")
    for day, days in ((10, 5), (11, 3)):
        case = perform(
            case, "extend", by=world.mediator, at=NOW + timedelta(days=day), days=days, agreed=everybody(case)
        )
    return case


def test_the_ledger_counts_pauses_and_extensions_with_whose_consent(world: World) -> None:
    [period] = [e for e in ledger(moved(world), today=TODAY) if e.deadline.clock == "K6"]
    assert (period.paused_days, period.extended_days) == (7, 8)
    sides = [[party.side for party in one.agreed] for one in period.moved]
    assert sides == [[], ["APPLICANT", "RESPONDENT"], ["APPLICANT", "RESPONDENT"]]


@pytest.mark.parametrize("who", ["resident", "company_user", "mediator", "archivist"])
def test_everybody_on_the_case_reads_rule_law_pauses_and_consents(world: World, who: str) -> None:
    case = moved(world)
    page = text_of(browser(getattr(world, who)).get(address(case, "deadlines/")))
    assert "《人民调解工作若干规定》第33条" in page
    assert "检测" not in page  # a pause says which step it was, not what people wrote
    assert "暂停：中止" in page
    assert "暂停的时间不计7日" in page
    assert page.count("各方同意延长") == 2
    assert f"/cases/{case.number}/why/{case.deadlines.get(clock='K6').pk}/" in page
    other = "绿洲物业服务有限公司"
    assert other in page
    assert ("张桂兰" in page) == (who == "resident")


@pytest.mark.parametrize("who", ["stranger", "competitor_user", "other_intake", "sysadmin", "regulator"])
def test_nobody_else_finds_it(world: World, who: str) -> None:
    case = case_in(Status.MEDIATING, world)
    assert browser(getattr(world, who)).get(address(case, "deadlines/")).status_code == 404


def test_a_party_reads_that_it_was_late_and_not_whose_fault_or_what_concerns_a_danger(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    services.classify(case, category=case.category, flags=[Flag.MASS_RISK], by=world.intake, at=NOW)
    case = perform(case, "invite", by=world.intake, at=NOW + timedelta(days=11))
    services.explain_overdue(case.deadlines.get(clock="K1"), reason="内部原因", by=world.intake, at=NOW)
    theirs = text_of(browser(world.resident).get(address(case, "deadlines/")))
    assert "晚了" in theirs
    for secret in ("内部原因", "陈静", "风险报告"):
        assert secret not in theirs
    danger = case.deadlines.get(clock="K10")
    assert browser(world.resident).get(address(case, f"why/{danger.pk}/")).status_code == 404
    desk = text_of(browser(world.intake).get(address(case, "deadlines/")))
    for known in ("原因：内部原因", "超期时的责任人：陈静", "风险报告"):
        assert known in desk


def test_only_staff_who_may_find_the_way_to_explain(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    explain = f"do/explain-overdue/?of={case.deadlines.get(clock='K1').pk}"
    assert explain in text_of(browser(world.intake).get(address(case, "deadlines/")))
    assert explain not in text_of(browser(world.resident).get(address(case, "deadlines/")))
    assert explain not in text_of(browser(world.supervisor).get(address(case, "deadlines/")))


def test_the_live_part_comes_alone(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    page = text_of(browser(world.resident).get(address(case, "deadlines/?fragment=1")))
    assert page.lstrip().startswith("<div")
    assert f'data-live-topic="case:{case.pk}"' in page
