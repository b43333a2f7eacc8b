"""An office, a role or an account ends only when somebody else has what waited for it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from accounts.roles import Role
from audit.models import Entry
from cases.choices import Status
from cases.models import Case, Category
from mediation import services as mediation
from mediation.models import Mediator, Nomination
from notifications.models import Kind, Notice
from tests.cast import World
from tests.journeys import case_in
from workflows import mediators
from workflows.checks import check_cases

pytestmark = pytest.mark.django_db
S = Status


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(answer: Any) -> str:
    return answer.content.decode()


def office_of(world: World) -> tuple[Client, str]:
    return browser(world.director), f"/desk/mediators/{world.mediator.mediator_profile.pk}/end/"


def today() -> str:
    return timezone.localdate().isoformat()


def yesterday() -> str:
    return (timezone.localdate() - timedelta(days=1)).isoformat()


def test_what_waits_for_a_mediator_is_shown_in_the_form_that_ends_the_office(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    client, url = office_of(world)
    shown = text_of(client.get(url))
    assert "调解的案件：1 件，交给" in shown
    assert str(case.case_number) in shown
    assert "周芳" in shown


def test_an_office_does_not_end_before_everything_is_handed_over(world: World) -> None:
    case_in(S.MEDIATING, world)
    client, url = office_of(world)
    answer = client.post(url, {"until": yesterday()})
    assert answer.status_code == 422
    assert Mediator.objects.get(user=world.mediator).until is None
    assert not Nomination.objects.filter(mediator=world.second_mediator).exists()


def test_nobody_ends_an_office_in_passing_while_cases_wait(world: World) -> None:
    case_in(S.MEDIATING, world)
    client, _url = office_of(world)
    given = {"until": yesterday(), "training_hours": "0"}
    answer = client.post(f"/desk/mediators/{world.mediator.mediator_profile.pk}/", given)
    assert answer.status_code == 422
    assert "请用“结束聘期”办理移交" in text_of(answer)
    assert Mediator.objects.get(user=world.mediator).until is None


def test_the_new_mediator_is_asked_and_the_case_has_somebody_from_then_on(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    client, url = office_of(world)
    answer = client.post(url, {"until": yesterday(), "to_mediated": str(world.second_mediator.pk)})
    assert answer.status_code == 302
    assert Mediator.objects.get(user=world.mediator).until is not None
    asked = Nomination.objects.get(case=case, state="WAITING")
    assert (asked.mediator, asked.by) == (world.second_mediator, world.director)
    assert Notice.objects.filter(recipient=world.second_mediator, kind=Kind.MEDIATOR_NOMINATED).exists()
    names = {breach.check for breach in check_cases(Case.objects.filter(pk=case.pk), at=timezone.now())}
    assert "mediator_in_office" not in names
    mediators.accept(Case.objects.get(pk=case.pk), by=world.second_mediator, at=timezone.now())
    assert Case.objects.get(pk=case.pk).mediator == world.second_mediator


def test_an_agreement_about_to_be_signed_stays_where_it_is_under_the_new_mediator(world: World) -> None:
    case = case_in(S.SIGNING, world)
    client, url = office_of(world)
    assert client.post(url, {"until": yesterday(), "to_mediated": str(world.second_mediator.pk)}).status_code == 302
    page = browser(world.second_mediator).get(f"/cases/{case.number}/mediator/")
    assert page.status_code == 200
    mediators.accept(Case.objects.get(pk=case.pk), by=world.second_mediator, at=timezone.now())
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.status, fresh.mediator, fresh.nominee) == (S.SIGNING, world.second_mediator, None)
    assert Notice.objects.filter(recipient=world.resident, kind=Kind.MEDIATOR_ASSIGNED).count() == 2
    assert browser(world.mediator).get(f"/cases/{case.number}/").status_code == 404
    agreement = fresh.current_agreement
    mediation.sign_as_mediator(agreement, by=world.second_mediator, at=timezone.now())
    assert fresh.current_agreement.mediator_signed_at is not None


def test_where_nobody_fits_the_director_names_somebody_case_by_case(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    client, url = office_of(world)
    assert client.post(url, {"until": yesterday(), "to_mediated": "0"}).status_code == 302
    assert Notice.objects.filter(recipient=world.director, kind=Kind.PROPOSAL_WAITING).exists()
    assert text_of(client.get(f"/cases/{case.number}/do/nominate/")).count("周芳") >= 1


def admin_and(world: World, user: User) -> tuple[Client, str]:
    return browser(world.sysadmin), f"/desk/accounts/{user.pk}/"


def test_an_account_is_closed_with_everything_handed_over_in_the_same_form(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    handler = Case.objects.get(pk=case.pk).handler
    assert handler == world.intake
    client, url = admin_and(world, world.intake)
    asked = client.post(f"{url}close/", {"reason": "离职"})
    assert asked.status_code == 200
    assert "经办的案件：1 件，交给" in text_of(asked)
    assert 'value="离职"' in text_of(asked)
    assert User.objects.get(pk=world.intake.pk).is_active
    refused = client.post(f"{url}close/", {"reason": "离职", "sure": "1"})
    assert refused.status_code == 422
    assert User.objects.get(pk=world.intake.pk).is_active
    done = client.post(f"{url}close/", {"reason": "离职", "sure": "1", "to_handled": str(world.second_intake.pk)})
    assert done.status_code == 302
    assert not User.objects.get(pk=world.intake.pk).is_active
    assert Case.objects.get(pk=case.pk).handler == world.second_intake
    assert Notice.objects.filter(recipient=world.second_intake, kind=Kind.TASK_ASSIGNED).count() == 1
    entry = Entry.objects.filter(head__subject_kind="case", head__subject_id=str(case.pk), action="hand_over").get()
    assert (entry.actor, entry.after["handler"]) == (world.sysadmin, world.second_intake.pk)


def test_cases_are_given_one_by_one_where_that_is_wanted(world: World) -> None:

    first = case_in(S.SUBMITTED, world)
    second = case_in(S.SUBMITTED, world, category=Category.objects.get(code="0302"))
    Case.objects.filter(pk__in=[first.pk, second.pk]).update(handler=world.intake)
    client, url = admin_and(world, world.intake)
    row = Membership.objects.get(user=world.intake)
    some = {"sure": "1", "to_handled": "each", f"to_handled_{first.pk}": str(world.second_intake.pk)}
    refused = client.post(f"{url}end/{row.pk}/", some)
    assert refused.status_code == 422
    assert f"还有经办的案件没有移交：{second.number}" in text_of(refused)
    both = some | {f"to_handled_{second.pk}": str(world.director.pk)}
    assert client.post(f"{url}end/{row.pk}/", both).status_code == 302
    assert Case.objects.get(pk=first.pk).handler == world.second_intake
    assert Case.objects.get(pk=second.pk).handler == world.director


def test_where_nobody_else_is_at_the_centre_the_supervisory_committee_takes_it(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    Case.objects.filter(pk=case.pk).update(handler=world.intake)
    others = Membership.objects.filter(role__in=[Role.INTAKE, Role.DIRECTOR], centre=world.centre)
    others.exclude(user=world.intake).update(until=timezone.localdate())
    client, url = admin_and(world, world.intake)
    row = Membership.objects.get(user=world.intake)
    shown = text_of(client.get(f"{url}end/{row.pk}/"))
    assert "沈监督" in shown
    given = {"sure": "1", "to_handled": str(world.supervisor.pk)}
    assert client.post(f"{url}end/{row.pk}/", given).status_code == 302
    assert Case.objects.get(pk=case.pk).handler == world.supervisor


def test_the_last_director_stays_while_cases_go_on_and_nobody_could_take_them(world: World) -> None:
    case_in(S.SUBMITTED, world)
    for user in (world.second_director, world.supervisor):
        Membership.objects.filter(user=user).update(until=timezone.localdate())
    client, url = admin_and(world, world.director)
    row = Membership.objects.get(user=world.director)
    refused = client.post(f"{url}end/{row.pk}/", {"sure": "1"})
    assert refused.status_code == 422
    assert "请先安排接任的主任" in text_of(refused)
    assert Membership.objects.get(pk=row.pk).until is None


def test_the_handler_of_one_case_is_changed_on_its_page(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    client = browser(world.director)
    url = f"/cases/{case.number}/do/hand-over/"
    assert "赵敏" in text_of(client.get(url))
    done = client.post(url, {"to": str(world.second_intake.pk), "reason": "休假"})
    assert done.status_code == 302, text_of(done)
    assert Case.objects.get(pk=case.pk).handler == world.second_intake


def test_a_mediator_does_not_give_away_the_handling(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    assert browser(world.mediator).get(f"/cases/{case.number}/do/hand-over/").status_code == 403
    assert browser(world.resident).get(f"/cases/{case.number}/do/hand-over/").status_code == 403
