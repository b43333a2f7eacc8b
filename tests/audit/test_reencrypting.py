"""A leaked key is retired: everything under the newest one, beside the living site, and nothing is lost."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts import crypto
from accounts.keys import encrypted_fields, keep_touchstones, opens, raw, wrong_keys
from accounts.models import User
from accounts.services import resident_with_phone
from audit import reencrypting
from audit.models import Entry
from cases.choices import Side
from cases.models import Case, Party
from cases.passes import PassError, issue_pass, use_pass
from tests import journeys
from tests.cast import NOW, World

pytestmark = pytest.mark.django_db
OLD, NEW = "the-old-key-the-old-key-the-old-key", "the-new-key-the-new-key-the-new-key"


@pytest.fixture
def case(world: World, settings: Any) -> Case:
    """A case whose people are encrypted with the key that leaks, a second factor too."""
    settings.FIELD_KEYS = [OLD, *settings.FIELD_KEYS]
    case = journeys.submitted(world)
    mine = journeys.party(case, Side.APPLICANT)
    mine.phone, mine.id_number, mine.address = "+8613812345678", "340102198001011230", "翠湖花园3栋"
    mine.save()
    world.resident.save()
    TOTP.activate(world.director, generate_totp_secret())
    keep_touchstones()
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    return case


def tokens() -> Iterator[str]:
    for model, field in encrypted_fields():
        rows = model._default_manager.exclude(**{field.name: ""}).annotate(token=raw(field))
        yield from rows.values_list("token", flat=True)


def run(*arguments: str) -> str:
    call_command("reencrypt", *arguments, stdout=(said := StringIO()))
    return said.getvalue()


def test_after_it_the_old_keys_can_be_dropped(case: Case, world: World, settings: Any) -> None:
    assert not all(crypto.is_newest(token) for token in tokens())
    said = run()
    assert "Nothing is left under an old key" in said
    assert "cases_party.id_number: 1\n" in said
    settings.FIELD_KEYS = [NEW]
    assert wrong_keys() == []
    assert all(opens(token) for token in tokens())
    mine = Party.objects.get(case=case, side=Side.APPLICANT)
    assert (mine.phone, mine.id_number, mine.address) == ("+8613812345678", "340102198001011230", "翠湖花园3栋")
    secret = Authenticator.objects.get(user=world.director).data["secret"]
    assert opens(secret)
    entry = Entry.objects.get(action="reencrypt")
    assert set(entry.after) == {"rows", "left"}
    assert entry.after["left"] == 0
    assert "cases_party.id_number: 0\n" in run()  # a second time there is nothing to do


def test_what_stands_under_a_lost_key_is_counted_and_left_alone(case: Case, settings: Any) -> None:
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS[2:]]  # without OLD
    with pytest.raises(CommandError, match="values cannot be read"):
        run()
    settings.FIELD_KEYS = [NEW, OLD, *settings.FIELD_KEYS[1:]]
    assert "Nothing is left under an old key" in run()


def test_it_goes_through_more_rows_than_a_batch_and_past_what_changed_meanwhile(
    case: Case, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reencrypting, "BATCH", 1)
    real = reencrypting._swap

    def somebody_was_first(model: Any, column: str, key: Any, before: str, after: str) -> int:
        if model is Party and column == "address":
            Party.objects.filter(pk=key).update(address="搬到了新家")
        return real(model, column, key, before, after)

    monkeypatch.setattr(reencrypting, "_swap", somebody_was_first)
    run()
    settings.FIELD_KEYS = [NEW]
    assert Party.objects.get(case=case, side=Side.APPLICANT).address == "搬到了新家"
    assert all(crypto.is_newest(token) for token in tokens())


def test_a_new_index_key_ends_passes_only_when_told_to(case: Case, world: World, settings: Any) -> None:
    code = issue_pass(journeys.party(case, Side.APPLICANT), by=world.intake, at=NOW)
    old, before = settings.INDEX_KEY, list(User.objects.order_by("pk").values_list("phone_index", flat=True))
    settings.INDEX_KEY = NEW
    with pytest.raises(CommandError, match="没有改动。有 1 件案件的当事人拿着通行码"):
        run("--index")
    assert list(User.objects.order_by("pk").values_list("phone_index", flat=True)) == before
    assert wrong_keys() == ["INDEX_KEY"]

    settings.OLD_INDEX_KEYS = [old]
    assert "Case passes go on opening" in run("--index")
    assert wrong_keys() == []
    assert use_pass(code, at=NOW)[1] == case
    settings.OLD_INDEX_KEYS = []
    assert use_pass(code, at=NOW)[1] == case  # it follows the new key once it was used

    settings.INDEX_KEY = OLD
    assert run("--index", "--end-passes").endswith(f"Issue new passes in these cases: {case.number}\n")
    with pytest.raises(PassError):
        use_pass(code, at=NOW)
    fresh = issue_pass(journeys.party(case, Side.APPLICANT), by=world.intake, at=NOW)
    assert use_pass(fresh, at=NOW)[1] == case


def test_a_new_index_key_finds_the_same_people(case: Case, world: World, settings: Any) -> None:
    phone = world.resident.phone
    settings.INDEX_KEY = NEW
    assert wrong_keys() == ["INDEX_KEY"]
    run("--index")
    assert wrong_keys() == []
    assert resident_with_phone(phone, at=NOW) == world.resident
    assert User.objects.exclude(phone_index=None).count() > 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user WHERE phone_index = %s", [crypto.blind_index(phone)])
        assert cursor.fetchone() == (1,)
