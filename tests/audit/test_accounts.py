"""Administering accounts, journalled."""

from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Centre, Membership, Region, User
from accounts.regions import load_regions
from accounts.roles import Role
from audit.accounts import (
    AccountError,
    create_staff,
    deactivate_user,
    end_membership,
    grant_membership,
    reactivate_user,
    reset_second_factor,
    set_password,
)
from audit.models import Entry

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
PASSWORD = "translucent-otter-47"

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return User.objects.create_user("admin", display_name="管理员")


@pytest.fixture
def centre() -> Centre:
    load_regions()
    region = Region.objects.get(code="340000")
    return Centre.objects.create(code="AH", name="安徽省调处中心", region=region, number_prefix="皖物调", phone="0551")


@pytest.fixture
def staff(admin: User) -> User:
    return create_staff("wang", display_name="王芳", password=PASSWORD, by=admin, at=NOW)


def actions(user: User) -> list[str]:
    entries = Entry.objects.filter(head__subject_kind="account", head__subject_id=str(user.pk))
    return list(entries.order_by("sequence").values_list("action", flat=True))


def test_a_staff_account_is_made_and_journalled_without_the_name(staff: User, admin: User) -> None:
    assert (staff.check_password(PASSWORD), staff.created_by) == (True, admin)
    assert actions(staff) == ["account_create"]
    assert "王芳" not in str(list(Entry.objects.values()))


@pytest.mark.parametrize(
    "given",
    [
        {"username": "WANG WITH SPACES"},
        {"username": ""},
        {"username": "wang"},
        {"password": "short"},
        {"password": "password123"},
        {"display_name": "长" * 61},
    ],
)
def test_a_bad_account_is_refused_with_a_sentence(staff: User, admin: User, given: dict[str, str]) -> None:
    before = (User.objects.count(), Entry.objects.count())
    values: dict[str, Any] = {"username": "li", "display_name": "李明", "password": PASSWORD} | given
    with pytest.raises(AccountError) as refusal:
        create_staff(values.pop("username"), by=admin, at=NOW, **values)
    assert str(refusal.value)
    assert (User.objects.count(), Entry.objects.count()) == before


def test_a_role_is_granted_ended_and_granted_again(staff: User, admin: User, centre: Centre) -> None:
    membership = grant_membership(staff, Role.INTAKE, centre=centre, from_date=TODAY, by=admin, at=NOW)
    end_membership(membership, until=TODAY, by=admin, at=NOW)
    membership.refresh_from_db()
    assert membership.until == TODAY
    grant_membership(staff, Role.INTAKE, centre=centre, from_date=date(2026, 12, 1), by=admin, at=NOW)
    membership.refresh_from_db()
    assert membership.from_date == date(2026, 12, 1)
    assert membership.until is None
    assert Membership.objects.count() == 1
    assert actions(staff) == ["account_create", "membership_grant", "membership_end", "membership_grant"]


def test_a_role_in_the_wrong_place_is_refused(staff: User, admin: User, centre: Centre) -> None:
    before = Entry.objects.count()
    with pytest.raises(AccountError):
        grant_membership(staff, Role.REGULATOR, centre=centre, from_date=TODAY, by=admin, at=NOW)
    assert (Membership.objects.count(), Entry.objects.count()) == (0, before)


def test_open_pages_hear_of_a_changed_role(staff: User, admin: User, centre: Centre) -> None:
    with CaptureQueriesContext(connection) as queries:
        grant_membership(staff, Role.INTAKE, centre=centre, from_date=TODAY, by=admin, at=NOW)
    assert [f"roles:{staff.pk}" in query["sql"] for query in queries if "pg_notify" in query["sql"]] == [True]


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(staff: User, admin: User) -> None:
    User.objects.filter(pk=staff.pk).update(must_change_password=False)
    staff.refresh_from_db()
    browser = Client()
    browser.force_login(staff)
    deactivate_user(staff, by=admin, at=NOW, reason="离职")
    assert browser.get("/account/")["Location"].startswith("/account/phone/")
    reactivate_user(staff, by=admin, at=NOW, reason="返聘")
    assert browser.get("/account/").status_code == 200
    assert actions(staff) == ["account_create", "sign_in", "account_deactivate", "account_reactivate"]


def test_a_new_password_ends_the_sessions(staff: User, admin: User) -> None:
    browser = Client()
    browser.force_login(staff)
    set_password(staff, "another-otter-48", by=admin, at=NOW)
    assert browser.get("/account/")["Location"].startswith("/account/phone/")
    with pytest.raises(AccountError):
        set_password(staff, "short", by=admin, at=NOW)


def test_a_lost_second_factor_is_reset(staff: User, admin: User) -> None:
    Authenticator.objects.create(user=staff, type="totp", data={"secret": "x"})
    reset_second_factor(staff, by=admin, at=NOW, reason="手机丢失")
    assert not Authenticator.objects.exists()
    assert actions(staff) == ["account_create", "second_factor_reset"]


def typed(monkeypatch: pytest.MonkeyPatch, *passwords: str) -> None:
    given = iter(passwords)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(given))


def test_the_command_makes_an_account_with_its_role(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, PASSWORD, PASSWORD)
    call_command("create_staff", "zhao", "赵敏", "DIRECTOR", "AH", "--totp", stdout=StringIO())
    user = User.objects.get(username="zhao")
    assert (user.display_name, user.must_enrol_totp, user.check_password(PASSWORD)) == ("赵敏", True, True)
    assert user.centre_ids(Role.DIRECTOR) == {centre.pk}
    listed = StringIO()
    call_command("list_access", stdout=listed)
    assert listed.getvalue().split("\t")[:3] == ["zhao", "DIRECTOR", "centre AH"]


@pytest.mark.parametrize(
    ("passwords", "place"), [((PASSWORD, "other"), "AH"), (("short", "short"), "AH"), ((PASSWORD, PASSWORD), "XX")]
)
def test_the_command_says_what_is_wrong_and_makes_nothing(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, passwords: tuple[str, ...], place: str
) -> None:
    typed(monkeypatch, *passwords)
    with pytest.raises(CommandError):
        call_command("create_staff", "zhao", "赵敏", "DIRECTOR", place, stdout=StringIO())
    assert not User.objects.exists()
