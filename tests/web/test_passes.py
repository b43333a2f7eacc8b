"""Coming in with a case pass: typed or scanned; the same sentence for every code that does not open."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from audit.models import Entry
from cases.models import Case, CasePass, Party
from cases.passes import confirm_phone, issue_pass, revoke_passes
from tests.cast import NOW, World
from tests.journeys import draft, party, submitted

SENTENCE = "通行码不对，或者已经失效。"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def case(world: World) -> Case:
    return submitted(world)


@pytest.fixture
def code(case: Case, world: World) -> str:
    return issue_pass(party(case, "APPLICANT"), by=world.intake, at=NOW)


def who(browser: Client) -> User | None:
    key = browser.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


@pytest.mark.parametrize("write", [str, str.lower, lambda c: c.replace("-", ""), lambda c: f" {c.replace('-', ' ')} "])
def test_a_code_opens_its_case_however_it_is_typed(case: Case, code: str, write: Any) -> None:
    browser = Client()
    response = browser.post("/pass/", {"code": write(code)})
    assert (response.status_code, response["Location"]) == (302, f"/cases/{case.number}/")
    guest = who(browser)
    assert guest is not None
    assert guest.is_guest
    assert list(Case.objects.visible_to(guest)) == [case]
    assert 0 <= 12 * 60 * 60 - browser.session.get_expiry_age() < 60
    assert CasePass.objects.get().last_used_at is not None


def test_full_width_letters_are_understood(case: Case, code: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    assert Client().post("/pass/", {"code": wide})["Location"] == f"/cases/{case.number}/"


def test_wrong_ended_and_strange_codes_get_the_same_sentence(case: Case, code: str, world: World) -> None:
    revoke_passes(party(case, "APPLICANT"), by=world.intake, at=NOW)
    for typed in (code, "ABCD-2345-WXYZ", "x", "<script>", "长" * 50, "A" * 59, "A" * 1000):
        browser = Client()
        response = browser.post("/pass/", {"code": typed}, REMOTE_ADDR="10.0.0.8")
        assert response.status_code == 422
        assert SENTENCE in response.content.decode()
        assert "<script>alert" not in response.content.decode()
        assert who(browser) is None


def test_an_empty_code_is_asked_for(world: World) -> None:
    response = Client().post("/pass/", {"code": ""})
    assert response.status_code == 422
    assert "请输入案件通行码。" in response.content.decode()


def test_guesses_are_counted_and_the_right_code_waits_too(case: Case, code: str, clock: Any) -> None:
    answers = [Client().post("/pass/", {"code": "ABCD-2345-WXYZ"}).status_code for _i in range(11)]
    assert answers == [422] * 10 + [429]
    assert Client().post("/pass/", {"code": code}).status_code == 429
    clock.shift(11 * 60)
    assert Client().post("/pass/", {"code": code}).status_code == 302


def test_a_scanned_code_leaves_the_address_and_opens_only_when_confirmed(case: Case, code: str) -> None:
    browser = Client()
    scanned = browser.get(f"/pass/{code}/")
    assert scanned["Location"] == "/pass/confirm/"
    assert (scanned["Referrer-Policy"], scanned["Cache-Control"]) == ("no-referrer", "no-store")
    page = browser.get("/pass/confirm/")
    assert code not in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert who(browser) is None
    assert CasePass.objects.get().last_used_at is None
    assert browser.post("/pass/confirm/")["Location"] == f"/cases/{case.number}/"
    assert browser.get("/pass/confirm/")["Location"] == "/pass/"


def test_a_wrong_scanned_code_gets_the_sentence_only_after_confirming(world: World) -> None:
    browser = Client()
    browser.get("/pass/WRONG-CODE/")
    assert browser.get("/pass/confirm/").status_code == 200
    response = browser.post("/pass/confirm/")
    assert response.status_code == 422
    assert SENTENCE in response.content.decode()


def test_the_code_is_not_kept_readable_with_the_session(code: str) -> None:
    browser = Client()
    browser.get(f"/pass/{code}/")
    assert code not in str(dict(browser.session))


def test_entering_a_case_keeps_the_draft_begun_in_this_browser(case: Case, code: str) -> None:
    browser = Client()
    begun = browser.post("/file/place/", {"city": "340100", "estate_name": "翠湖花园"})["Location"]
    browser.post("/pass/", {"code": code})
    assert browser.get(begun).status_code == 200
    assert Entry.objects.filter(action="hand_over_draft").count() == 1


# --- claiming --------------------------------------------------------------------------------------------------


def unclaimed(world: World) -> Case:
    """A case that the clerk took down on the telephone."""
    case = submitted(world, by=world.intake)
    assert Party.objects.get(case=case, side="APPLICANT").user is None
    return case


def test_cases_filed_with_the_verified_phone_are_attached(world: World) -> None:
    case = unclaimed(world)
    browser = Client()
    browser.force_login(world.resident)
    assert case.number not in browser.get("/my/").content.decode()  # taken by telephone: it may be mistyped
    applicant = Party.objects.get(case=case, side="APPLICANT")
    confirm_phone(applicant.passes.get(revoked_at=None).guest, applicant.phone, at=NOW)
    page = browser.get("/my/").content.decode()
    assert case.number in page
    assert "已把用您的手机号提交的 1 件事项放到这里" in page
    assert Party.objects.get(case=case, side="APPLICANT").user == world.resident
    entries = Entry.objects.filter(action="claim")
    assert [entry.head.subject_id for entry in entries] == [str(case.pk)]
    assert "已把用" not in browser.get("/my/").content.decode()
    assert Entry.objects.filter(action="claim").count() == 1


def test_an_unverified_phone_and_a_foreign_one_claim_nothing(world: World) -> None:
    case = unclaimed(world)
    User.objects.filter(pk=world.resident.pk).update(phone_verified=False)
    for user in (world.resident, world.neighbour, world.stranger, world.company_user):
        browser = Client()
        browser.force_login(User.objects.get(pk=user.pk))
        assert case.number not in browser.get("/my/").content.decode()
    assert Party.objects.get(case=case, side="APPLICANT").user is None
    assert not Entry.objects.filter(action="claim").exists()


def test_drafts_and_other_sides_are_not_claimed(world: World) -> None:
    kept = draft(world, by=world.intake)
    case = unclaimed(world)
    Party.objects.filter(case=case, side="APPLICANT").update(side="RESPONDENT")
    browser = Client()
    browser.force_login(world.resident)
    browser.get("/my/")
    assert not Party.objects.filter(case__in=[kept, case], user__isnull=False).exists()


def test_what_belongs_to_somebody_is_not_claimed(world: World) -> None:
    case = submitted(world)
    same = User(username="same", phone_verified=True)
    Party.objects.filter(case=case, side="APPLICANT").update(user=world.neighbour)
    browser = Client()
    browser.force_login(world.resident)
    assert case.number not in browser.get("/my/").content.decode()
    assert Party.objects.get(case=case, side="APPLICANT").user == world.neighbour
    assert same.pk is None
