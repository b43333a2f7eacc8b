"""The time for a lawsuit: what stops, what runs on, and who is told."""

import pytest
from django.test import Client

from accounts.models import Centre, User
from cases import limitation
from cases.choices import Side, Status
from cases.models import Case, Category
from tests.cast import World
from tests.journeys import case_in, draft, submitted

pytestmark = pytest.mark.django_db


def page(user: User, url: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def owners_decision(world: World, status: str = Status.INVITING) -> Case:
    return case_in(status, world, category=Category.objects.get(code="1105"))


def test_only_a_decision_of_the_owners_has_the_one_year_bar(world: World) -> None:
    assert "一年内向法院起诉" in limitation.notes(owners_decision(world))["warning"]
    other = case_in(Status.INVITING, world, estate=world.other_estate)
    assert limitation.notes(other)["warning"] == ""


def test_a_draft_asks_for_nothing_yet(world: World) -> None:
    case = draft(world, category=Category.objects.get(code="1105"))
    assert limitation.notes(case) == {"warning": "", "interruption": ""}


@pytest.mark.parametrize(
    ("nature", "words"), [("PMC", "从这一天起中断"), ("INDUSTRY", "是否因此中断诉讼时效由法院认定")]
)
def test_what_interrupts_depends_on_what_the_centre_is(world: World, nature: str, words: str) -> None:
    Centre.objects.filter(pk=world.centre.pk).update(nature=nature)
    case = Case.objects.get(pk=submitted(world).pk)
    told = limitation.notes(case)["interruption"]
    assert words in told
    assert "2026年11月3日" in told


def test_both_sides_and_the_desk_read_it_on_the_case_and_beside_the_date(world: World) -> None:
    case = owners_decision(world)
    deadline = case.deadlines.get(clock="K4")
    assert {p.side for p in case.parties.all()} == {Side.APPLICANT, Side.RESPONDENT}
    for reader in (world.resident, world.company_user, world.intake):
        for url in (f"/cases/{case.number}/", f"/cases/{case.number}/why/{deadline.pk}/"):
            shown = page(reader, url)
            assert "一年的起诉期限不等人" in shown, (reader, url)
            assert "2026年11月3日向本中心主张权利" in shown, (reader, url)
