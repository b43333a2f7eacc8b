"""Who acts for a company and left no mobile hears by the number of the register: notices only, never a code."""

from datetime import UTC, datetime

import pytest

from accounts.models import User
from mediation.services.signing import phone_of
from notifications.delivering import deliver_due
from notifications.gateways import GatewayError
from notifications.gateways.memory import MemoryGateway
from notifications.models import Notice
from notifications.services import notify
from tests.cast import World
from tests.journeys import submitted

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def outbox(settings: object) -> None:
    settings.SMS_GATEWAY = "notifications.gateways.memory.MemoryGateway"  # type: ignore[attr-defined]
    MemoryGateway.clear()


@pytest.fixture
def contact(world: World) -> User:
    user = world.company_user
    user.set_phone("")
    user.phone_verified, user.email = False, ""
    user.save()
    world.company.phone = "138 0551 6677"
    world.company.save()
    return user


def tell(user: User) -> Notice:
    return notify(user, kind="company_asked", subject=("case", 7), url="/cases/AH-7/", at=MORNING)


def heard() -> list[str]:
    deliver_due(MORNING)
    return [message.to for message in MemoryGateway.outbox]


def test_a_contact_without_a_mobile_hears_by_the_number_of_the_register(contact: User) -> None:
    tell(contact)
    assert heard() == ["+8613805516677"]


def test_the_own_mobile_comes_first(contact: User) -> None:
    contact.set_phone("+8613912345678")
    contact.save()
    tell(contact)
    assert heard() == ["+8613912345678"]


def test_a_landline_in_the_register_is_no_way(contact: User, world: World) -> None:
    world.company.phone = "0551-62345678"
    world.company.save()
    notice = tell(contact)
    assert heard() == []
    assert notice.deliveries.get(channel="SITE").read_by is not None


def test_it_is_the_second_way_when_the_mail_fails(contact: User) -> None:
    contact.email = "contact@example.org"
    contact.save()
    notice = tell(contact)
    MemoryGateway.failures.append(GatewayError("gone", permanent=True))
    heard()
    assert list(notice.deliveries.order_by("pk").values_list("channel", "status")) == [
        ("SITE", "SENT"), ("SMS", "DEAD"), ("EMAIL", "SENT")
    ]  # fmt: skip


def test_it_never_signs(contact: User, world: World) -> None:
    case = submitted(world)
    theirs = case.parties.get(company=world.company)
    assert phone_of(theirs, contact) == ""


def test_whose_role_has_ended_hears_nothing_there(contact: User) -> None:
    contact.memberships.update(until=datetime(2026, 1, 1, tzinfo=UTC).date())
    tell(contact)
    assert heard() == []
