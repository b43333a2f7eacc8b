"""Residents come in by a code sent to their phone; staff by password, some with a one-time code."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from accounts.crypto import blind_index
from accounts.models import User
from audit.models import Entry
from notifications.gateways import GatewayError
from notifications.gateways.memory import MemoryGateway
from tests.accounts.conftest import NOW, PASSWORD, PHONE, last_code

E164 = "+86" + PHONE


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


def ask(browser: Client, phone: str = PHONE, **more: str) -> Any:
    return browser.post(reverse("account_phone"), {"phone": phone, **more})


def enter(browser: Client, code: str) -> Any:
    return browser.post(reverse("account_phone_code"), {"code": code})


def signed_in(browser: Client) -> User | None:
    key = browser.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def known(phone: str = E164, **fields: Any) -> User:
    user = User(username="known", display_name="张桂兰", opens_by_code=True, **fields)
    user.set_phone(phone)
    user.set_unusable_password()
    user.save()
    return user


def test_a_known_resident_comes_in_by_the_code(browser: Client) -> None:
    user = known()
    assert ask(browser, "138 1234 5678")["Location"] == reverse("account_phone_code")
    assert [message.to for message in MemoryGateway.outbox] == [E164]
    response = enter(browser, last_code())
    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in(browser) == user
    user.refresh_from_db()
    assert user.phone_verified


def test_an_unknown_number_gets_its_account_when_the_code_is_confirmed(browser: Client) -> None:
    ask(browser)
    assert not User.objects.exists()
    enter(browser, last_code())
    user = signed_in(browser)
    assert user is not None
    assert (user.phone, user.phone_index, user.phone_verified) == (E164, blind_index(E164), True)
    assert PHONE not in user.username
    assert not user.has_usable_password()


def test_known_and_unknown_numbers_get_the_same_answers(browser: Client) -> None:
    known()
    answers = []
    for phone in (PHONE, "13987654321"):
        client = Client()
        asked = ask(client, phone)
        page = client.get(reverse("account_phone_code"))
        wrong = enter(client, "000000" if last_code() != "000000" else "111111")
        answers.append(
            (asked.status_code, asked["Location"], plain(page, phone), wrong.status_code, plain(wrong, phone))
        )
    assert answers[0] == answers[1]
    assert [len(message.text) for message in MemoryGateway.outbox] == [len(MemoryGateway.outbox[0].text)] * 2


def plain(response: Any, phone: str) -> str:
    """Return the page without what belongs to this number and this visit alone."""
    page: str = response.content.decode().replace(f"{phone[:3]}****{phone[-4:]}", "PHONE")
    return "".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


def test_the_same_number_comes_back_to_the_same_account(browser: Client, clock: Any) -> None:
    ask(browser)
    enter(browser, last_code())
    first = signed_in(browser)
    clock.shift(timedelta(minutes=5))
    other = Client()
    ask(other, "+86 " + PHONE)
    enter(other, last_code())
    assert signed_in(other) == first
    assert User.objects.count() == 1


@pytest.mark.parametrize("phone", ["", "123", "abc", "1381234567899999", "١٢٣", "\x00", "1" * 31])
def test_what_is_not_a_number_is_said_and_kept(browser: Client, phone: str) -> None:
    response = ask(browser, phone)
    assert response.status_code == 422
    assert MemoryGateway.outbox == []


def test_a_wrong_code_may_be_tried_again(browser: Client) -> None:
    ask(browser)
    code = last_code()
    assert enter(browser, wrong(code)).status_code == 422
    assert signed_in(browser) is None
    enter(browser, code)
    assert signed_in(browser) is not None


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1000000:06}"


def test_the_sixth_guess_is_refused_even_if_it_is_right(browser: Client) -> None:
    ask(browser)
    code = last_code()
    for _ in range(5):
        enter(browser, wrong(code))
    response = enter(browser, code)
    assert response.status_code == 422
    assert "重新获取" in response.content.decode()
    assert signed_in(browser) is None


def test_guesses_are_counted_over_sessions_that_copy_the_cookie(browser: Client) -> None:
    ask(browser)
    code = last_code()
    for _ in range(5):
        copy = Client()
        copy.cookies["sessionid"] = browser.cookies["sessionid"].value
        enter(copy, wrong(code))
    enter(browser, code)
    assert signed_in(browser) is None


def test_full_width_digits_and_spaces_are_read(browser: Client) -> None:
    ask(browser)
    code = last_code()
    enter(browser, f" {code[:3]} {code[3:]} ".translate({48 + digit: 0xFF10 + digit for digit in range(10)}))
    assert signed_in(browser) is not None


@pytest.mark.parametrize("page", ["1", "desk", "//elsewhere.example", "http://elsewhere.example/", "", "/\\elsewhere"])
def test_going_on_to_what_is_no_page_of_ours_ends_at_the_own_first_page(client: Client, page: str) -> None:
    client.force_login(User.objects.create(username="anybody"))
    answer = client.get("/account/phone/", {"next": page})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("code", ["", "①②③④⑤⑥", "²²²²²²", "abcdef", "12345", "1" * 21, "\x00"])
def test_what_is_not_a_code_is_refused(browser: Client, code: str) -> None:
    ask(browser)
    assert enter(browser, code).status_code == 422
    assert signed_in(browser) is None


def test_a_code_expires_after_five_minutes(browser: Client, clock: Any) -> None:
    ask(browser)
    clock.shift(timedelta(minutes=5, seconds=1))
    assert "已过期" in enter(browser, last_code()).content.decode()
    assert signed_in(browser) is None


def test_a_code_belongs_to_the_browser_that_asked_for_it(browser: Client) -> None:
    ask(browser)
    other = Client()
    assert enter(other, last_code())["Location"] == reverse("account_phone")
    assert signed_in(other) is None


def test_a_code_is_good_once(browser: Client) -> None:
    ask(browser)
    enter(browser, last_code())
    browser.logout()
    assert enter(browser, last_code())["Location"] == reverse("account_phone")


def test_a_new_code_makes_the_old_one_useless(browser: Client, clock: Any) -> None:
    ask(browser)
    old = last_code()
    clock.shift(timedelta(seconds=61))
    assert browser.post(reverse("account_phone_code"), {"again": "1"})["Location"] == reverse("account_phone_code")
    if last_code() != old:
        assert enter(browser, old).status_code == 422
    enter(browser, last_code())
    assert signed_in(browser) is not None


def test_a_second_code_within_a_minute_is_refused(browser: Client) -> None:
    ask(browser)
    assert ask(Client()).status_code == 429
    again = browser.post(reverse("account_phone_code"), {"again": "1"})
    assert again.status_code == 429
    assert "一分钟" in again.content.decode()
    assert len(MemoryGateway.outbox) == 1


def test_one_number_gets_ten_codes_a_day(browser: Client, clock: Any) -> None:
    for _ in range(10):
        assert ask(browser).status_code == 302
        clock.shift(timedelta(seconds=61))
    assert ask(browser).status_code == 429
    assert len(MemoryGateway.outbox) == 10


def test_one_address_gets_thirty_codes_an_hour(browser: Client) -> None:
    statuses = [ask(browser, f"139{number:08}").status_code for number in range(31)]
    assert statuses == [302] * 30 + [429]


def test_a_gateway_that_fails_is_said(browser: Client) -> None:
    MemoryGateway.failures.append(GatewayError("busy"))
    response = ask(browser)
    assert response.status_code == 422
    assert "没有发出去" in response.content.decode()
    assert browser.get(reverse("account_phone_code")).status_code == 302
    assert ask(browser).status_code == 302  # nothing was sent: no minute to wait


def test_a_code_that_may_have_gone_out_is_said_to_be_so(browser: Client) -> None:
    MemoryGateway.failures.append(GatewayError("no_answer", uncertain=True))
    assert ask(browser).status_code == 302
    assert "不知道验证码发出去没有" in browser.get(reverse("account_phone_code")).content.decode()


def test_the_wanted_page_is_handed_on_to_the_desk_sign_in(browser: Client) -> None:
    page = browser.get(reverse("account_phone"), {"next": "/desk/?a=1"}).content.decode()
    assert f'href="{reverse("account_login")}?next=/desk/%3Fa%3D1"' in page


def test_after_the_code_one_goes_on_to_the_page_one_wanted(browser: Client) -> None:
    ask(browser, next="/cases/AH-2026-00012/")
    assert enter(browser, last_code())["Location"] == "/cases/AH-2026-00012/"


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"])
def test_one_does_not_go_on_to_a_foreign_page(browser: Client, page: str) -> None:
    ask(browser, next=page)
    assert enter(browser, last_code())["Location"] == "/"


def test_the_session_key_changes_at_sign_in(browser: Client) -> None:
    ask(browser)
    before = browser.session.session_key
    enter(browser, last_code())
    assert browser.session.session_key != before


def test_what_was_filled_in_before_is_still_there_after(browser: Client) -> None:
    session = browser.session
    session["draft"] = "kept"
    session.save()
    ask(browser)
    enter(browser, last_code())
    assert browser.session["draft"] == "kept"


def test_a_code_opens_the_residents_account_of_a_number_never_the_one_with_a_password(
    browser: Client, clerk: User
) -> None:
    clerk.set_phone(E164)
    clerk.phone_verified = True
    clerk.save()
    ask(browser)
    enter(browser, last_code())
    found = signed_in(browser)
    assert found is not None
    assert (found == clerk, found.opens_by_code, found.has_usable_password()) == (False, True, False)
    assert "用户名和密码登录" in browser.get("/my/").content.decode()  # its holder learns where the other one opens


def test_an_unconfirmed_number_on_a_staff_account_tells_its_holder_nothing(browser: Client, clerk: User) -> None:
    clerk.set_phone(E164)
    clerk.save()
    ask(browser)
    enter(browser, last_code())
    assert signed_in(browser) != clerk
    assert "密码的账户" not in browser.get("/my/").content.decode()


def test_a_closed_account_does_not_open(browser: Client) -> None:
    known(is_active=False)
    ask(browser)
    assert enter(browser, last_code())["Location"] == reverse("account_inactive")
    assert signed_in(browser) is None


def test_a_session_holds_neither_number_nor_code(browser: Client) -> None:
    ask(browser)
    kept = str(dict(browser.session))
    assert PHONE not in kept
    assert last_code() not in kept
    enter(browser, last_code())
    assert PHONE not in str(dict(browser.session))


def test_a_damaged_session_starts_over(browser: Client) -> None:
    for kept in ("x", {"phone_token": "x"}, None, 5):
        session = browser.session
        session["sign_in_code"] = kept
        session.save()
        assert browser.get(reverse("account_phone_code"))["Location"] == reverse("account_phone")


def test_neither_code_nor_number_reaches_the_log_or_the_journal(
    browser: Client, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    ask(browser)
    code = last_code()
    enter(browser, wrong(code))
    enter(browser, code)
    written = "".join(capfd.readouterr()) + caplog.text + str(list(Entry.objects.values()))
    assert PHONE not in written
    assert code not in written


def test_sign_in_and_sign_out_are_journalled(browser: Client) -> None:
    ask(browser)
    enter(browser, last_code())
    browser.post(reverse("account_logout"))
    assert signed_in(browser) is None
    assert list(Entry.objects.order_by("sequence").values_list("action", flat=True)) == ["sign_in", "sign_out"]


# --- staff -------------------------------------------------------------------------------------


def sign_in(browser: Client, username: str = "clerk", password: str = PASSWORD) -> Any:
    return browser.post(reverse("account_login"), {"login": username, "password": password})


def test_staff_sign_in_by_password_until_the_browser_closes(browser: Client, clerk: User) -> None:
    assert sign_in(browser)["Location"] == "/"
    assert signed_in(browser) == clerk
    assert browser.session.get_expire_at_browser_close()


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(clerk: User) -> None:
    answers = [sign_in(Client(), username, "wrong-password") for username in ("clerk", "clerc")]
    pages = ["".join(line for line in answer.content.decode().splitlines() if "csrf" not in line) for answer in answers]
    assert pages[0].replace("clerk", "X") == pages[1].replace("clerc", "X")
    assert [entry.action for entry in Entry.objects.all()] == ["sign_in_refused"]


def test_after_five_wrong_passwords_even_the_right_one_waits(browser: Client, clerk: User) -> None:
    for _ in range(5):
        sign_in(browser, password="wrong-password")
    sign_in(browser)
    assert signed_in(browser) is None


def test_one_address_cannot_try_one_password_on_many_names(browser: Client, clerk: User) -> None:
    for number in range(20):
        sign_in(browser, f"name{number}", "wrong-password")
    sign_in(browser)
    assert signed_in(browser) is None


def test_nobody_signs_up_with_a_password(browser: Client) -> None:
    browser.post(reverse("account_signup"), {"username": "new", "password1": PASSWORD})
    assert not User.objects.exists()


def test_a_resident_has_no_password_to_sign_in_with(browser: Client) -> None:
    known()
    for password in ("", "!", "x"):
        sign_in(browser, "known", password)
    assert signed_in(browser) is None


def totp_code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))


def test_who_must_use_a_one_time_code_is_led_to_set_it_up(
    browser: Client, clerk: User, django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=clerk.pk).update(must_enrol_totp=True)
    sign_in(browser)
    activate = reverse("mfa_activate_totp")
    assert browser.get(reverse("account_email"))["Location"] == activate
    assert browser.get(activate).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post(activate, {"code": totp_code(browser.session["mfa.totp.secret"])})
    assert response["Location"] == reverse("mfa_view_recovery_codes")
    assert browser.get(response["Location"]).status_code == 200
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
    assert "second_factor_on" in Entry.objects.values_list("action", flat=True)


def test_a_totp_secret_is_kept_encrypted(browser: Client, clerk: User) -> None:
    sign_in(browser)
    browser.get(reverse("mfa_activate_totp"))
    secret = browser.session["mfa.totp.secret"]
    browser.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    assert secret not in str(list(Authenticator.objects.values()))


def test_the_one_time_code_is_asked_for_and_good_once(browser: Client, clerk: User) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(clerk, secret)
    assert sign_in(browser)["Location"] == reverse("mfa_authenticate")
    assert signed_in(browser) is None
    code = totp_code(secret)
    browser.post(reverse("mfa_authenticate"), {"code": code})
    assert signed_in(browser) == clerk
    other = Client()
    sign_in(other)
    other.post(reverse("mfa_authenticate"), {"code": code})
    assert signed_in(other) is None


def test_who_must_use_a_one_time_code_cannot_switch_it_off(browser: Client, clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(must_enrol_totp=True)
    sign_in(browser)
    browser.get(reverse("mfa_activate_totp"))
    browser.post(reverse("mfa_activate_totp"), {"code": totp_code(browser.session["mfa.totp.secret"])})
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    browser.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(type="totp").exists()


def test_guesses_at_the_one_time_code_are_counted_over_sessions(clerk: User) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(clerk, secret)
    right = totp_code(secret)
    for _ in range(5):
        guesser = Client()
        sign_in(guesser)
        guesser.post(reverse("mfa_authenticate"), {"code": wrong(right)})
    browser = Client()
    sign_in(browser)
    browser.post(reverse("mfa_authenticate"), {"code": right})
    assert signed_in(browser) is None
    assert Entry.objects.filter(action="sign_in_refused").count() == 5
