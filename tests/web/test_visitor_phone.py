"""A number that nobody has confirmed opens nothing and hears nothing but that there is news and whom to call."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from accounts.services import resident_with_phone
from audit.models import Entry
from cases import passes, telephones
from cases.choices import Side, Status
from cases.models import Case, Party
from notifications.delivering import deliver_due
from notifications.gateways.memory import MemoryGateway
from notifications.models import Delivery
from tests.cast import NOW, World
from tests.journeys import case_in
from tests.web.pages import address, browser, text_of
from workflows.actions import perform

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NUMBER = "+8613955107788"


@pytest.fixture(autouse=True)
def phones() -> Iterator[None]:
    with (
        time_machine.travel(NOW, tick=False),
        override_settings(SMS_GATEWAY="notifications.gateways.memory.MemoryGateway"),
    ):
        MemoryGateway.clear()
        yield
        MemoryGateway.clear()


@pytest.fixture
def case(world: World) -> Case:
    """A matter whose applicant came with a pass and left this number."""
    found = case_in(Status.SUBMITTED, world, by=world.intake)
    mine = found.parties.get(side=Side.APPLICANT)
    Party.objects.filter(pk=mine.pk).update(user=None)
    telephones.correct_phone(Party.objects.get(pk=mine.pk), NUMBER, by=world.intake, at=NOW)
    passes.issue_pass(Party.objects.get(pk=mine.pk), by=world.intake, at=NOW)
    return Case.objects.get(pk=found.pk)


def guest_of(case: Case) -> User:
    return case.parties.get(side=Side.APPLICANT).passes.get(revoked_at=None).guest


def texts_after_news(case: Case, world: World) -> list[str]:
    """What the telephone hears of the next step."""
    Delivery.objects.all().delete()
    MemoryGateway.clear()
    perform(case, "return_for_supplement", by=world.intake, at=NOW, items=["身份证"])
    deliver_due(timezone.now(), limit=50)
    return [message.text for message in MemoryGateway.outbox if message.to == NUMBER]


def confirm(guest: User) -> Any:
    client = browser(guest)
    assert "确认手机号" in text_of(client.get("/pass/phone/"))
    assert client.post("/pass/phone/", {"send": "1"}).status_code == 302
    code = re.search(r"\d{6}", MemoryGateway.outbox[-1].text)
    assert code
    return client.post("/pass/phone/", {"code": code[0]})


def test_an_unconfirmed_number_hears_only_that_there_is_news_and_whom_to_call(world: World, case: Case) -> None:
    heard = texts_after_news(case, world)
    assert len(heard) == 1
    assert world.centre.phone in heard[0]
    for hidden in (str(case.number), "http", "/cases/", "调解", "张"):
        assert hidden not in heard[0], hidden


def test_a_stranger_with_that_number_finds_nothing(world: World, case: Case) -> None:
    stranger = resident_with_phone(NUMBER, at=NOW)
    assert passes.claim_cases(stranger, at=NOW) == []
    page = text_of(browser(stranger).get("/my/"))
    assert str(case.number) not in page
    assert browser(stranger).get(address(case)).status_code == 404
    assert case.parties.get(side=Side.APPLICANT).user is None


def test_a_code_typed_back_opens_both(world: World, case: Case) -> None:
    guest = guest_of(case)
    assert "手机号还没有确认" in text_of(browser(guest).get(address(case)))
    assert confirm(guest)["Location"] == address(case)
    assert Entry.objects.filter(action="confirm_phone", actor=guest).count() == 1
    assert "手机号还没有确认" not in text_of(browser(User.objects.get(pk=guest.pk)).get(address(case)))
    heard = texts_after_news(case, world)
    assert len(heard) == 1
    assert str(case.number) in heard[0]
    holder = resident_with_phone(NUMBER, at=NOW)
    assert passes.claim_cases(holder, at=NOW) == [case]


def test_a_wrong_code_confirms_nothing(world: World, case: Case) -> None:
    guest = guest_of(case)
    client = browser(guest)
    client.post("/pass/phone/", {"send": "1"})
    code = re.search(r"\d{6}", MemoryGateway.outbox[-1].text)
    wrong = "000000" if code and code[0] != "000000" else "111111"
    answer = client.post("/pass/phone/", {"code": wrong})
    assert (answer.status_code, "验证码不对" in text_of(answer)) == (422, True)
    assert not User.objects.get(pk=guest.pk).phone_verified


def test_another_number_is_to_be_confirmed_anew_and_a_new_pass_keeps_what_was(world: World, case: Case) -> None:
    confirm(guest_of(case))
    mine = case.parties.get(side=Side.APPLICANT)
    passes.issue_pass(mine, by=world.intake, at=NOW)
    assert guest_of(case).phone_verified
    telephones.correct_phone(Party.objects.get(pk=mine.pk), "+8613955107799", by=world.intake, at=NOW)
    assert not guest_of(case).phone_verified


def test_a_number_replaced_while_its_code_was_on_the_way_is_not_confirmed(world: World, case: Case) -> None:
    guest = guest_of(case)
    client = browser(guest)
    client.post("/pass/phone/", {"send": "1"})
    code = re.search(r"\d{6}", MemoryGateway.outbox[-1].text)
    assert code
    mine = case.parties.get(side=Side.APPLICANT)
    telephones.correct_phone(mine, "+8613955107799", by=world.intake, at=NOW + timedelta(seconds=1))
    client.post("/pass/phone/", {"code": code[0]})
    assert not guest_of(case).phone_verified


@pytest.mark.parametrize("who", ["resident", "company_user", "intake", "mediator", "regulator"])
def test_only_who_came_with_a_pass_finds_the_page(world: World, who: str) -> None:
    assert browser(getattr(world, who)).get("/pass/phone/").status_code == 404
    assert browser(None).get("/pass/phone/").status_code == 404
