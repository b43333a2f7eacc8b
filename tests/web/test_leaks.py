"""Nothing private gets out: canaries in every private place, every exit of the site walked as everybody."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import User
from accounts.roles import PARTY_ROLES, Role
from audit.models import Entry
from cases import evidence, room_files, rooms
from cases.models import Case, Evidence, Message, Room, RoomEntry, RoomFile
from live.topics import joinable
from notifications.delivering import deliver_due
from notifications.gateways.memory import MemoryGateway
from notifications.models import Notice
from tests.cast import NOW, World, later
from tests.web import leaks
from tests.web.leaks import OWN_A, OWN_B, VIEWERS, A, B, Scene
from web.case.case_file import CaseFile
from workflows.actions import perform
from workflows.room_news import tell_room_news

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SEARCHED = ("/desk/", "/company/", "/my/", "/region/cases/", "/members/companies/", "/desk/archive/")
# Who also sends an all but empty form to every address of the case.
SENDING = {"company_user", "resident", "director", "intake", "mediator", "regulator", "stranger"}
SEEN_BY_NOBODY = {"withdrawn"}
SEEN: dict[str, leaks.Walk] = {}  # the walks through the untouched scene, so that none is walked twice
IN_ROOMS = {
    "joint room", "caucus of the applicant", "mediator in that caucus", "caucus of the respondent",
    "name of a caucus file, A", "bytes of a caucus file, A", "name of a caucus file, B", "bytes of a caucus file, B",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _at_now(settings: Any) -> Iterator[None]:
    settings.DEMO = False  # the list of its accounts is for whoever tries it out
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def scene(world: World) -> Scene:
    return leaks.make_scene(world)


@pytest.fixture(scope="module", autouse=True)
def _forget() -> Iterator[None]:
    """Another scene has other keys: what was seen of this one is no use for it."""
    yield
    SEEN.clear()


def walked(scene: Scene, viewer: str) -> leaks.Walk:
    """The walk of this person through the scene as it was made."""
    if viewer not in SEEN:
        SEEN[viewer] = leaks.walk(scene, viewer)
    return SEEN[viewer]


def test_every_address_can_be_filled() -> None:
    assert leaks.unfilled() == []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_nobody_finds_what_is_not_theirs_anywhere(
    scene: Scene, viewer: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    SEEN[viewer] = leaks.walk(scene, viewer)
    found = SEEN[viewer].found
    if viewer in SENDING:
        found = found + leaks.walk(scene, viewer, post=True).found
    assert leaks.leaks(scene, found) == []
    logged = caplog.text + "".join(capfd.readouterr())
    assert [str(find) for find in leaks.look(scene.canaries, viewer, "log", logged)] == []


def test_everything_is_found_where_it_may_be_found(scene: Scene) -> None:
    """The walk can see: each canary turns up for its own people."""
    found = {(find.canary, viewer) for viewer in ("resident", "company_user", "mediator", "intake", "neighbour")
             for find in walked(scene, viewer).found}  # fmt: skip
    readers = {canary.name: canary.readers for canary in scene.canaries}
    unseen = SEEN_BY_NOBODY | {"identity", "agent's phone"}  # masked on every page, shown by a step that is journalled
    assert {name for name, _viewer in found} >= set(readers) - unseen
    for name in IN_ROOMS:
        assert {viewer for canary, viewer in found if canary == name} == readers[name] - {"guest", "agent"}, name


# --- a deliberate hole is found ---


def open_every_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Room, "roles_of", lambda room, user: room.case.roles_of(user) & (PARTY_ROLES | {Role.MEDIATOR}))


def show_every_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CaseFile, "readable_messages", lambda file: Message.objects.filter(case=file.case))


def show_all_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(case: Case, viewer: User) -> list[Evidence]:
        return list(case.evidence.select_related("party"))

    monkeypatch.setattr(evidence, "visible_evidence", everything)
    monkeypatch.setattr("web.case.matter.evidence.visible_evidence", everything)


HOLES = {
    open_every_room: {"caucus of the applicant", "mediator in that caucus", "name of a caucus file, A"},
    show_every_message: {"note", "applicant to centre"},
    show_all_evidence: {"name of evidence kept back", "bytes of evidence kept back"},
}


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.__name__)
def test_a_deliberate_hole_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch, hole: Any) -> None:
    hole(monkeypatch)
    found = leaks.leaks(scene, leaks.walk(scene, "company_user").found)
    assert {line.split(" → ")[0] for line in found} >= HOLES[hole]


# --- not even that something happened ---


def stir(scene: Scene) -> None:
    """Everything that can happen in the applicant's caucus, and the clock after it."""
    case, world = scene.case, scene.world
    for n in range(3):
        rooms.post(case, A, body=f"又说了一句{n}", by=world.resident, at=NOW)
    rooms.withdraw(rooms.post(case, A, body="收回", by=world.resident, at=NOW), by=world.resident, at=NOW)
    room_files.show(case, A, leaks.pdf("又一份", "又一份.pdf"), by=world.resident, at=NOW)
    rooms.post(case, A, body="我来想办法", by=world.mediator, at=NOW)
    tell_room_news(later(hours=2))


@pytest.mark.parametrize(
    "viewer",
    ["company_user", "director", "intake", "legal", "follower", "archivist", "supervisor", "regulator", "sysadmin"],
)
def test_what_happens_in_a_caucus_changes_nothing_that_others_see(scene: Scene, viewer: str) -> None:
    """Not a count, not an order, not a version, not a gap in numbers: every page stays the same to the letter."""
    before = walked(scene, viewer).answers
    stir(scene)
    after = leaks.walk(scene, viewer, asked=list(before)).answers
    assert [address for address, answer in before.items() if after[address] != answer] == []


