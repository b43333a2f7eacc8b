"""Questions whose SQL is written once: they answer what the queryset answers, to every value."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User, memberships_of, standing
from accounts.prepared import Prepared, keep_rows
from cases.models import Case, Party
from cases.reading import find_case, read_locked
from tests import journeys
from tests.cast import TODAY, World

pytestmark = pytest.mark.django_db


def fields_of(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def test_the_same_rows_as_the_queryset_for_each_value(world: World) -> None:
    for user in (world.director, world.company_user, world.regulator, world.stranger):
        for day in (TODAY, date(2019, 12, 31)):
            plain = (
                Membership.objects.filter(standing(day), user=user).select_related("centre", "region").order_by("pk")
            )
            found = memberships_of(user.pk, day)
            assert [fields_of(row) for row in found] == [fields_of(row) for row in plain]
            assert [row.centre and fields_of(row.centre) for row in found] == [
                row.centre and fields_of(row.centre) for row in plain
            ]


def test_what_is_kept_encrypted_is_read(world: World) -> None:
    people = Prepared(lambda name: User.objects.filter(username=name), "?")
    assert [person.phone for person in people("resident")] == ["+8613855106612"]
    assert people.one("nobody of this name") is None


def test_a_value_without_a_place_is_a_mistake_of_the_program(world: World) -> None:
    people = Prepared(lambda name, _forgotten: User.objects.filter(username=name), "?", -1)
    with pytest.raises(LookupError):
        people("resident", 1)


def test_a_case_is_read_with_everybody_in_it_and_nothing_is_asked_again(world: World) -> None:
    case = journeys.submitted(world)
    plain = Case.objects.prefetch_related("parties__agents", "parties__passes").get(pk=case.pk)
    found = find_case(case.number, None)
    with CaptureQueriesContext(connection) as asked:
        assert fields_of(found) == fields_of(plain)
        assert (found.centre, found.estate, found.category_id) == (world.centre, world.estate, "0301")
        nobody = {"has_agent": False, "has_pass": False}
        assert [fields_of(p) for p in found.parties.all()] == [fields_of(p) | nobody for p in plain.parties.all()]
        assert [(p.case, [*p.agents.all()], [*p.passes.all()]) for p in found.parties.all()] == [
            (plain, [*p.agents.all()], [*p.passes.all()]) for p in plain.parties.all()
        ]
    assert {query["sql"].split('"')[1] for query in asked} <= {"accounts_centre", "members_estate"}  # of `plain`
    assert found.parties.filter(side="RESPONDENT").count() == 1  # a further question is asked of the database
    assert find_case("", case.key) == plain
    assert find_case("AH-2026-99999", None) is None


def test_the_row_of_a_case_is_locked(world: World) -> None:
    case = journeys.submitted(world)
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert read_locked(case.pk) == case
        with pytest.raises(Case.DoesNotExist):
            read_locked(0)
    assert "FOR UPDATE OF" in asked[0]["sql"]


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_within_a_transaction_only() -> None:
    with transaction.atomic(), pytest.raises(Case.DoesNotExist):
        read_locked(0)
    with pytest.raises(TransactionManagementError):
        read_locked(0)


def test_kept_rows_answer_for_their_relation(world: World) -> None:
    case = journeys.submitted(world)
    keep_rows(case, "parties", [Party(name="甲")])
    assert [party.name for party in case.parties.all()] == ["甲"]
    assert case.parties.all()[0].case is case
    assert Party.objects.filter(case=case).count() == 2
