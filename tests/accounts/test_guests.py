"""Guests of a case pass."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import Client, RequestFactory

from accounts.errors import NotAllowedError
from accounts.guests import create_guest, sign_in_guest
from accounts.models import User
from tests.accounts.conftest import NOW


def visit(**session: object) -> HttpRequest:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.session.update(session)
    request.session.save()
    request.user = AnonymousUser()
    return request


def test_a_guest_comes_in_for_twelve_hours_under_a_new_session_key(clerk: User) -> None:
    guest = create_guest("张桂兰", by=clerk, at=NOW)
    request = visit(draft="kept")
    before = request.session.session_key
    sign_in_guest(request, guest)
    assert request.user == guest
    assert request.session.session_key != before
    assert request.session.get_expiry_age() == pytest.approx(timedelta(hours=12).total_seconds(), abs=60)
    assert request.session["draft"] == "kept"


def test_a_guest_takes_nothing_over_from_somebody_signed_in_before(clerk: User) -> None:
    guest = create_guest("张桂兰", by=clerk, at=NOW)
    browser = Client()
    browser.force_login(clerk)
    request = visit()
    request.session = browser.session
    request.session["draft"] = "the clerk's"
    sign_in_guest(request, guest)
    assert "draft" not in request.session
    assert request.user == guest


def test_a_guest_has_no_password_and_a_name_that_says_nothing(clerk: User) -> None:
    guest = create_guest("张桂兰", by=clerk, at=NOW)
    assert (guest.is_guest, guest.has_usable_password(), guest.created_by) == (True, False, clerk)
    assert guest.username.startswith("guest-")
    assert len({create_guest("张桂兰", by=clerk, at=NOW).username for _ in range(3)}) == 3


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_guest": False}])
def test_only_a_living_guest_comes_in(clerk: User, change: dict[str, bool]) -> None:
    guest = create_guest("张桂兰", by=clerk, at=NOW)
    User.objects.filter(pk=guest.pk).update(**change)
    guest.refresh_from_db()
    request = visit()
    with pytest.raises(NotAllowedError):
        sign_in_guest(request, guest)
    assert request.user.is_anonymous
