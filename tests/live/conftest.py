"""The cast, and server processes on the test database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Centre, Membership, Region, User
from accounts.roles import Role
from audit.live import announce
from cases.choices import PartyKind, Side, Status
from cases.models import Case, Party
from members.models import Company
from tests.live.servers import Site, serve


class World:
    """Two centres, two companies, everybody of the cast, and one case of the resident against the company."""

    def __init__(self) -> None:
        for code, name in [("340000", "安徽省"), ("340100", "合肥市"), ("440000", "广东省"), ("440300", "深圳市")]:
            Region.objects.get_or_create(code=code, defaults={"name": name})
        self.centre = Centre.objects.create(
            code="AH", name="安徽中心", region_id="340000", number_prefix="皖物调", phone="0551-1"
        )
        self.other_centre = Centre.objects.create(
            code="GD", name="广东中心", region_id="440000", number_prefix="粤物调", phone="020-1"
        )
        self.company = Company.objects.create(name="安居物业", credit_code="91340100MA2MRC1X04", region_id="340100")
        self.competitor = Company.objects.create(name="乐居物业", credit_code="91340100MA2MRC1X05", region_id="340100")
        self.people = {
            "resident": self.person("resident"),
            "neighbour": self.person("neighbour"),
            "stranger": self.person("stranger"),
            "inactive": self.person("inactive", role=Role.INTAKE, centre=self.centre, is_active=False),
            "intake": self.person("intake", role=Role.INTAKE, centre=self.centre),
            "director": self.person("director", role=Role.DIRECTOR, centre=self.centre),
            "sysadmin": self.person("sysadmin", role=Role.SYSADMIN, centre=self.centre),
            "mediator": self.person("mediator", role=Role.MEDIATOR, centre=self.centre),
            "other_mediator": self.person("other_mediator", role=Role.MEDIATOR, centre=self.centre),
            "other_intake": self.person("other_intake", role=Role.INTAKE, centre=self.other_centre),
            "company": self.person("company", role=Role.COMPANY_USER, company=self.company),
            "competitor": self.person("competitor", role=Role.COMPANY_USER, company=self.competitor),
            "regulator": self.person("regulator", role=Role.REGULATOR, region_id="340000"),
            "city_regulator": self.person("city_regulator", role=Role.REGULATOR, region_id="340100"),
            "other_regulator": self.person("other_regulator", role=Role.REGULATOR, region_id="440000"),
        }
        self.case = self.make_case()

    def person(self, name: str, *, role: Role | None = None, is_active: bool = True, **place: object) -> User:
        user = User.objects.create(username=name, display_name=name, is_active=is_active)
        if role is not None:
            Membership.objects.create(user=user, role=role, **place)
        return user

    def make_case(self) -> Case:
        now = timezone.now()
        case = Case.objects.create(
            status=Status.MEDIATING,
            number=f"AH-2026-{Case.objects.count() + 1:05d}",
            centre=self.centre,
            region_id="340100",
            mediator=self.people["mediator"],
            created_at=now,
            filed_at=now,
            respondents_informed_at=now,
            revision=3,
        )
        Party.objects.create(
            case=case, side=Side.APPLICANT, kind=PartyKind.PERSON, name="申请人", user=self.people["resident"]
        )
        Party.objects.create(
            case=case, side=Side.RESPONDENT, kind=PartyKind.COMPANY, name="安居物业", company=self.company
        )
        return case

    def change_case(self) -> int:
        """Change the case as a service would: new revision and announcement in one transaction."""
        with transaction.atomic():
            case = Case.objects.select_for_update().get(pk=self.case.pk)
            case.revision += 1
            case.save(update_fields=["revision"])
            announce(case.topic, case.revision)
        return case.revision


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


@pytest.fixture(scope="session")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory: Path = tmp_path_factory.mktemp("site")
    with serve(directory) as running:
        yield running


@pytest.fixture(scope="session")
def second_site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory: Path = tmp_path_factory.mktemp("second")
    with serve(directory) as running:
        yield running
