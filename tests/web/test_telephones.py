"""A party's telephone is corrected in every open state; the old number is told, unread notices go to the new one."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from accounts.models import User
from audit.models import Entry
from cases.choices import Side, Status
from cases.models import Case, Party, ServiceAddress
from cases.passes import claim_cases, issue_pass
from notifications.delivering import deliver_due
from notifications.gateways import GatewayError
from notifications.gateways.memory import MemoryGateway
from notifications.models import CannotReach, Delivery, Kind
from notifications.services import notify
from tests.cast import NOW, World
from tests.journeys import case_in, party
from tests.web.pages import address, browser, send, text_of, traces

pytestmark = pytest.mark.django_db
S = Status
OLD, NEW = "+8613855106612", "+8613900139009"


@pytest.fixture(autouse=True)
def morning(settings: Any) -> Iterator[None]:
    settings.SMS_GATEWAY = "notifications.gateways.memory.MemoryGateway"
    MemoryGateway.clear()
    with time_machine.travel(NOW, tick=False):
        yield
    MemoryGateway.clear()


def correct(case: Case, by: User, **more: Any) -> Any:
    return send(by, case, "do/phone/", {"party": party(case, Side.APPLICANT).pk, "phone": "13900139009"} | more)


def texts_to(phone: str) -> list[str]:
    return [message.text for message in MemoryGateway.outbox if message.to == phone]


@pytest.mark.slow
@pytest.mark.parametrize(
    "status",
    [
        *(S.SUBMITTED, S.RETURNED, S.ANSWERING, S.INVITING, S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED),
        *(S.SIGNING, S.PERFORMING, S.FOLLOWUP, S.CLOSED),
    ],
)
def test_a_number_is_corrected_in_every_open_state(world: World, status: Status) -> None:
    case = case_in(status, world)
    done = correct(case, world.intake, account="KEEP")
    assert done.status_code == 302, text_of(done)
    assert party(case, Side.APPLICANT).phone == NEW
    entry = Entry.objects.get(head__subject_kind="case", head__subject_id=str(case.pk), action="correct_phone")
    assert (entry.actor, NEW[3:] in str(entry.after), OLD[3:] in str(entry.after)) == (world.intake, False, False)


def test_after_the_archive_nothing_is_corrected(world: World) -> None:
    case = case_in(S.ARCHIVED, world)
    before = traces(case)
    answer = browser(world.intake).post(address(case, "do/phone/"), {})
    assert (answer.status_code, traces(case)) == (409, before)


def test_only_whoever_talks_to_the_parties_corrects(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    for name, status in {"archivist": 403, "legal": 403, "company_user": 403, "resident": 403, "stranger": 404}.items():
        assert browser(world.people()[name]).get(address(case, "do/phone/")).status_code == status, name
    assert party(case, Side.APPLICANT).phone == OLD


@pytest.mark.parametrize("phone", ["", "12345", "天上的电话"])
def test_what_is_no_number_changes_nothing(world: World, phone: str) -> None:
    case = case_in(S.MEDIATING, world)
    before = traces(case)
    assert correct(case, world.intake, account="KEEP", phone=phone).status_code == 422
    same = correct(case, world.intake, account="KEEP", phone="13855106612")
    assert (same.status_code, "没有改动" in text_of(same)) == (422, True)
    assert traces(case) == before


def visitor(world: World) -> tuple[Case, User]:
    """A case in mediation whose applicant has a pass and no account."""
    case = case_in(S.MEDIATING, world)
    Party.objects.filter(case=case, side=Side.APPLICANT).update(user=None)
    issue_pass(party(case, Side.APPLICANT), by=world.intake, at=NOW)
    return case, User.objects.get(case_pass__party=party(case, Side.APPLICANT), is_active=True)


def test_the_old_number_is_told_and_what_was_not_read_goes_to_the_new_one(world: World) -> None:
    case, guest = visitor(world)
    Delivery.objects.all().delete()
    notify(
        guest, kind=Kind.SESSION_SCHEDULED, subject=case.subject, url=address(case), at=NOW, number=case.number or ""
    )
    MemoryGateway.failures.append(GatewayError("no_such_number", permanent=True))
    deliver_due(NOW)
    task = CannotReach.objects.get(recipient=guest)
    page = text_of(browser(world.intake).get(f"/desk/unreachable/{task.pk}/"))
    assert f"do/phone/?of={party(case, Side.APPLICANT).pk}" in page
    assert correct(case, world.intake).status_code == 302
    task.refresh_from_db()
    assert (task.how, task.resolved_by) == (CannotReach.How.NEW_NUMBER, world.intake)
    MemoryGateway.clear()
    deliver_due(NOW)
    assert [("换成了别的号码" in text) for text in texts_to(OLD)] == [True]
    assert sorted(("有新进展" in text, "已登记为联系电话" in text) for text in texts_to(NEW)) == [
        (False, True),
        (True, False),
    ]
    assert User.objects.get(pk=guest.pk).phone == NEW


def test_what_waits_to_be_sent_goes_to_the_new_number_at_once(world: World) -> None:
    case, guest = visitor(world)
    Delivery.objects.all().delete()
    notify(guest, kind=Kind.SESSION_SCHEDULED, subject=case.subject, url=address(case), at=NOW)
    correct(case, world.mediator)
    deliver_due(NOW)
    assert not any("调解会" in text for text in texts_to(OLD))
    assert sorted("有新进展" in text for text in texts_to(NEW)) == [False, True]  # nobody has confirmed it yet


def test_a_new_number_that_fails_too_is_a_new_task(world: World) -> None:
    case, guest = visitor(world)
    Delivery.objects.all().delete()
    correct(case, world.intake)
    MemoryGateway.failures += [GatewayError("no_such_number", permanent=True)] * 2
    deliver_due(NOW)
    assert CannotReach.objects.get(recipient=guest).resolved_at is None


def test_consent_to_be_served_at_the_old_number_does_not_hold_for_the_new_one(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    mine = party(case, Side.APPLICANT)
    row = ServiceAddress.objects.create(party=mine, ways=["SITE", "SMS"], how="ONLINE", at=NOW, by=world.resident)
    correct(case, world.intake, account="KEEP")
    row.refresh_from_db()
    assert row.phone_void_at == NOW
    assert "短信送达要重新确认" in text_of(browser(world.intake).get(address(case, "service/")))


def test_a_party_with_an_account_keeps_it_or_comes_in_by_the_new_number(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    asked = correct(case, world.intake)
    assert (asked.status_code, "请选本人还用不用它" in text_of(asked)) == (422, True)
    assert correct(case, world.intake, account="KEEP").status_code == 302
    assert party(case, Side.APPLICANT).user == world.resident
    assert correct(case, world.intake, account="LEAVE", phone="13900139010").status_code == 302
    assert party(case, Side.APPLICANT).user is None
    assert browser(world.resident).get(address(case)).status_code == 404
    fresh = User(username="fresh", opens_by_code=True)
    fresh.set_phone("+8613900139010")
    fresh.phone_verified = True
    fresh.save()
    assert claim_cases(fresh, at=NOW) == [case]
    assert browser(fresh).get(address(case)).status_code == 200


def test_a_companys_number_is_put_down_and_its_contacts_stay_its_way(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    theirs = party(case, Side.RESPONDENT)
    before = Delivery.objects.count()
    done = send(world.mediator, case, "do/phone/", {"party": theirs.pk, "phone": "0551-62340009"})
    assert done.status_code == 302
    theirs.refresh_from_db()
    assert (theirs.phone, Delivery.objects.count()) == ("+8655162340009", before)


def test_before_acceptance_the_form_of_the_parties_does_the_same(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    Party.objects.filter(case=case, side=Side.APPLICANT).update(user=None)
    mine = party(case, Side.APPLICANT)
    issue_pass(mine, by=world.intake, at=NOW)
    Delivery.objects.all().delete()
    given = {"side": "APPLICANT", "kind": "PERSON", "name_typed": "张桂兰", "phone": "13900139009", "relation": "OWNER"}
    client, url = browser(world.intake), address(case, f"do/parties/?of={mine.pk}")
    page = client.get(url)
    sent = {"of": mine.pk, "key": page.context["form"]["key"].value() or ""} | given
    assert client.post(address(case, "do/parties/"), sent).status_code == 302
    deliver_due(NOW)
    assert [("换成了别的号码" in text) for text in texts_to(OLD)] == [True]
    assert any("已登记为联系电话" in text for text in texts_to(NEW))
