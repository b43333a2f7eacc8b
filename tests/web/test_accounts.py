"""The administrator's desk: accounts, their roles, a password shown once; and what a centre settles for itself."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Centre, Membership, User
from accounts.roles import Role
from audit.models import Entry
from cases.responsibility import staff_of
from live.topics import may_join
from tests.cast import World
from tests.journeys import case_in
from tests.web.pages import browser
from workflows.telling import people_of

pytestmark = pytest.mark.django_db

NEW = {"username": "wang-intake", "display_name": "王受理", "must_enrol_totp": "on"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(world.sysadmin)


def role_in(world: World, role: str = Role.INTAKE, **more: str) -> dict[str, str]:
    return {"role": role, "centre": str(world.centre.pk), "place": "", **more}


@pytest.mark.parametrize("page", ["/desk/accounts/", "/desk/accounts/new/"])
def test_only_the_administrator_finds_the_accounts(world: World, page: str) -> None:
    for name, user in world.people().items():
        status = signed_in(user).get(page).status_code
        assert (name, status) == (name, 200 if name == "sysadmin" else 404)


def test_an_account_is_made_and_its_password_shown_once(world: World, admin: Client) -> None:
    made = admin.post("/desk/accounts/new/", NEW | role_in(world))
    user = User.objects.get(username="wang-intake")
    password = made.context["password"]
    assert user.check_password(password)
    assert user.roles() == {Role.INTAKE}
    assert password not in admin.get(f"/desk/accounts/{user.pk}/").content.decode()
    assert password not in str(list(Entry.objects.values_list("after", flat=True)))
    again = admin.post("/desk/accounts/new/", NEW | role_in(world))
    assert (again.status_code, "已有人用" in again.content.decode()) == (422, True)


def test_a_bad_place_keeps_what_was_typed_and_makes_nothing(world: World, admin: Client) -> None:
    before = User.objects.count()
    given = NEW | role_in(world, Role.COMPANY_USER, place="没有这家公司")
    refused = admin.post("/desk/accounts/new/", given)
    text = refused.content.decode()
    assert (refused.status_code, "找不到这个单位或地区" in text, "王受理" in text) == (422, True, True)
    assert User.objects.count() == before
    elsewhere = role_in(world, Role.REGULATOR, place="440400")
    assert admin.post("/desk/accounts/new/", NEW | elsewhere).status_code == 422
    foreign = role_in(world) | {"centre": str(world.other_centre.pk)}
    assert admin.post("/desk/accounts/new/", NEW | foreign).status_code == 422


def test_roles_begin_and_end(world: World, admin: Client) -> None:
    url = f"/desk/accounts/{world.legal.pk}/"
    assert admin.post(f"{url}grant/", role_in(world, Role.FOLLOWER)).status_code == 302
    assert User.objects.get(pk=world.legal.pk).roles() == {Role.LEGAL, Role.FOLLOWER}
    row = Membership.objects.get(user=world.legal, role=Role.FOLLOWER)
    assert admin.post(f"{url}end/{row.pk}/").status_code == 302
    found = User.objects.get(pk=world.legal.pk)
    row.refresh_from_db()
    assert row.until is not None
    assert Role.LEGAL in found.roles()
    own = Membership.objects.get(user=world.sysadmin)
    admin.post(f"/desk/accounts/{world.sysadmin.pk}/end/{own.pk}/")
    own.refresh_from_db()
    assert own.until is None  # nobody locks everybody out


def test_a_role_granted_today_ends_today_and_at_once(world: World, admin: Client) -> None:
    url = f"/desk/accounts/{world.legal.pk}/"
    admin.post(f"{url}grant/", role_in(world, Role.ARCHIVIST))
    browsing = signed_in(world.legal)
    assert browsing.get("/desk/archive/").status_code == 200
    row = Membership.objects.get(user=world.legal, role=Role.ARCHIVIST)
    assert admin.post(f"{url}end/{row.pk}/").status_code == 302
    assert browsing.get("/desk/archive/").status_code == 404
    assert "已结束" in admin.get(url).content.decode()
    assert "/desk/archive/" not in browsing.get("/desk/").content.decode()
    admin.post(f"{url}grant/", role_in(world, Role.ARCHIVIST))  # and can begin again on the same day
    assert browsing.get("/desk/archive/").status_code == 200


def test_whoever_was_ended_today_is_given_and_told_nothing_more(world: World, admin: Client) -> None:
    case = case_in("MEDIATING", world)
    before = (staff_of(case, Role.INTAKE), [user.pk for user in people_of(case, "RESPONDENT")])
    assert before == ([world.intake, world.second_intake], [world.company_user.pk])
    followed = f"centre:{world.centre.pk}"
    assert may_join(world.intake, followed) is not None
    for user in (world.intake, world.company_user):
        row = Membership.objects.get(user=user)
        given = {"sure": "1", "to_handled": str(world.second_intake.pk)}  # the case that the intake clerk handles
        assert admin.post(f"/desk/accounts/{user.pk}/end/{row.pk}/", given).status_code == 302
    assert (staff_of(case, Role.INTAKE), people_of(case, "RESPONDENT")) == ([world.second_intake], [])
    assert may_join(User.objects.get(pk=world.intake.pk), followed) is None
    out = StringIO()
    call_command("list_access", stdout=out)
    names = {line.split("\t")[0] for line in out.getvalue().splitlines()}
    assert names & {"intake", "company-user", "second-intake"} == {"second-intake"}


@pytest.mark.parametrize("read_ahead", [False, True])
def test_a_role_holds_from_its_first_day_to_the_day_before_its_end(world: World, read_ahead: bool) -> None:
    today = date.today()
    for until, holds in [
        (None, True),
        (today + timedelta(days=1), True),
        (today, False),
        (today - timedelta(1), False),
    ]:
        world.legal.memberships.update(until=until)
        people = User.objects.prefetch_related("memberships") if read_ahead else User.objects
        assert (until, Role.LEGAL in people.get(pk=world.legal.pk).roles()) == (until, holds)
    world.legal.memberships.update(from_date=today + timedelta(days=1), until=None)
    assert User.objects.get(pk=world.legal.pk).roles() == set()


def test_an_account_is_closed_with_a_reason_and_opened_again(world: World, admin: Client) -> None:
    url = f"/desk/accounts/{world.legal.pk}/"
    assert admin.post(f"{url}close/", {"reason": " "}).status_code == 422
    assert admin.post(f"{url}close/", {"reason": "离职"}).status_code == 302
    assert not User.objects.get(pk=world.legal.pk).is_active
    assert admin.post(f"{url}reopen/", {"reason": "返聘"}).status_code == 302
    assert User.objects.get(pk=world.legal.pk).is_active
    shown = admin.post(f"{url}password/")
    assert User.objects.get(pk=world.legal.pk).check_password(shown.context["password"])


def test_residents_and_other_centres_accounts_are_not_found(world: World, admin: Client) -> None:
    for user in (world.resident, world.other_intake, world.stranger):
        assert admin.get(f"/desk/accounts/{user.pk}/").status_code == 404
        assert admin.post(f"/desk/accounts/{user.pk}/close/", {"reason": "无"}).status_code == 404


def test_nobody_else_changes_an_account(world: World) -> None:
    for user in (world.director, world.intake, world.regulator, world.company_user, world.resident):
        client = signed_in(user)
        assert client.post(f"/desk/accounts/{world.legal.pk}/close/", {"reason": "无"}).status_code == 404
        assert client.post("/desk/accounts/new/", NEW | role_in(world)).status_code == 404
    assert User.objects.get(pk=world.legal.pk).is_active


# --- what a centre settles ------------------------------------------------------------------------------------


def settled(centre: Centre, **more: object) -> dict[str, object]:
    return {
        "phone": centre.phone,
        "address": centre.address,
        "name": centre.name,
        "number_prefix": centre.number_prefix,
        "opening_hours": centre.opening_hours,
        "workload_limit": centre.workload_limit,
        "offer_limit": centre.offer_limit,
        "legal_check_amount": centre.legal_check_amount,
        **more,
    }


def test_the_director_settles_the_days_of_a_clock_but_not_what_the_law_fixes(world: World) -> None:
    client = signed_in(world.director)
    page = client.get("/desk/centre/").content.decode()
    assert 'name="clock_K1"' in page
    assert 'name="clock_K9"' not in page
    sent = client.post("/desk/centre/", settled(world.centre, clock_K1=3, clock_K9=90, legal_check_amount="50000"))
    assert sent.status_code == 302
    centre = Centre.objects.get(pk=world.centre.pk)
    assert (centre.clock_days, centre.legal_check_amount) == ({"K1": 3}, Decimal(50000))
    entry = Entry.objects.filter(action="settle").get()
    assert entry.after == {"clock_days": {"K1": 3}, "legal_check_amount": "50000"}


def test_a_centre_signs_its_messages_with_its_own_name(world: World) -> None:
    client = signed_in(world.director)
    assert client.post("/desk/centre/", settled(world.centre, sms_signature="【合肥物调】")).status_code == 302
    assert Centre.objects.get(pk=world.centre.pk).sms_signature == "合肥物调"
    entry = Entry.objects.filter(action="settle").get()
    assert (entry.before, entry.after) == ({"sms_signature": ""}, {"sms_signature": "合肥物调"})
    assert 'value="合肥物调"' in client.get("/desk/centre/").content.decode()
    for wrong in ("调", "合肥 物调", "合肥【物调", "物" * 21):
        assert client.post("/desk/centre/", settled(world.centre, sms_signature=wrong)).status_code == 422
    assert Centre.objects.get(pk=world.centre.pk).sms_signature == "合肥物调"


def test_a_wrong_number_is_refused_in_a_sentence(world: World) -> None:
    client = signed_in(world.director)
    for wrong in ({"clock_K1": 0}, {"clock_K1": "三"}, {"workload_limit": -1}, {"legal_check_amount": "很多"}):
        assert client.post("/desk/centre/", settled(world.centre, **wrong)).status_code == 422
    assert Centre.objects.get(pk=world.centre.pk).clock_days == {}


def test_nobody_else_settles_and_no_other_centre(world: World) -> None:
    for name, user in world.people().items():
        may = name in {"director", "second_director", "sysadmin"}
        assert (name, signed_in(user).get("/desk/centre/").status_code) == (name, 200 if may else 404)
    foreign = f"/desk/centre/{world.other_centre.code}/"
    assert signed_in(world.director).post(foreign, settled(world.other_centre, phone="1")).status_code == 404


def test_the_administrator_registers_who_keeps_the_seal(world: World) -> None:
    row = world.director.memberships.get()
    url = f"/desk/accounts/{world.director.pk}/seal/{row.pk}/"
    for user in (world.director, world.intake, world.resident):
        assert browser(user).post(url, {"keep": "1"}).status_code in {403, 404}
    row.refresh_from_db()
    assert not row.holds_seal
    admin = browser(world.sysadmin)
    for data, holds in [({"keep": "1"}, True), ({}, False)]:
        assert admin.post(url, data).status_code == 302
        row.refresh_from_db()
        assert row.holds_seal is holds
    mediators = world.mediator.memberships.get()
    assert admin.post(f"/desk/accounts/{world.mediator.pk}/seal/{mediators.pk}/", {"keep": "1"}).status_code == 404
