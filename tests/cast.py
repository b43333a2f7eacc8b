"""One cast everywhere: a resident, a neighbour, companies, the centre's staff, two regulators, a stranger."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from accounts.models import Centre, Membership, Region, User
from accounts.roles import Role
from mediation.models import Mediator
from members.models import Company, Estate, OwnersCommittee, ServiceTerm

# A Tuesday morning in Hefei, in a month without holidays.
NOW = datetime(2026, 11, 3, 1, 30, tzinfo=UTC)
TODAY = date(2026, 11, 3)
PASSWORD = "调解2026-调解"
BEGAN = datetime.now(UTC)  # the run of the tests: for cases whose pages have the real clock
HASH = make_password(PASSWORD, hasher="md5")


def later(days: float = 0, hours: float = 0) -> datetime:
    return NOW + timedelta(days=days, hours=hours)


@dataclass
class World:
    """Everybody and everything a test may need."""

    province: Region
    city: Region
    district: Region
    centre: Centre
    other_centre: Centre
    company: Company
    competitor: Company
    estate: Estate
    other_estate: Estate
    committee: OwnersCommittee
    resident: User
    neighbour: User
    stranger: User
    company_user: User
    competitor_user: User
    committee_user: User
    intake: User
    second_intake: User
    mediator: User
    second_mediator: User
    director: User
    second_director: User
    legal: User
    follower: User
    archivist: User
    integrity: User
    supervisor: User
    sysadmin: User
    regulator: User
    other_regulator: User
    other_intake: User

    def people(self) -> dict[str, User]:
        """Everybody by the name of the part they play."""
        return {f.name: getattr(self, f.name) for f in fields(self) if isinstance(getattr(self, f.name), User)}


def person(username: str, name: str, phone: str = "") -> User:
    user = User(username=username, display_name=name, password=HASH)
    if phone:
        user.set_phone(phone)
        user.phone_verified = user.opens_by_code = True
    user.save()
    return user


def staff(username: str, name: str, role: Role, centre: Centre) -> User:
    user = person(username, name)
    keeps_seal = role == Role.INTAKE
    Membership.objects.create(user=user, role=role, centre=centre, from_date=date(2020, 1, 1), holds_seal=keeps_seal)
    return user


def make_world() -> World:
    """Build the cast in Anhui, with one foreign centre in Guangdong."""
    province, city, district = (Region.objects.get(code=code) for code in ("340000", "340100", "340104"))
    centre = Centre.objects.create(
        code="AH",
        name="安徽省物业管理共治与矛盾调处中心",
        region=province,
        number_prefix="皖物调",
        phone="0551-62340001",
    )
    other_centre = Centre.objects.create(
        code="ZH",
        name="珠海市物业矛盾调处中心",
        region=Region.objects.get(code="440400"),
        number_prefix="珠物调",
        phone="0756-2120001",
    )
    company = Company.objects.create(
        name="绿洲物业服务有限公司", credit_code="91340100MA2MTXXM1B", region=city, is_member=True
    )
    competitor = Company.objects.create(name="恒信物业服务有限公司", credit_code="91340100MA2NTXYL75", region=city)
    estate = Estate.objects.create(
        name="翠湖花园", region=district, address="合肥市蜀山区翠湖路8号", households=1200, area=Decimal("156000.00")
    )
    other_estate = Estate.objects.create(
        name="书香名邸", region=district, address="合肥市蜀山区学府路1号", households=600, area=Decimal("70000.00")
    )
    ServiceTerm.objects.create(estate=estate, company=company, from_date=date(2022, 1, 1))
    committee = OwnersCommittee.objects.create(
        name="翠湖花园业主委员会", estate=estate, term_from=date(2024, 1, 1), term_until=date(2028, 12, 31)
    )
    world = World(
        province=province,
        city=city,
        district=district,
        centre=centre,
        other_centre=other_centre,
        company=company,
        competitor=competitor,
        estate=estate,
        other_estate=other_estate,
        committee=committee,
        resident=person("resident", "张桂兰", "+8613855106612"),
        neighbour=person("neighbour", "王建国", "+8613855100002"),
        stranger=person("stranger", "查理", "+8613855100003"),
        company_user=person("company-user", "刘经理"),
        competitor_user=person("competitor-user", "孙经理"),
        committee_user=person("committee-user", "周主任"),
        intake=staff("intake", "陈静", Role.INTAKE, centre),
        second_intake=staff("second-intake", "赵敏", Role.INTAKE, centre),
        mediator=staff("mediator", "李明哲", Role.MEDIATOR, centre),
        second_mediator=staff("second-mediator", "周芳", Role.MEDIATOR, centre),
        director=staff("director", "吴主任", Role.DIRECTOR, centre),
        second_director=staff("second-director", "郑主任", Role.DIRECTOR, centre),
        legal=staff("legal", "钱律师", Role.LEGAL, centre),
        follower=staff("follower", "冯回访", Role.FOLLOWER, centre),
        archivist=staff("archivist", "卫档案", Role.ARCHIVIST, centre),
        integrity=staff("integrity", "蒋诚信", Role.INTEGRITY, centre),
        supervisor=staff("supervisor", "沈监督", Role.SUPERVISOR, centre),
        sysadmin=staff("sysadmin", "韩系统", Role.SYSADMIN, centre),
        regulator=person("regulator", "杨处长"),
        other_regulator=person("other-regulator", "许处长"),
        other_intake=staff("other-intake", "何静", Role.INTAKE, other_centre),
    )
    start = date(2020, 1, 1)
    for user, kind, scope in [
        (world.company_user, Role.COMPANY_USER, {"company": company}),
        (world.competitor_user, Role.COMPANY_USER, {"company": competitor}),
        (world.committee_user, Role.COMMITTEE_USER, {"committee": committee}),
        (world.regulator, Role.REGULATOR, {"region": city}),
        (world.other_regulator, Role.REGULATOR, {"region": Region.objects.get(code="440400")}),
    ]:
        Membership.objects.create(user=user, role=kind, from_date=start, **scope)
    for user in (world.mediator, world.second_mediator):
        Mediator.objects.create(user=user, centre=centre, expertise=["01", "02", "03"])
    return world