# --- the other ways out ---


@pytest.mark.parametrize("viewer", ["company_user", "director", "intake", "regulator", "mediator", "resident"])
def test_searching_for_a_word_of_a_room_finds_no_case(scene: Scene, viewer: str) -> None:
    client = scene.client(viewer)
    nothing = "查无此词"
    for place in (
        "/desk/",
        "/company/",
        "/my/",
        "/region/cases/",
        "/members/companies/",
        "/desk/archive/",
        "/desk/follow-up/",
    ):
        expected = client.get(place, {"q": nothing})
        for canary in scene.canaries:
            if canary.name in {"confidential applicant", "informer"}:
                continue  # staff find cases by the names of their parties
            answer = client.get(place, {"q": canary.words[0]})
            assert answer.status_code == expected.status_code
            numbers = {case.number for case in scene.cases if case.number}
            assert {n for n in numbers if n in answer.content.decode()} == {
                n for n in numbers if n in expected.content.decode()
            }, (place, canary.name)


def test_notices_and_what_is_sent_say_nothing(scene: Scene, settings: Any) -> None:
    settings.SMS_GATEWAY = "notifications.gateways.memory.MemoryGateway"
    MemoryGateway.clear()
    stir(scene)
    deliver_due(later(2))
    sent = [message.text + message.subject for message in MemoryGateway.outbox]
    told = [f"{notice.get_kind_display()} {notice.url} {notice.params}" for notice in Notice.objects.all()]
    assert sent
    assert list(leaks.look(scene.canaries, "anybody", "notice", "\n".join(sent + told))) == []
    about = Notice.objects.filter(url__contains="/room/applicant/").values_list("recipient", flat=True)
    inside = {user.pk for name, user in scene.people.items() if user and name in OWN_A | {"mediator"}}
    assert set(about)
    assert set(about) <= inside


def test_the_journal_keeps_no_words_and_the_case_not_that_they_were_said(scene: Scene) -> None:
    def of_the_case() -> int:
        return Entry.objects.filter(head__subject_kind="case", head__subject_id=str(scene.case.pk)).count()

    before = of_the_case()
    stir(scene)
    assert of_the_case() == before
    kept = "\n".join(f"{e.action} {e.before} {e.after} {e.reason} {e.actor_label}" for e in Entry.objects.all())
    in_rooms = [canary for canary in scene.canaries if canary.name in IN_ROOMS | SEEN_BY_NOBODY | {"note"}]
    assert list(leaks.look(in_rooms, "journal", "journal", kept)) == []


def test_each_room_is_followed_by_those_inside_alone(scene: Scene) -> None:
    for room in Room.objects.filter(case=scene.case):
        inside = {"": OWN_A | OWN_B, A: OWN_A, B: OWN_B}[room.side] | {"mediator"}
        follow = {
            name for name, user in scene.people.items()
            if user and room.topic in joinable(User.objects.get(pk=user.pk), [room.topic])
        }  # fmt: skip
        assert follow == inside, room


def test_a_file_of_a_room_is_given_to_nobody_under_another_address(scene: Scene) -> None:
    """Neither in another room nor as evidence, by its key or its number."""
    entry = RoomFile.objects.get(name="金丝雀甲件4410.pdf").entry
    client = scene.client("company_user")
    for room in ("joint", "applicant", "respondent", "third-party"):
        assert client.get(f"/cases/{scene.case.number}/room/{room}/file/{entry.key}/").status_code == 404
    for n in range(12):
        answer = client.get(f"/cases/{scene.case.number}/evidence/{n}/")
        assert b"canary-bytes-4411" not in answer.content


# --- later on ---


def test_a_replaced_mediator_finds_nothing_and_the_next_one_no_earlier_caucus(scene: Scene) -> None:
    world = scene.world
    case = perform(
        scene.case, "reassign", by=world.director, at=NOW, mediator=world.second_mediator, reason="生病", on_paper=True
    )
    scene.case = Case.objects.get(pk=case.pk)
    moved = {"mediator": "second_mediator"}
    caucuses = IN_ROOMS - {"joint room"}
    scene.canaries = [
        leaks.Canary(
            c.name, c.words,
            c.readers - {"mediator"} if c.name in caucuses else frozenset(moved.get(r, r) for r in c.readers),
        )
        for c in scene.canaries
        if not c.name.startswith("sealed")
    ]  # fmt: skip
    for viewer in ("mediator", "second_mediator", "company_user", "director"):
        assert leaks.leaks(scene, leaks.walk(scene, viewer).found) == []


def test_what_was_withdrawn_is_shown_to_nobody_any_more(scene: Scene) -> None:
    entry = RoomEntry.objects.get(body__contains="金丝雀甲室4402")
    rooms.withdraw(entry, by=scene.world.resident, at=NOW + timedelta(minutes=1))
    gone = [canary for canary in scene.canaries if canary.name == "caucus of the applicant"]
    for viewer in ("resident", "mediator", "company_user"):
        client = scene.client(viewer)
        for address in (a for a in leaks.addresses(scene) if "/room/" in a):
            _status, text = leaks.visit(scene, viewer, client, address)
            assert list(leaks.look(gone, viewer, address, text)) == []
