"""Finding and making accounts of residents."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Centre, Region, User
from accounts.services import centre_for_region, has_other_account, resident_with_phone
from tests.accounts.conftest import NOW

PHONE = "+8613812345678"


def test_a_resident_is_found_by_the_number_they_hold() -> None:
    user = resident_with_phone(PHONE, at=NOW)
    assert resident_with_phone(PHONE, at=NOW) == user
    assert User.objects.count() == 1


def test_an_account_made_by_the_desk_is_theirs_once_they_prove_the_number() -> None:
    user = User(username="by-desk", display_name="张桂兰", opens_by_code=True)
    user.set_phone(PHONE)
    user.set_unusable_password()
    user.save()
    found = resident_with_phone(PHONE, at=NOW)
    assert (found, found.phone_verified) == (user, True)


def test_a_number_on_an_account_with_a_password_opens_an_account_of_its_holders_own(clerk: User) -> None:
    clerk.set_phone(PHONE)
    clerk.phone_verified = True
    clerk.save()
    found = resident_with_phone(PHONE, at=NOW)
    assert (found == clerk, found.opens_by_code, found.phone) == (False, True, PHONE)
    assert resident_with_phone(PHONE, at=NOW) == found
    assert has_other_account(PHONE)


def test_one_number_opens_one_residents_account_only() -> None:
    resident_with_phone(PHONE, at=NOW)
    second = User(username="second", opens_by_code=True)
    second.set_phone(PHONE)
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_tabs_confirming_at_once_make_one_account() -> None:
    found: list[int] = []
    start = threading.Barrier(4)

    def confirm() -> None:
        start.wait()
        found.append(resident_with_phone(PHONE, at=NOW).pk)
        connection.close()

    tabs = [threading.Thread(target=confirm) for _ in range(4)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert (len(found), len(set(found))) == (4, 1)


def test_the_nearest_centre_is_responsible(centre: Centre) -> None:
    hefei = Region.objects.get(code="340100")
    branch = Centre.objects.create(code="AH01", name="合肥", region=hefei, number_prefix="合物调", phone="0551")
    found = [centre_for_region(Region.objects.get(code=code)) for code in ("340104", "340100", "340202", "440402")]
    assert found == [branch, branch, centre, None]
