"""A company or committee signs online once its contact has confirmed a mobile; until then all concerned are told."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Spent, User
from cases.choices import PartyKind, Side, Status
from cases.models import Case, Party
from mediation.models import Signature
from mediation.services.signing import phone_of
from notifications.gateways.memory import MemoryGateway
from tests.cast import NOW, World
from tests.journeys import case_in, party
from tests.papers import journey
from tests.signing import STROKES
from tests.web.pages import address, browser, text_of, traces

pytestmark = pytest.mark.django_db
MOBILE = "13905510001"


@pytest.fixture(autouse=True)
def morning(settings: Any) -> Iterator[None]:
    settings.SMS_GATEWAY = "notifications.gateways.memory.MemoryGateway"
    MemoryGateway.clear()
    with time_machine.travel(NOW, tick=False):
        yield
    MemoryGateway.clear()


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.SIGNING, world)


def code() -> str:
    found = re.search(r"\d{6}", MemoryGateway.outbox[-1].text)
    assert found
    return found[0]


def confirm(client: Client, page: str, phone: str = MOBILE) -> Any:
    """Confirm a mobile on the own account, coming from a page."""
    client.post("/account/mobile/", {"phone": phone, "next": page})
    done = client.post("/account/mobile/code/", {"code": code()})
    Spent.objects.all().delete()  # a minute has passed
    return done


def filled(case: Case, **more: Any) -> dict[str, Any]:
    text = {"text": case.current_agreement.pk, "confirmation": "yes", "read": "on", "strokes": STROKES}
    body = {"signer_name": "刘启明", "capacity": "REPRESENTATIVE", "authority": "", "body_seal": "LATER"}
    return text | body | more


def test_a_company_without_a_confirmed_mobile_is_led_to_its_account_and_back(world: World, case: Case) -> None:
    client, here = browser(world.company_user), address(case, "agreement/sign/")
    page = text_of(client.get(here))
    way = f"/account/mobile/?next={here}"
    assert "您还没有确认自己的手机号" in page
    assert f'href="{way}"' in page
    before = traces(case)
    refused = client.post(here, filled(case, step="code"))
    assert (refused.status_code, "还没有确认手机号" in text_of(refused)) == (422, True)
    assert (MemoryGateway.outbox, traces(case)) == ([], before)
    assert f'name="next" value="{here}"' in text_of(client.get(way))
    assert confirm(client, here)["Location"] == here
    assert "发送短信验证码" in text_of(client.get(here))


def test_a_company_signs_with_the_code_that_came_to_its_contacts_own_mobile(world: World, case: Case) -> None:
    client, here = browser(world.company_user), address(case, "agreement/sign/")
    confirm(client, here)
    client.post(here, filled(case, step="code"))
    assert MemoryGateway.outbox[-1].to == f"+86{MOBILE}"
    assert client.post(here, filled(case, step="sign", code=code())).status_code == 302
    signed = Signature.objects.get()
    assert (signed.party.company, signed.by, signed.signer_name) == (world.company, world.company_user, "刘启明")
    assert signed.proof["masked_phone"] == "139****0001"


def test_the_desk_sees_which_company_cannot_sign_online_yet(world: World, case: Case) -> None:
    words = "绿洲物业服务有限公司还不能在网上签署"
    for name in ("intake", "mediator", "director"):
        assert words in text_of(browser(world.people()[name]).get(address(case))), name
    assert words in text_of(browser(world.mediator).get(address(case, "agreement/")))
    for name in ("resident", "company_user"):
        for page in ("", "agreement/"):
            assert words not in text_of(browser(world.people()[name]).get(address(case, page)))
    confirm(browser(world.company_user), "/")
    assert words not in text_of(browser(world.intake).get(address(case)))
    assert words not in text_of(browser(world.mediator).get(address(case, "agreement/")))


def test_the_desk_sees_that_a_company_has_no_contact_at_all(world: World, case: Case) -> None:
    world.company_user.memberships.update(until=NOW.date())
    page = text_of(browser(world.intake).get(address(case)))
    assert "它还没有联系人账户" in page
    assert "它的联系人还没有确认" not in page


def test_a_number_that_somebody_else_wrote_down_signs_nothing(world: World, case: Case) -> None:
    theirs = party(case, Side.RESPONDENT)
    world.company.phone = "13900000001"  # the register's
    world.company.save()
    Party.objects.filter(pk=theirs.pk).update(phone="+8613900000002")  # the case's
    world.company_user.set_phone("+8613900000003")  # the administrator's, not confirmed
    world.company_user.save()
    here = address(case, "agreement/sign/")
    assert "您还没有确认自己的手机号" in text_of(browser(world.company_user).get(here))
    theirs.refresh_from_db()
    assert phone_of(theirs, User.objects.get(pk=world.company_user.pk)) == ""
    assert "绿洲物业服务有限公司还不能在网上签署" in text_of(browser(world.intake).get(address(case)))


def test_another_number_has_to_be_confirmed_before_it_signs(world: World, case: Case) -> None:
    client, here = browser(world.company_user), address(case, "agreement/sign/")
    confirm(client, here)
    given = {"display_name": "刘经理", "phone": "13900000009", "email": ""}
    browser(world.sysadmin).post(f"/desk/accounts/{world.company_user.pk}/contact/", given)
    assert "您还没有确认自己的手机号" in text_of(client.get(here))


def test_a_committee_signs_the_same_way(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    Party.objects.filter(case=case, side=Side.RESPONDENT).update(
        kind=PartyKind.COMMITTEE, company=None, committee=world.committee, name=world.committee.name
    )
    case = journey(Case.objects.get(pk=case.pk), world, until=Status.SIGNING)
    client, here = browser(world.committee_user), address(case, "agreement/sign/")
    assert "您还没有确认自己的手机号" in text_of(client.get(here))
    assert "翠湖花园业主委员会还不能在网上签署" in text_of(browser(world.intake).get(address(case)))
    confirm(client, here)
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        client.post(here, filled(case, step="code"))
        assert client.post(here, filled(case, step="sign", code=code())).status_code == 302
    assert Signature.objects.get().party.committee == world.committee


def test_a_resident_whose_number_was_never_confirmed_confirms_it_first(world: World, case: Case) -> None:
    User.objects.filter(pk=world.resident.pk).update(phone_verified=False)
    assert "您还没有确认自己的手机号" in text_of(browser(world.resident).get(address(case, "agreement/sign/")))
