"""Whose name a message carries, and what a refused code means to whoever waits for it."""

import pytest
from django.core import mail

from accounts.limits import TooOftenError
from accounts.models import User
from cases.models import Case
from notifications.delivering import deliver_due
from notifications.gateways import GatewayError
from notifications.gateways.memory import MemoryGateway
from notifications.messages import signing_code_message
from notifications.services import notify
from notifications.sign_in_codes import CodeNotSentError, check_code, send_code
from tests import journeys
from tests.cast import World
from tests.notifications.conftest import MORNING

pytestmark = pytest.mark.django_db
PHONE = "+8613812345678"


def told(user: User, case: Case) -> str:
    MemoryGateway.clear()
    notify(user, kind="accepted", subject=case.subject, url="/cases/", at=MORNING)
    deliver_due(MORNING)
    return MemoryGateway.outbox[-1].text


@pytest.fixture
def case(world: World) -> Case:
    return journeys.submitted(world)


def test_a_notice_is_signed_by_the_centre_of_its_case(world: World, case: Case, resident: User) -> None:
    assert told(resident, case).startswith("【调处】")
    centre = case.centre
    centre.sms_signature = "合肥物调"
    centre.save()
    assert told(resident, case).startswith("【合肥物调】")
    resident.language = "en"
    resident.save()
    assert told(resident, case).startswith("【合肥物调】")  # the provider knows it by its brackets, in any language


def test_a_branch_without_a_signature_signs_with_the_one_above(world: World, case: Case, resident: User) -> None:
    centre = case.centre
    above = type(centre).objects.create(
        code="TOP", name="省中心", region=centre.region, number_prefix="顶", phone="1", sms_signature="安徽物调"
    )
    centre.parent = above
    centre.save()
    assert told(resident, case).startswith("【安徽物调】")


def test_codes_are_signed_by_the_main_centre_and_by_that_of_the_case(world: World, case: Case) -> None:
    centre = case.centre
    centre.sms_signature = "合肥物调"
    centre.save()
    send_code(PHONE, address="1.2.3.4", language="en", at=MORNING)
    assert MemoryGateway.outbox[-1].text.startswith("【合肥物调】Your code is ")
    message = signing_code_message(PHONE, "123456", 10, "", subject=case.subject)
    assert message.text.startswith("【合肥物调】签署文书的验证码123456，")
    assert (message.sign, message.content) == ("合肥物调", message.text.removeprefix("【合肥物调】"))


def test_a_mail_says_in_its_subject_who_writes(world: World, case: Case, clerk: User) -> None:
    centre = case.centre
    centre.sms_signature = "合肥物调"
    centre.save()
    notify(clerk, kind="accepted", subject=case.subject, url="/cases/", at=MORNING)
    deliver_due(MORNING)
    assert mail.outbox[0].subject == "合肥物调：您有一条新通知"


def test_a_refused_code_says_so_and_the_next_try_is_open_at_once() -> None:
    for _again in range(12):
        MemoryGateway.failures.append(GatewayError("http_503"))
        with pytest.raises(CodeNotSentError, match="没有发出去"):
            send_code(PHONE, address="1.2.3.4", language="", at=MORNING)
    sent = send_code(PHONE, address="1.2.3.4", language="", at=MORNING)
    assert not sent.doubtful
    with pytest.raises(TooOftenError, match="刚刚已发送过"):
        send_code(PHONE, address="1.2.3.4", language="", at=MORNING)


def test_a_code_that_may_have_gone_out_can_be_typed_if_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.sign_in_codes.secrets.randbelow", lambda _most: 123456)
    MemoryGateway.failures.append(GatewayError("no_answer", uncertain=True))
    sent = send_code(PHONE, address="1.2.3.4", language="", at=MORNING)
    assert sent.doubtful
    assert check_code(sent, "123456", at=MORNING) == PHONE


def test_a_gateway_of_ones_own_that_breaks_is_no_page_that_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: MemoryGateway, _message: object) -> None:
        raise KeyError("Response")

    monkeypatch.setattr(MemoryGateway, "send", broken)
    assert send_code(PHONE, address="1.2.3.4", language="", at=MORNING).doubtful
