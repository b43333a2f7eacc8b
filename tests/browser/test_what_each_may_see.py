"""A company, its competitor and a stranger: each sees its own and nothing more, in pages and in their source."""

import pytest
from django.utils import timezone

from cases import services
from cases.choices import Status
from cases.models import Case
from tests.browser.people import Stage

PHONE = "13855106612"
ADDRESS = "翠湖花园3幢2单元502"
NOTE = "只给同事看的备注3811"
PRIVATE = "只给中心说的话7702"


@pytest.fixture
def case(stage: Stage) -> Case:
    """A case before the other side, with things in it that are not for the other side."""
    world, at = stage.world, timezone.now()
    found = stage.case_in(Status.MEDIATING)
    services.write_message(found, body=NOTE, room="NOTE", party=None, by=world.intake, at=at)
    services.write_message(found, body=PRIVATE, room="CENTRE", party=None, by=world.resident, at=at)
    return Case.objects.get(pk=found.pk)


def test_the_company_never_gets_what_is_not_for_it(stage: Stage, case: Case) -> None:
    company = stage.person(stage.world.company_user)
    for address in (
        "/company/", f"/cases/{case.number}/", f"/cases/{case.number}/messages/", f"/cases/{case.number}/do/message/",
        f"/cases/{case.number}/?fragment=1", "/notices/",
    ):  # fmt: skip
        company.open(address)
        company.sees_nothing_of(PHONE, PHONE[:3] + "****", "3855106612", ADDRESS, "3幢2单元", NOTE, PRIVATE)
    resident = stage.person(stage.world.resident).case(case)
    resident.sees(PRIVATE).sees_nothing_of(NOTE)


def test_others_find_the_same_nothing(stage: Stage, case: Case) -> None:
    world = stage.world
    before = stage.case_in(Status.SUBMITTED)
    for user in (world.competitor_user, world.stranger, world.other_intake, world.other_regulator):
        person = stage.person(user)
        for rest in ("", "messages/", "do/message/", "accept/", "withdraw/", "history/", "evidence/1/"):
            assert person.status_of(f"/cases/{case.number}/{rest}") == person.status_of(f"/cases/AH-1999-00001/{rest}")
            assert person.status_of(f"/cases/{case.number}/{rest}") == 404
    # Before the other side is informed, its case is nobody's but the applicant's and the centre's.
    assert stage.person(world.company_user).status_of(f"/cases/{before.number}/") == 404
    anonymous = stage.person()
    assert anonymous.status_of(f"/cases/{case.number}/") == 302
    assert anonymous.status_of("/desk/") in {302, 404}


def test_desks_are_for_those_who_work_there(stage: Stage) -> None:
    world = stage.world
    desks = ("/desk/", "/desk/new/", "/desk/director/", "/desk/follow-up/", "/desk/archive/", "/region/")
    open_to = {
        world.resident: set(),
        world.company_user: set(),
        world.regulator: {"/region/"},
        world.intake: {"/desk/", "/desk/new/"},
        world.follower: {"/desk/", "/desk/follow-up/"},
        world.archivist: {"/desk/", "/desk/archive/"},
    }
    for user, own in open_to.items():
        person = stage.person(user)
        assert {path for path in desks if person.status_of(path) == 200} == own, user.username
