"""Everybody's own account: a mobile is confirmed by its holder only, a given password is changed, a code demanded."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from audit.models import Entry
from cases.choices import Side, Status
from cases.models import ServiceAddress
from notifications.delivering import deliver_due
from notifications.gateways import GatewayError
from notifications.gateways.memory import MemoryGateway
from notifications.models import CannotReach, Delivery, Kind, Notice
from tests.cast import NOW, PASSWORD, World
from tests.journeys import case_in, party
from tests.web.pages import browser, text_of

pytestmark = pytest.mark.django_db
NEW, OLD = "13900139001", "13855106612"


@pytest.fixture(autouse=True)
def morning(settings: Any) -> Iterator[None]:
    settings.SMS_GATEWAY = "notifications.gateways.memory.MemoryGateway"
    MemoryGateway.clear()
    with time_machine.travel(NOW, tick=False):
        yield
    MemoryGateway.clear()


def code() -> str:
    found = re.search(r"\d{6}", MemoryGateway.outbox[-1].text)
    assert found
    return found[0]


def confirm(client: Client, phone: str, **more: str) -> Any:
    """Type a number and the code that came to it."""
    sent = client.post("/account/mobile/", {"phone": phone} | more)
    assert sent.status_code == 302, text_of(sent)
    assert MemoryGateway.outbox[-1].to == f"+86{phone}"
    return client.post("/account/mobile/code/", {"code": code()})


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def entries(user: User) -> list[tuple[str, Any, Any]]:
    rows = Entry.objects.filter(head__subject_kind="account", head__subject_id=str(user.pk)).order_by("sequence")
    return [(e.action, e.before, e.after) for e in rows if e.action not in {"sign_in", "sign_out"}]


def sent_to(phone: str) -> list[str]:
    """What arrived at a number, apart from codes."""
    Delivery.objects.exclude(notice__kind__in=[Kind.PHONE_CHANGED, Kind.PHONE_ENTERED, Kind.ACCOUNT_CHANGED]).exclude(
        address=f"+86{phone}"
    ).delete()
    deliver_due(NOW)
    return [m.text for m in MemoryGateway.outbox if m.to == f"+86{phone}" and "验证码" not in m.text]


# --- the one page -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["intake", "company_user", "committee_user", "regulator", "resident", "sysadmin"])
def test_everybody_finds_everything_on_one_page(world: World, name: str) -> None:
    page = browser(world.people()[name]).get("/account/")
    assert page.status_code == 200
    for words in ("手机号", "电子邮箱", "密码", "动态口令", "语言和字号", "大字版"):
        assert words in text_of(page)
    home = text_of(browser(world.people()[name]).get("/", follow=True))
    assert 'href="/account/"' in home


def test_a_resident_without_a_password_is_not_asked_for_one(world: World) -> None:
    world.resident.set_unusable_password()
    world.resident.save()
    assert "去修改密码" not in text_of(browser(world.resident).get("/account/"))


def test_a_pass_is_no_account(world: World) -> None:
    guest = User.objects.create(username="guest-x", is_guest=True)
    assert browser(guest).get("/account/")["Location"] == "/"
    for page in ("/account/mobile/", "/account/mobile/code/"):
        assert browser(guest).get(page).status_code == 404
    assert browser(guest).post("/account/mail/", {"email": "a@example.org"}).status_code == 404
    assert 'href="/account/"' not in text_of(browser(guest).get("/"))


# --- the mobile ---------------------------------------------------------------------------------------------------


def test_a_mobile_is_confirmed_by_the_code_that_came_to_it(world: World) -> None:
    client = browser(world.company_user)
    done = confirm(client, NEW, next="/company/")
    assert done["Location"] == "/company/"
    user = fresh(world.company_user)
    assert (user.phone, user.phone_verified) == (f"+86{NEW}", True)
    assert entries(user) == [
        ("phone_confirm", {"phone": ""}, {"phone": "139****9001", "phone_confirmed": True}),
    ]
    assert "本人已确认" in text_of(client.get("/account/"))


def test_a_wrong_code_and_the_code_of_another_change_nothing(world: World) -> None:
    client, other = browser(world.company_user), browser(world.competitor_user)
    client.post("/account/mobile/", {"phone": NEW})
    wrong = f"{(int(code()) + 1) % 10**6:06}"
    assert client.post("/account/mobile/code/", {"code": wrong}).status_code == 422
    assert other.post("/account/mobile/code/", {"code": code()})["Location"] == "/account/mobile/"
    assert fresh(world.company_user).phone == ""
    assert fresh(world.competitor_user).phone == ""
    assert entries(world.company_user) == entries(world.competitor_user) == []


def test_a_landline_cannot_be_confirmed(world: World) -> None:
    page = browser(world.company_user).post("/account/mobile/", {"phone": "0551-62340001"})
    assert (page.status_code, "能收短信的手机号" in text_of(page)) == (422, True)
    assert MemoryGateway.outbox == []


def test_where_to_go_on_is_never_another_site(world: World) -> None:
    assert confirm(browser(world.company_user), NEW, next="https://evil.example/")["Location"] == "/account/"


def test_another_number_is_told_to_the_old_one_and_taken_over_by_the_own_cases(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    mine = party(case, Side.APPLICANT)
    ServiceAddress.objects.create(party=mine, ways=["SMS"], how="ONLINE", at=NOW, by=world.resident)
    assert confirm(browser(world.resident), NEW).status_code == 302
    mine.refresh_from_db()
    assert (fresh(world.resident).phone, mine.phone) == (f"+86{NEW}", f"+86{NEW}")
    assert ServiceAddress.objects.get(party=mine).phone_void_at == NOW
    assert any("换成了别的号码" in text for text in sent_to(OLD))
    assert entries(world.resident)[0][1:] == (
        {"phone": "138****6612"},
        {"phone": "139****9001", "phone_confirmed": True},
    )
    assert OLD not in str(list(Entry.objects.values_list("before", "after")))


def test_the_number_of_another_resident_stays_theirs(world: World) -> None:
    client = browser(world.resident)
    client.post("/account/mobile/", {"phone": "13855100002"})
    refused = client.post("/account/mobile/code/", {"code": code()})
    assert (refused.status_code, "另有一个账户" in text_of(refused)) == (422, True)
    assert (fresh(world.resident).phone, fresh(world.neighbour).phone) == (f"+86{OLD}", "+8613855100002")


def test_a_resident_and_a_company_contact_may_hold_one_mobile(world: World) -> None:
    assert confirm(browser(world.company_user), OLD).status_code == 302
    assert fresh(world.company_user).phone_verified
    visitor = Client()
    MemoryGateway.clear()
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        visitor.post("/account/phone/", {"phone": OLD})
        visitor.post("/account/phone/code/", {"code": code()})
    assert visitor.session["_auth_user_id"] == str(world.resident.pk)


# --- what the administrator changes -------------------------------------------------------------------------------


def test_the_administrator_corrects_name_mobile_and_mail_and_the_person_hears_of_it(world: World) -> None:
    user = world.legal
    user.set_phone(f"+86{OLD}")
    user.phone_verified = True
    user.save()
    admin, url = browser(world.sysadmin), f"/desk/accounts/{user.pk}/contact/"
    given = {"display_name": "钱大律", "phone": NEW, "email": "qian@example.org"}
    assert admin.post(url, given).status_code == 302
    user = fresh(user)
    assert (user.display_name, user.phone, user.phone_verified, user.email) == (
        "钱大律",
        f"+86{NEW}",
        False,
        "qian@example.org",
    )
    assert entries(user) == [
        (
            "account_change",
            {"display_name": "钱**", "email": "", "phone": "138****6612"},
            {"display_name": "钱**", "email": "q***@example.org", "phone": "139****9001", "phone_confirmed": False},
        )
    ]
    assert {n.kind for n in Notice.objects.filter(recipient=user)} == {Kind.PHONE_CHANGED, Kind.ACCOUNT_CHANGED}
    assert any("换成了别的号码" in text for text in sent_to(OLD))
    page = text_of(admin.get(f"/desk/accounts/{user.pk}/"))
    assert "手机号还没有由本人确认" in page
    assert "更改姓名、手机号或邮箱" in page
    assert confirm(browser(user), NEW).status_code == 302  # only its holder makes it count
    assert fresh(user).phone_verified


def test_another_address_for_mail_is_told_to_the_old_one(world: World) -> None:
    User.objects.filter(pk=world.legal.pk).update(email="old@example.org")
    given = {"display_name": "钱律师", "phone": "", "email": "new@example.org"}
    browser(world.sysadmin).post(f"/desk/accounts/{world.legal.pk}/contact/", given)
    told = Delivery.objects.get(notice__recipient=world.legal, channel="EMAIL")
    assert (told.notice.kind, told.address) == (Kind.ACCOUNT_CHANGED, "old@example.org")


def test_what_is_not_changed_is_not_journalled_and_tells_nobody(world: World) -> None:
    user, admin = world.legal, browser(world.sysadmin)
    given = {"display_name": user.display_name, "phone": "", "email": ""}
    assert admin.post(f"/desk/accounts/{user.pk}/contact/", given).status_code == 302
    assert (entries(user), Notice.objects.filter(recipient=user).count()) == ([], 0)


def test_a_bad_number_keeps_what_was_typed(world: World) -> None:
    url = f"/desk/accounts/{world.legal.pk}/contact/"
    page = browser(world.sysadmin).post(url, {"display_name": "钱新名", "phone": "12", "email": "x@example.org"})
    assert (page.status_code, "钱新名" in text_of(page), "x@example.org" in text_of(page)) == (422, True, True)
    assert fresh(world.legal).display_name == "钱律师"


def test_nobody_but_the_administrator_of_the_place_changes_an_account(world: World) -> None:
    given = {"display_name": "别人", "phone": NEW, "email": ""}
    for name in ("director", "intake", "company_user", "regulator", "resident", "other_intake"):
        client = browser(world.people()[name])
        assert client.post(f"/desk/accounts/{world.legal.pk}/contact/", given).status_code == 404
    for kept_elsewhere in (world.other_intake, world.resident):
        url = f"/desk/accounts/{kept_elsewhere.pk}/contact/"
        assert browser(world.sysadmin).post(url, given).status_code == 404
    assert fresh(world.legal).display_name == "钱律师"


def test_failing_to_tell_an_old_number_makes_no_task_of_a_case(world: World) -> None:
    confirm(browser(world.resident), NEW)
    MemoryGateway.failures.append(GatewayError("no_such_number", permanent=True))
    sent_to(OLD)
    assert CannotReach.objects.filter(subject_kind="account").count() == 0


# --- a given password, a demanded code ----------------------------------------------------------------------------


def sign_in(password: str, username: str = "legal") -> Client:
    client = Client()
    client.post("/account/login/", {"login": username, "password": password})
    return client


def test_a_password_that_somebody_gave_is_changed_before_anything_else(world: World) -> None:
    given = browser(world.sysadmin).post(f"/desk/accounts/{world.legal.pk}/password/").context["password"]
    client = sign_in(given)
    for page in ("/desk/", "/account/", "/notices/"):
        assert client.get(page)["Location"] == "/account/password/change/"
    assert "别人给您的" in text_of(client.get("/account/password/change/"))
    same = {"oldpassword": given, "password1": given, "password2": given}
    kept = client.post("/account/password/change/", same)
    assert (kept.status_code, "要和别人给您的密码不一样" in text_of(kept)) == (200, True)
    own = "quiet-otter-river-48"
    client.post("/account/password/change/", {"oldpassword": given, "password1": own, "password2": own})
    assert not fresh(world.legal).must_change_password
    assert sign_in(own).get("/desk/").status_code == 200


def test_a_new_account_begins_with_changing_its_password(world: World) -> None:
    made = browser(world.sysadmin).post(
        "/desk/accounts/new/",
        {"username": "new-one", "display_name": "新人", "phone": NEW, "role": "INTAKE", "centre": world.centre.pk},
    )
    client = sign_in(made.context["password"], "new-one")
    assert client.get("/desk/")["Location"] == "/account/password/change/"
    user = User.objects.get(username="new-one")
    assert (user.phone, user.phone_verified) == (f"+86{NEW}", False)


def test_whoever_has_an_own_password_goes_straight_on(world: World) -> None:
    assert sign_in(PASSWORD).get("/desk/").status_code == 200


def test_a_one_time_code_can_be_demanded_later_and_released(world: World) -> None:
    admin, url, client = browser(world.sysadmin), f"/desk/accounts/{world.legal.pk}/", browser(world.legal)
    assert client.get("/desk/").status_code == 200
    assert admin.post(f"{url}demand-second-factor/", {"reason": ""}).status_code == 422
    assert admin.post(f"{url}demand-second-factor/", {"reason": "办理敏感案件"}).status_code == 302
    assert client.get("/desk/")["Location"] == "/account/2fa/totp/activate/"
    assert "不再要求动态口令" in text_of(admin.get(url))
    assert admin.post(f"{url}release-second-factor/", {"reason": "调岗"}).status_code == 302
    assert client.get("/desk/").status_code == 200
    assert [action for action, _b, _a in entries(world.legal)] == ["second_factor_demand", "second_factor_release"]


def test_the_own_address_for_mail_is_kept_and_journalled(world: World) -> None:
    client = browser(world.company_user)
    assert client.post("/account/mail/", {"email": "not an address"}).status_code == 422
    assert client.post("/account/mail/", {"email": "liu@example.org"}).status_code == 302
    assert fresh(world.company_user).email == "liu@example.org"
    assert entries(world.company_user) == [
        ("account_change", {"email": ""}, {"email": "l***@example.org", "phone_confirmed": False})
    ]
