"""What stops a start: keys that are not those of the database, and the demo's published password in production."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from accounts.keys import WrongKeyError, keep_touchstones, wrong_keys
from accounts.models import Touchstone, User
from accounts.roles import Role
from audit.models import Entry
from config import checks
from config.management.commands import worker
from config.management.commands.prepare import keep_touchstones_or_refuse
from config.starting import reasons_not_to_start, refuse_to_start
from demo.leaving import USERNAMES, open_demo_accounts
from demo.world import PASSWORD
from tests.cast import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(world: World) -> World:
    """A database that knows its keys."""
    keep_touchstones()
    return world


def health(client: Client) -> Any:
    return client.get("/healthz").json()["keys"]


def test_the_right_keys_are_said_to_be_right(kept: World, client: Client) -> None:
    assert (wrong_keys(), reasons_not_to_start()) == ([], [])
    assert health(client) == {"ok": True, "wrong": []}
    keep_touchstones()
    assert Touchstone.objects.count() == 2
    call_command("check_keys", stdout=(said := StringIO()))
    assert "The keys are those of this database" in said.getvalue()


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("FIELD_KEYS", ["another-key-another-key-another-key"], "FIELD_KEYS 不是这个数据库的密钥"),
        ("INDEX_KEY", "another-key-another-key-another-key", "INDEX_KEY 不是这个数据库的密钥"),
    ],
)
def test_a_wrong_key_stops_every_start_and_is_named(
    kept: World, client: Client, settings: Any, setting: str, value: Any, sentence: str
) -> None:
    setattr(settings, setting, value)
    assert wrong_keys() == [setting]
    assert health(client) == {"ok": False, "wrong": [setting]}
    for start in (keep_touchstones_or_refuse, lambda: call_command("check_keys")):
        with pytest.raises(CommandError, match=sentence):
            start()
    for serve in (refuse_to_start, lambda: worker.Command().handle(once=True)):
        with pytest.raises(SystemExit, match=sentence):
            serve()
    assert [error.id for error in checks.the_site_may_start(None, databases=["default"])] == ["tiaochu.E004"]
    assert checks.the_site_may_start(None, databases=None) == []


def test_a_new_key_in_front_of_the_old_ones_is_right(kept: World, settings: Any) -> None:
    settings.FIELD_KEYS = ["a-new-key-a-new-key-a-new-key-a-new", *settings.FIELD_KEYS]
    assert wrong_keys() == []


def test_a_database_from_before_is_asked_itself_before_anything_is_kept(world: World, settings: Any) -> None:
    right = settings.FIELD_KEYS, settings.INDEX_KEY
    settings.FIELD_KEYS = ["another-key-another-key-another-key"]
    with pytest.raises(WrongKeyError, match="FIELD_KEYS"):
        keep_touchstones()
    settings.FIELD_KEYS, settings.INDEX_KEY = right[0], "another-key-another-key-another-key"
    with pytest.raises(WrongKeyError, match="INDEX_KEY"):
        keep_touchstones()
    assert not Touchstone.objects.exists()
    settings.INDEX_KEY = right[1]
    keep_touchstones()
    assert Touchstone.objects.count() == 2


# --- the demo in production -----------------------------------------------------------------------------------


@pytest.fixture
def demo(world: World) -> World:
    """Two of the demo's accounts among real people; one of the demo has a password of its own by now."""
    for name, password in (("director", PASSWORD), ("company2", PASSWORD), ("legal", "quite-another-2026")):
        user, _new = User.objects.get_or_create(username=name)
        User.objects.filter(pk=user.pk).update(password=make_password(password), is_active=True)
    return world


def test_a_demo_in_production_is_not_served_until_it_is_removed(demo: World, settings: Any, client: Client) -> None:
    assert (open_demo_accounts(), reasons_not_to_start()) == (["company2", "director"], [])
    settings.PRODUCTION = True
    with pytest.raises(SystemExit, match=r"company2, director.*remove_demo"):
        refuse_to_start()
    with pytest.raises(CommandError, match="演示账号"):
        keep_touchstones_or_refuse()
    call_command("remove_demo", stdout=(said := StringIO()))
    assert "2 demo accounts are closed" in said.getvalue()
    refuse_to_start()
    keep_touchstones_or_refuse()
    for name in ("company2", "director"):
        user = User.objects.get(username=name)
        assert (user.is_active, user.has_usable_password(), user.roles()) == (False, False, frozenset())
        assert Entry.objects.filter(head__subject_kind="account", head__subject_id=str(user.pk)).exists()
    assert User.objects.get(username="legal").is_active
    assert not client.login(username="director", password=PASSWORD)
    call_command("remove_demo", stdout=(said := StringIO()))
    assert "There are no demo accounts" in said.getvalue()


def test_the_names_are_those_that_the_demo_makes() -> None:
    from demo.world import make_place

    made = make_place(at=timezone.now()).people
    assert set(made) == USERNAMES
    assert set(open_demo_accounts()) == USERNAMES
    assert made["sysadmin"].roles() == {Role.SYSADMIN}
