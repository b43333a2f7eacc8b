"""The people and places of the demo."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from stdnum.cn import uscc

from accounts.models import Centre, Region, User
from accounts.roles import Role
from audit.accounts import create_staff, grant_membership, set_seal_holder
from mediation import services as mediation
from members import services as members
from members.models import Company, Estate, OwnersCommittee

PASSWORD = "tiaochu-demo-2026"
SINCE = date(2024, 1, 1)

COMPANIES = (
    ("绿洲物业服务有限公司", "340100", True, "刘启明"),
    ("恒信物业服务集团有限公司", "340100", True, "孙文博"),
    ("安居美家物业管理有限公司", "340200", True, "陶晓东"),
    ("金域蓝湾物业服务有限公司", "340300", False, "方正"),
    ("皖江城市服务股份有限公司", "340800", True, "汪德全"),
    ("徽韵物业管理有限公司", "341000", False, "程一鸣"),
)
ESTATES = (
    ("翠湖花园", "340104", "翠湖路8号", 1260, "158200.50", 0),
    ("书香名邸", "340104", "学府路1号", 640, "72400.00", 0),
    ("阳光一百", "340111", "包河大道66号", 2380, "261000.00", 1),
    ("金域蓝湾二期", "340102", "明光路19号", 980, "112600.00", 1),
    ("望江苑", "340103", "濉溪路203号", 720, "64800.00", 1),
    ("江南春城", "340202", "中山南路12号", 1520, "170300.00", 2),
    ("镜湖世家", "340202", "北京中路5号", 860, "98700.00", 2),
    ("淮上人家", "340302", "淮河路77号", 1100, "121000.00", 3),
    ("迎江雅苑", "340802", "龙山路30号", 540, "52300.00", 4),
    ("新安江畔", "341002", "滨江东路9号", 460, "49800.00", 5),
)
# username, name, role, centre code
STAFF = (
    ("intake", "陈静", Role.INTAKE, "AH"),
    ("intake2", "赵敏", Role.INTAKE, "AH"),
    ("mediator", "李明哲", Role.MEDIATOR, "AH"),
    ("mediator2", "周芳", Role.MEDIATOR, "AH"),
    ("mediator3", "吴国栋", Role.MEDIATOR, "AH"),
    ("mediator4", "苏文娟", Role.MEDIATOR, "AH"),
    ("director", "方立新", Role.DIRECTOR, "AH"),
    ("legal", "钱文律", Role.LEGAL, "AH"),
    ("follower", "冯晓云", Role.FOLLOWER, "AH"),
    ("archivist", "卫淑珍", Role.ARCHIVIST, "AH"),
    ("integrity", "蒋诚", Role.INTEGRITY, "AH"),
    ("supervisor", "沈正平", Role.SUPERVISOR, "AH"),
    ("sysadmin", "韩涛", Role.SYSADMIN, "AH"),
    ("wuhu-intake", "陶玲", Role.INTAKE, "AHWH"),
    ("wuhu-director", "夏建华", Role.DIRECTOR, "AHWH"),
)


@dataclass
class Place:
    """Everything that the stories happen in."""

    centre: Centre
    branch: Centre
    companies: list[Company] = field(default_factory=list)
    estates: list[Estate] = field(default_factory=list)
    committees: list[OwnersCommittee] = field(default_factory=list)
    people: dict[str, User] = field(default_factory=dict)


def make_place(*, at: datetime) -> Place:
    """Create centres, companies, estates, committees and staff."""
    anhui = Region.objects.get(code="340000")
    centre = Centre.objects.create(
        code="AH",
        name="安徽省物业管理共治与矛盾调处中心",
        region=anhui,
        number_prefix="皖物调",
        phone="0551-0000 0000",
        address="合肥市蜀山区（演示地址）",
        opening_hours="工作日9:00–12:00、14:00–17:30",
    )
    branch = Centre.objects.create(
        code="AHWH",
        name="芜湖市物业管理矛盾调处分中心",
        region=Region.objects.get(code="340200"),
        parent=centre,
        number_prefix="皖物调芜",
        phone="0553-0000 0000",
        address="芜湖市镜湖区（演示地址）",
        opening_hours="工作日9:00–12:00、14:30–17:30",
    )
    place = Place(centre, branch)
    _make_members(place, at=at)
    _make_people(place, at=at)
    return place


def _make_members(place: Place, *, at: datetime) -> None:
    for i, (name, region, is_member, person) in enumerate(COMPANIES):
        place.companies.append(
            members.create_company(
                by=None,
                at=at,
                name=name,
                credit_code=credit_code(region, i),
                region=Region.objects.get(code=region),
                is_member=is_member,
                member_number=f"AHPM-{2017 + i}-{i + 1:03d}" if is_member else "",
                legal_representative=person,
                contact_name=person,
                phone=f"0551-620001{i:02d}",
            )
        )
    for name, region, address, households, area, served_by in ESTATES:
        estate = members.create_estate(
            by=None,
            at=at,
            name=name,
            region=Region.objects.get(code=region),
            address=address,
            households=households,
            area=Decimal(area),
        )
        members.begin_service(estate, place.companies[served_by], from_date=date(2022, 3, 1), by=None, at=at)
        place.estates.append(estate)
    for i, estate in enumerate(place.estates[:5]):
        place.committees.append(
            members.create_committee(
                by=None,
                at=at,
                name=f"{estate.name}业主委员会",
                estate=estate,
                term_from=date(2024, 5, 1),
                term_until=date(2029, 4, 30),
                filing_number=f"合业备〔2024〕{i + 11}号",
                filed_on=date(2024, 5, 20),
            )
        )


def credit_code(region: str, serial: int) -> str:
    """Return a valid unified social credit code of a company that does not exist."""
    body = f"91{region}MADEMO{serial:03d}".replace("O", "0")[:17]
    return body + str(uscc.calc_check_digit(body))


def _make_people(place: Place, *, at: datetime) -> None:
    centres = {"AH": place.centre, "AHWH": place.branch}
    for username, name, role, code in STAFF:
        place.people[username] = _person(username, name, role, at=at, centre=centres[code])
    for i, company in enumerate(place.companies):
        username = "company" if i == 0 else f"company{i + 1}"
        place.people[username] = _person(username, COMPANIES[i][3], Role.COMPANY_USER, at=at, company_id=company.pk)
    for i, committee in enumerate(place.committees[:2]):
        username = "committee" if i == 0 else f"committee{i + 1}"
        place.people[username] = _person(
            username, "业委会联系人", Role.COMMITTEE_USER, at=at, committee_id=committee.pk
        )
    for username, name, code in (("regulator", "省住建厅", "340000"), ("regulator-hefei", "合肥市房管局", "340100")):
        place.people[username] = _person(username, name, Role.REGULATOR, at=at, region=Region.objects.get(code=code))
    _open_accounts(place)
    _make_roster(place, at=at)


# username, expertise, profession, level, licence, hours, regions, introduction
ROSTER: tuple[tuple[str, list[str], str, str, str, int, list[str], str], ...] = (
    ("mediator", ["01", "02", "03", "05"], "退休法官", "1", "皖调证2018-0007", 48, ["340100", "340800"],
     "审判工作三十年，擅长维修责任和相邻损害纠纷。"),
    ("mediator2", ["06", "07", "09", "08"], "律师", "2", "13401201010123456", 36, [],
     "执业十五年，熟悉物业合同、公共收益和业主大会程序。"),
    ("mediator3", [], "物业专家", "2", "皖调证2020-0031", 30, [], "从事物业管理二十年，熟悉收费、设施设备和前期物业。"),
    ("mediator4", [], "社区工作者", "3", "", 24, [], "社区工作十二年，擅长邻里关系和老年人事务。"),
)  # fmt: skip


def _make_roster(place: Place, *, at: datetime) -> None:
    for username, expertise, profession, level, licence, hours, regions, introduction in ROSTER:
        known = username == "mediator3"
        mediation.enter_mediator(
            place.centre,
            place.people[username],
            by=None,
            at=at,
            expertise=expertise,
            is_full_time=username == "mediator",
            profession=profession,
            level=level,
            licence=licence,
            training_hours=hours,
            regions=Region.objects.filter(code__in=regions),
            from_date=SINCE,
            introduction=introduction,
            sex="F" if username in {"mediator2", "mediator4"} else "M",
            education="BACHELOR" if profession != "社区工作者" else "COLLEGE",
            employers="安徽某物业咨询事务所" if known else "",
            interest_companies=[place.companies[1]] if known else [],
        )


def _open_accounts(place: Place) -> None:
    """Give everybody the one password of the demo, hashed once: hashing it for each takes longer than all the rest."""
    keys = [person.pk for person in place.people.values()]
    User.objects.filter(pk__in=keys).update(password=make_password(PASSWORD))


def _person(username: str, name: str, role: Role, *, at: datetime, **scope: Any) -> User:
    user = create_staff(username, display_name=name, password=None, by=None, at=at)
    membership = grant_membership(user, role, by=None, at=at, from_date=SINCE, **scope)
    if role == Role.INTAKE:
        set_seal_holder(membership, holds=True, by=None, at=at)
    return user
