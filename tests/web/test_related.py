"""Which open cases may be the same matter: shown to the desk with the way to merge, and what many households mean."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test import Client

from accounts.errors import NotAllowedError
from accounts.models import User
from cases.choices import Status
from cases.models import Case, Proposal
from cases.related import advice_on, households_of_matter
from cases.services import edit_filing
from tests.cast import NOW, World
from tests.journeys import case_in, draft, submitted
from workflows import filing
from workflows.actions import InputError, perform

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_that_moment() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_desk_sees_the_same_matter_and_merges_it(world: World) -> None:
    lead, second = submitted(world), submitted(world)
    page = signed_in(world.intake).get(f"/cases/{second.number}/related/")
    assert [row["title"].split()[0] for row in page.context["rows"]] == [lead.number]
    assert set(page.context["rows"][0]["reasons"]) == {"同一申请人", "同一小区", "同一类别", "同一对方"}
    form = signed_in(world.intake).get(page.context["rows"][0]["merge_url"])
    assert f'value="{lead.number}"' in form.content.decode()


def test_ended_and_foreign_cases_are_not_related(world: World) -> None:
    ended, here = case_in(Status.CLOSED, world), submitted(world)
    assert ended.pk != here.pk
    page = signed_in(world.intake).get(f"/cases/{here.number}/related/")
    assert page.context["rows"] == []
    assert signed_in(world.other_intake).get(f"/cases/{here.number}/related/").status_code == 404


def test_an_estate_that_nobody_registered_is_one_place_in_whatever_spelling(world: World) -> None:
    unknown = {"estate": None, "by": world.intake}
    here = submitted(world, estate_name="金色池塘（Ⅱ期）", **unknown)
    same = submitted(world, estate_name="金色池塘(二期)", **unknown)
    submitted(world, estate_name="金色池塘（Ⅲ期）", **unknown)
    assert households_of_matter(here, at=NOW) == 2
    page = signed_in(world.intake).get(f"/cases/{here.number}/related/")
    assert [row["title"].split()[0] for row in page.context["rows"] if "同一小区" in row["reasons"]] == [same.number]
    queue = signed_in(world.intake).get("/desk/", {"estate": "池塘 (II期"}).content.decode()
    assert [number in queue for number in (here.number, same.number)] == [True, True]


def test_the_folded_name_follows_its_name_through_every_change(world: World) -> None:
    case = draft(world, estate=None, estate_name="金色池塘（Ⅱ期）")
    assert Case.objects.get(pk=case.pk).estate_key == "金色池塘(2期)"
    edit_filing(case, by=world.resident, at=NOW, estate_name="书香名邸 A区")
    assert Case.objects.get(pk=case.pk).estate_key == "书香名邸a区"
    perform(case, "discard", by=world.resident, at=NOW)
    assert Case.objects.get(pk=case.pk).estate_key == ""


def test_names_from_before_are_folded_in_batches_and_again_where_it_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = import_module("cases.migrations.0016_estate_keys")
    monkeypatch.setattr(migration, "BATCH", 2)
    keys = [draft(world, estate=None, estate_name=name).pk for name in ("甲苑Ⅱ期", "乙苑", "丙苑（A区）", "丁苑", "")]
    Case.objects.exclude(pk=keys[3]).update(estate_key="")
    migration.fold_names(None, SimpleNamespace(connection=connection))
    found = dict(Case.objects.values_list("pk", "estate_key"))
    assert [found[pk] for pk in keys] == ["甲苑2期", "乙苑", "丙苑(a区)", "丁苑", ""]


def test_parties_have_no_such_page(world: World) -> None:
    case = submitted(world)
    assert signed_in(world.resident).get(f"/cases/{case.number}/related/").status_code == 404


def test_many_households_call_for_merging_and_for_the_director(world: World) -> None:
    case = submitted(world)
    assert advice_on(households_of_matter(case, at=NOW)) == ""
    Case.objects.filter(pk=submitted(world).pk).update(households=4)
    assert households_of_matter(case, at=NOW) == 5
    assert "建议并案" in advice_on(5)
    assert "建议并案" not in advice_on(4)
    assert "交主任处理" in advice_on(10)
    Case.objects.exclude(pk=case.pk).update(filed_at=NOW - timedelta(days=30))
    assert households_of_matter(case, at=NOW) == 1  # thirty days ago is another matter


def test_a_duplicate_is_struck_out_by_two_people(world: World) -> None:
    case = submitted(world)
    client = signed_in(world.intake)
    assert client.post(f"/cases/{case.number}/do/propose-void/", {"reason": " ", "key": "k1"}).status_code == 422
    sent = client.post(f"/cases/{case.number}/do/propose-void/", {"reason": "与前一件重复登记", "key": "k2"})
    assert sent.status_code == 302
    waiting = Proposal.objects.get()
    assert (waiting.action, waiting.decision, Case.objects.get().status) == ("void", "WAITING", Status.SUBMITTED)
    with pytest.raises(NotAllowedError):
        filing.approve(waiting, by=world.intake, at=NOW)
    filing.approve(waiting, by=world.director, at=NOW)
    case = Case.objects.get()
    assert (case.status, case.outcome) == (Status.CLOSED, "VOID")


def test_only_intake_proposes_to_strike_out(world: World) -> None:
    case = submitted(world)
    for other in (world.follower, world.archivist, world.legal, world.resident):
        answer = signed_in(other).post(
            f"/cases/{case.number}/do/propose-void/", {"reason": "重复", "key": other.username}
        )
        assert answer.status_code in {403, 404}
    assert not Proposal.objects.exists()


def test_nothing_added_is_not_handed_in_again(world: World) -> None:
    case = perform(submitted(world), "return_for_supplement", by=world.intake, at=NOW, items=["身份证明"])
    with pytest.raises(InputError, match="还没有补上材料"):
        perform(case, "resubmit", by=world.resident, at=NOW)
    assert Case.objects.get().status == Status.RETURNED
    perform(case, "resubmit", by=world.intake, at=NOW)  # the desk took it at the counter
    assert Case.objects.get().status == Status.SUBMITTED
