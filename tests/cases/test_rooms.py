"""The rooms: who enters, what is said, what stays, and that nobody outside notices anything."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.errors import ConflictError, NotAllowedError
from accounts.models import User
from audit.models import Entry
from cases import room_files, rooms, services
from cases.choices import PartyKind, Side, Status
from cases.evidence import add_evidence, visible_evidence
from cases.models import JOINT, Case, Message, Room, RoomEntry, RoomFile
from cases.passes import issue_pass
from cases.rooms import RoomError
from notifications.models import Notice
from tests.cast import NOW, TODAY, World, later
from tests.files import photo
from tests.journeys import case_in, party
from workflows.actions import perform
from workflows.room_news import tell_room_news

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

A, B = Side.APPLICANT, Side.RESPONDENT
OUTSIDE = {
    *("intake", "second_intake", "director", "second_director", "legal", "follower", "archivist", "supervisor"),
    *("integrity", "sysadmin", "regulator", "other_regulator", "second_mediator", "neighbour", "competitor_user"),
    *("stranger", "committee_user", "other_intake"),
}


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.MEDIATING, world)


def fresh(case: Case) -> Case:
    return Case.objects.select_related("centre").prefetch_related("parties__passes", "parties__agents").get(pk=case.pk)


def doors(case: Case, user: User) -> list[str]:
    return [chamber.side for chamber in rooms.chambers(fresh(case), User.objects.get(pk=user.pk))]


def heard(case: Case, user: User, side: str) -> list[str]:
    """Everything that this person reads behind one door."""
    for chamber in rooms.chambers(fresh(case), User.objects.get(pk=user.pk)):
        if chamber.side == side:
            return [entry.body for entry in rooms.stream(chamber.rooms)[0]]
    return []


def say(case: Case, side: str, body: str, by: User, **more: Any) -> RoomEntry:
    return rooms.post(case, side, body=body, by=by, at=more.pop("at", NOW), **more)


# --- who enters ---


def test_each_side_finds_the_joint_room_and_its_own_and_the_mediator_all(world: World, case: Case) -> None:
    assert doors(case, world.resident) == [JOINT, A]
    assert doors(case, world.company_user) == [JOINT, B]
    assert doors(case, world.mediator) == [JOINT, A, B]


def test_nobody_else_finds_any_door(world: World, case: Case) -> None:
    people = world.people()
    assert {name for name, user in people.items() if doors(case, user)} == set(people) - OUTSIDE
    for name in OUTSIDE:
        for side in (JOINT, A, B):
            with pytest.raises(NotAllowedError):
                say(case, side, "让我进来", people[name])
    assert not RoomEntry.objects.exists()


@pytest.mark.parametrize(("who", "side"), [("resident", B), ("company_user", A), ("mediator", Side.THIRD_PARTY)])
def test_nobody_speaks_in_a_caucus_of_others(world: World, case: Case, who: str, side: str) -> None:
    with pytest.raises(NotAllowedError):
        say(case, side, "我能进来吗", getattr(world, who))


def test_what_is_said_is_read_in_its_room_alone(world: World, case: Case) -> None:
    say(case, JOINT, "大家好", world.mediator)
    say(case, A, "最低一万", world.resident)
    say(case, B, "最多两万", world.company_user)
    assert heard(case, world.resident, JOINT) == heard(case, world.company_user, JOINT) == ["大家好"]
    assert (heard(case, world.resident, A), heard(case, world.resident, B)) == (["最低一万"], [])
    assert (heard(case, world.company_user, A), heard(case, world.company_user, B)) == ([], ["最多两万"])
    assert (heard(case, world.mediator, A), heard(case, world.mediator, B)) == (["最低一万"], ["最多两万"])


def test_a_guest_with_a_pass_enters_the_rooms_of_the_own_side(world: World, case: Case) -> None:
    issue_pass(party(case, A), by=world.intake, at=NOW)
    guest = User.objects.get(case_pass__party__case=case)
    assert doors(case, guest) == [JOINT, A]
    say(case, A, "我没有账号", guest)
    assert heard(case, world.company_user, A) == []


def test_parties_of_one_side_share_their_room(world: World, case: Case) -> None:
    case.parties.create(side=A, kind=PartyKind.PERSON, name="王建国", user=world.neighbour)
    say(case, A, "我们商量好了", world.resident)
    assert heard(case, world.neighbour, A) == ["我们商量好了"]


def test_whoever_leaves_the_case_hears_nothing_more(world: World, case: Case) -> None:
    say(case, A, "还在", world.resident)
    case.parties.filter(side=A).update(left_at=NOW)
    assert doors(case, world.resident) == []


# --- when ---


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.INVITING, Status.ACCEPTED, Status.ASSIGNED])
def test_there_is_no_room_before_mediation_begins(world: World, status: Status) -> None:
    case = case_in(status, world)
    assert [doors(case, user) for user in (world.resident, world.company_user, world.mediator)] == [[], [], []]
    with pytest.raises((RoomError, NotAllowedError)):
        say(case, JOINT, "有人吗", world.resident)
    assert not Room.objects.exists() or not RoomEntry.objects.exists()


def test_after_mediation_rooms_are_read_until_the_case_is_archived(world: World, case: Case) -> None:
    from tests import journeys

    say(case, A, "最低一万", world.resident)
    for status, step in journeys.MAIN[4:]:
        case = step(case, world, NOW)
        if status == Status.ARCHIVED:
            break
        assert heard(case, world.resident, A) == heard(case, world.mediator, A) == ["最低一万"]
        with pytest.raises(RoomError):
            say(case, A, "再说一句", world.resident)
    assert case.status == Status.ARCHIVED
    assert doors(case, world.resident) == doors(case, world.mediator) == []


# --- another mediator ---


def replaced(case: Case, world: World) -> Case:
    case = perform(
        case, "reassign", by=world.director, at=NOW, mediator=world.second_mediator, reason="生病", on_paper=True
    )
    new = {"rights_told": True, "identities_checked": True}
    return perform(case, "start_mediation", by=world.second_mediator, at=NOW, **new)


def test_a_replaced_mediator_sees_nothing_and_the_next_one_only_what_all_said(world: World, case: Case) -> None:
    say(case, JOINT, "大家好", world.mediator)
    say(case, A, "最低一万", world.resident)
    case = replaced(case, world)
    assert doors(case, world.mediator) == []
    assert heard(case, world.second_mediator, JOINT) == ["大家好"]
    assert heard(case, world.second_mediator, A) == []
    say(case, A, "您好", world.resident)
    assert heard(case, world.second_mediator, A) == ["您好"]
    assert heard(case, world.resident, A) == ["最低一万", "您好"]
    with pytest.raises(NotAllowedError):
        say(case, A, "我还想说", world.mediator)


def test_the_side_alone_decides_whether_the_next_mediator_reads_it(world: World, case: Case) -> None:
    say(case, A, "最低一万", world.resident)
    say(case, B, "最多两万", world.company_user)
    old = Room.objects.get(case=case, side=A)
    case = replaced(case, world)
    for who in ("company_user", "second_mediator", "mediator", "director"):
        with pytest.raises(NotAllowedError):
            rooms.hand_over(old, by=getattr(world, who), at=NOW)
    rooms.hand_over(old, by=world.resident, at=NOW)
    rooms.hand_over(old, by=world.resident, at=NOW)
    assert heard(case, world.second_mediator, A) == ["最低一万", ""]
    assert heard(case, world.second_mediator, B) == []
    assert heard(case, world.mediator, A) == []


def test_a_challenged_mediator_is_outside_until_it_is_decided(world: World, case: Case) -> None:
    say(case, A, "最低一万", world.resident)
    Case.objects.filter(pk=case.pk).update(shut_out=[world.mediator.pk])
    assert doors(case, world.mediator) == []
    with pytest.raises(NotAllowedError):
        say(case, JOINT, "我还想说", world.mediator)
    assert heard(case, world.resident, A) == ["最低一万"]


# --- what stays ---


def test_the_same_key_is_said_once_and_somebody_elses_key_is_refused(world: World, case: Case) -> None:
    key = uuid.uuid4()
    assert say(case, A, "一次", world.resident, key=key) == say(case, A, "一次", world.resident, key=key)
    with pytest.raises(ConflictError):
        say(case, A, "冒充", world.mediator, key=key)
    assert heard(case, world.resident, A) == ["一次"]


@pytest.mark.parametrize("body", ["", " \n ", "字" * 5001])
def test_nothing_and_too_much_are_refused(world: World, case: Case, body: str) -> None:
    with pytest.raises(RoomError):
        say(case, JOINT, body, world.resident)


def test_only_the_author_withdraws_and_the_mark_stays(world: World, case: Case) -> None:
    entry = say(case, A, "说错了", world.resident)
    with pytest.raises(RoomError):
        rooms.withdraw(entry, by=world.mediator, at=NOW)
    with pytest.raises(NotAllowedError):
        rooms.withdraw(entry, by=world.company_user, at=NOW)
    rooms.withdraw(entry, by=world.resident, at=NOW)
    rooms.withdraw(entry, by=world.resident, at=later(1))
    entry.refresh_from_db()
    assert entry.withdrawn_at == NOW


@pytest.mark.parametrize("change", [{"body": "另一句话"}, {"author_id": None}, {"at": later(1)}, {"kind": "FILE"}])
def test_the_database_refuses_to_edit_what_was_said(world: World, case: Case, change: dict[str, Any]) -> None:
    entry = say(case, A, "原话", world.resident)
    with pytest.raises(DatabaseError), transaction.atomic():
        RoomEntry.objects.filter(pk=entry.pk).update(**change)


def test_a_withdrawal_cannot_be_taken_back_and_a_message_not_be_rewritten(world: World, case: Case) -> None:
    entry = say(case, A, "说错了", world.resident)
    rooms.withdraw(entry, by=world.resident, at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        RoomEntry.objects.filter(pk=entry.pk).update(withdrawn_at=None)
    message = services.write_message(case, body="原话", by=world.resident, at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(body="改过的话")


# --- files ---


def test_a_file_of_a_caucus_is_no_evidence_until_its_side_says_so(world: World, case: Case) -> None:
    before = fresh(case).evidence.count()
    entry = room_files.show(case, A, photo("底线.jpg"), by=world.resident, at=NOW)
    room_files.show(case, B, photo("对方.jpg", colour="red"), by=world.company_user, at=NOW)
    assert fresh(case).evidence.count() == before
    kept = RoomFile.objects.get(entry=entry)
    for who in ("company_user", "mediator", "director"):
        with pytest.raises(NotAllowedError):
            room_files.share(kept, by=getattr(world, who), at=NOW)
    shared = room_files.share(kept, by=world.resident, at=NOW)
    assert room_files.share(kept, by=world.resident, at=NOW) == shared
    assert [e.name for e in visible_evidence(fresh(case), world.company_user)][before:] == ["底线.jpg"]
    assert shared.number == before + 1
    assert RoomEntry.objects.filter(room__side=JOINT, kind="EVIDENCE", ref=shared.pk).count() == 1


def test_a_withdrawn_file_and_one_of_the_mediator_are_not_shared(world: World, case: Case) -> None:
    own = room_files.show(case, A, photo("a.jpg"), by=world.resident, at=NOW)
    rooms.withdraw(own, by=world.resident, at=NOW)
    theirs = room_files.show(case, A, photo("b.jpg", colour="red"), by=world.mediator, at=NOW)
    for entry in (own, theirs):
        with pytest.raises(RoomError):
            room_files.share(RoomFile.objects.get(entry=entry), by=world.resident, at=NOW)


def test_evidence_of_the_case_appears_in_the_joint_room_unless_it_is_kept_from_the_other_side(
    world: World, case: Case
) -> None:
    shown = add_evidence(case, photo("a.jpg"), by=world.resident, at=NOW)
    add_evidence(case, photo("b.jpg", colour="red"), by=world.resident, at=NOW, sensitive=True)
    assert list(RoomEntry.objects.values_list("kind", "ref", "room__side")) == [("EVIDENCE", shown.pk, JOINT)]


# --- nobody outside notices ---


def test_nothing_on_the_case_moves_when_somebody_speaks(world: World, case: Case) -> None:
    def traces() -> tuple[Any, ...]:
        row = Case.objects.filter(pk=case.pk).values().get()
        journal = Entry.objects.filter(head__subject_kind="case", head__subject_id=str(case.pk)).count()
        return (row, journal, Message.objects.count(), fresh(case).evidence.count(), Notice.objects.count())

    before = traces()
    say(case, A, "最低一万", world.resident)
    rooms.withdraw(say(case, B, "最多两万", world.company_user), by=world.company_user, at=NOW)
    room_files.show(case, A, photo("底线.jpg"), by=world.resident, at=NOW)
    assert traces() == before


def test_each_room_counts_its_own_revisions(world: World, case: Case) -> None:
    say(case, A, "最低一万", world.resident)
    say(case, A, "不能再低", world.resident)
    say(case, JOINT, "大家好", world.mediator)
    found = {room.side: room.revision for room in Room.objects.filter(case=case)}
    assert (found[A], found[JOINT], found.get(B, 0)) == (2, 1, 0)


def test_an_event_is_written_only_while_rooms_are_open(world: World) -> None:
    submitted = case_in(Status.SUBMITTED, world)
    assert rooms.post_event(submitted, JOINT, kind="OFFER_MADE", ref=1, by=world.resident, at=NOW) is None


# --- unread, notices ---


def test_unread_counts_what_others_said_since_the_last_look(world: World, case: Case) -> None:
    say(case, A, "一", world.resident)
    say(case, A, "二", world.resident)
    say(case, A, "我自己", world.mediator)
    mine = [room for one in rooms.chambers(fresh(case), world.mediator) for room in one.rooms]
    room = Room.objects.get(case=case, side=A)
    assert rooms.unread(mine, world.mediator) == {room.pk: 2}
    rooms.mark_seen([room], world.mediator, at=NOW)
    assert rooms.unread(mine, world.mediator) == {}


def told(since: int) -> set[tuple[str, str]]:
    rows = Notice.objects.filter(pk__gt=since).order_by("pk")
    return {(row.recipient.username, row.url.split("/room/")[-1]) for row in rows}


def test_only_those_in_the_room_who_did_not_look_are_told_and_only_once(world: World, case: Case) -> None:
    say(case, A, "最低一万", world.resident)
    say(case, B, "最多两万", world.company_user)
    since = max(Notice.objects.values_list("pk", flat=True), default=0)
    rooms.mark_seen(list(Room.objects.filter(case=case, side=B)), world.mediator, at=NOW)
    assert tell_room_news(NOW + timedelta(minutes=1)) == 0
    assert told(since) == set()
    tell_room_news(NOW + timedelta(minutes=3))
    assert told(since) == {("mediator", "applicant/")}
    say(case, A, "再说一句", world.resident, at=NOW + timedelta(minutes=4))
    tell_room_news(NOW + timedelta(minutes=9))
    tell_room_news(NOW + timedelta(minutes=10))
    assert Notice.objects.filter(pk__gt=since).count() == 1


def test_a_withdrawn_word_tells_nobody(world: World, case: Case) -> None:
    since = max(Notice.objects.values_list("pk", flat=True), default=0)
    rooms.withdraw(say(case, A, "说错了", world.resident), by=world.resident, at=NOW)
    assert tell_room_news(NOW + timedelta(minutes=5)) == 0
    assert told(since) == set()


def test_a_party_that_left_office_is_not_told(world: World, case: Case) -> None:
    since = max(Notice.objects.values_list("pk", flat=True), default=0)
    world.company_user.memberships.update(until=TODAY - timedelta(days=300))
    say(case, B, "在吗", world.mediator)
    tell_room_news(NOW + timedelta(minutes=5))
    assert told(since) == set()
