"""A centre's first day in production, without a demo row and without touching a model: everything through its pages.

Open → people → register → a complaint from a phone → answered → mediated → signed by resident and company → sealed →
performed → called back → closed → archived (docs/first-day.md).
"""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import call_command
from django.utils import timezone

from notifications.gateways.memory import MemoryGateway
from tests.signing import STROKES
from tests.web.visitor import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OWN = "自己的密码-2026"
COMPANY, CREDIT_CODE, ESTATE = "绿洲物业服务有限公司", "91340100MA2MTXXM1B", "翠湖花园"
MOBILES = {"admin": "13955100001", "intake": "13955100002", "mediator": "13955100003", "company": "13955100004"}
RESIDENT = "13955100009"
COMPANY_SIGNS = {"signer_name": "刘启明", "capacity": "REPRESENTATIVE", "body_seal": "LATER"}


@pytest.fixture(autouse=True)
def production(settings: Any, tmp_path: Any) -> Iterator[None]:
    """As in production: no demo, real text messages (read here from memory), files in a place of their own."""
    settings.DEMO = False
    settings.SMS_GATEWAY = "notifications.gateways.memory.MemoryGateway"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }
    MemoryGateway.clear()
    yield
    MemoryGateway.clear()


def code_sent_to(mobile: str) -> str:
    """Read the last code on this phone."""
    texts = [message.text for message in MemoryGateway.outbox if message.to.endswith(mobile)]
    found = re.search(r"\d{6}", texts[-1])
    assert found, texts
    return found[0]


def sign_in(username: str, password: str) -> Visitor:
    return Visitor().open("/account/login/").send(login=username, password=password)


def first_sign_in(username: str, password: str, *, totp: bool = False) -> Visitor:
    """Come in with the password that was given, and choose an own one before anything else."""
    person = sign_in(username, password)
    person.send(oldpassword=password, password1=OWN, password2=OWN)
    if not person.answer.context or "password" in person.url:
        person = sign_in(username, OWN)
    return enrol(person) if totp else person


def enrol(person: Visitor) -> Visitor:
    """Set up one-time codes with the secret that the page shows."""
    person.open("/account/2fa/totp/activate/")
    secret = person.answer.context["form"].secret
    value = hotp_value(secret, next(iter(yield_hotp_counters_from_time())))
    return person.send(code=format_hotp_value(value))


def password_on(person: Visitor) -> str:
    """The new password that the page shows this once."""
    found: str = person.answer.context["password"]
    return found


def confirm_mobile(person: Visitor, mobile: str) -> Visitor:
    person.open("/account/mobile/").send(phone=mobile)
    return person.send(code=code_sent_to(mobile)).sees("已确认")


def opened() -> tuple[str, str]:
    """Open the centre as the command does; return what it says and the administrator's first password."""
    out = io.StringIO()
    call_command(
        "open_centre", "--no-input", "--code=AH", "--name=安徽省物业管理共治与矛盾调处中心", "--region=340000",
        "--nature=industry", "--prefix=皖物调", "--phone=0551-62340001", "--address=合肥市蜀山区望江路1号",
        "--hours=周一至周五8:30–17:30", "--admin=admin", "--admin-name=周工", f"--admin-mobile={MOBILES['admin']}",
        "--admin-email=admin@centre.example", stdout=out,
    )  # fmt: skip
    found = re.search(r"shown once: (\S+)", out.getvalue())
    assert found, out.getvalue()
    return out.getvalue(), found[1]


def account(admin: Visitor, username: str, name: str, role: str, *, place: str = "", mobile: str = "") -> Visitor:
    """Let the administrator make an account, and its holder sign in with a password of the own."""
    admin.open("/desk/accounts/new/")
    centre = re.search(r'<option value="(\d+)"[^>]*>安徽省', admin.page)
    answers: dict[str, Any] = {
        "username": username,
        "display_name": name,
        "role": role,
        "place": place,
        "phone": mobile,
    }
    answers |= {"centre": centre[1] if centre and not place else "", "must_enrol_totp": []}
    admin.send(**answers)
    return first_sign_in(username, password_on(admin))


def test_the_first_day_of_a_centre() -> None:
    with time_machine.travel(timezone.now(), tick=True) as clock:
        the_first_day(clock)


def the_first_day(clock: Any) -> None:
    said, password = opened()
    assert "Still missing" in said
    admin = first_sign_in("admin", password, totp=True)
    admin.open("/desk/setup/").sees("安徽省物业管理共治与矛盾调处中心")

    # People
    intake = account(admin, "intake", "王受理", "INTAKE", mobile=MOBILES["intake"])
    director = account(admin, "director", "吴主任", "DIRECTOR")
    mediator = account(admin, "mediator", "李明哲", "MEDIATOR", mobile=MOBILES["mediator"])
    follower = account(admin, "follower", "赵回访", "FOLLOWER")
    archivist = account(admin, "archivist", "钱档案", "ARCHIVIST")
    seal(admin, "intake")
    director.open("/desk/mediators/new/")
    key = re.search(r'<option value="(\d+)"[^>]*>李明哲', director.page)
    assert key
    director.send(user=key[1], training_hours="40", profession="律师")

    # The register
    intake.open("/members/companies/new/").send(
        name=COMPANY, credit_code=CREDIT_CODE, legal_representative="刘启明", phone="0551-62349999", region="合肥市",
        address="合肥市蜀山区潜山路2号",
    )  # fmt: skip
    intake.open("/members/estates/new/")
    intake.send(name=ESTATE, region="340104", address="合肥市蜀山区翠湖路8号", households="1200", area="156000")
    intake.open(f"{intake.url}service/").send(company=COMPANY, from_date="2022-01-01", until="")
    company = account(admin, "greenland", "刘启明", "COMPANY_USER", place=CREDIT_CODE, mobile=MOBILES["company"])
    confirm_mobile(company, MOBILES["company"])

    number = a_complaint(intake, company)
    url = f"/cases/{number}/"
    clock.shift(timedelta(minutes=2))
    resident = resident_signs_in()
    resident.open(url).sees(number)
    accepted(url, intake, company, director, mediator)
    talked(url, mediator, clock)
    signed(url, mediator, resident, company, intake)
    kept(url, resident, company, follower)
    filed(url, archivist, clock)
    resident_signs_in().open(url).sees("已归档")


def a_complaint(intake: Visitor, company: Visitor) -> str:
    """A complaint from a phone: answered by the company, not solved, on to mediation."""
    phone = Visitor().open("/file/place/")
    phone.send(city="340100", estate_name=ESTATE)
    estate = re.search(r'name="estate" value="(\d+)"', phone.page)
    assert estate, phone.words
    phone.send(estate=estate[1]).send(group="repair").send(category="0301")
    phone.send(facts="10月起外墙渗水，主卧天花板发霉。多次报修没有修好。")
    phone.send(who="serving").send(way="COMPLAINT").send(requests="修好外墙防水，赔偿18600元", amount="18600")
    phone.send(name="张桂兰", phone=RESIDENT, address="3幢2单元502", relation="OWNER")
    phone.send(into=phone.url)  # no files
    phone.send(data_notice="on").sees("我们收到了")
    number = re.search(r"AH-\d{4}-\d{5}", phone.words)
    assert number
    phone.open("/pass/phone/").send(press={"send": "1"}, into="/pass/phone/")  # the number is her own
    phone.send(code=code_sent_to(RESIDENT)).sees("手机号已确认")
    url = f"/cases/{number[0]}/"
    intake.open("/desk/").sees(number[0])
    intake.open(f"{url}forward-to-company/").send(consent_how="PHONE")
    company.open("/company/").sees(number[0])
    company.open(f"{url}do/answer/").send(body="已派人查看，渗水来自外墙裂缝，计划维修。")
    return number[0]


def resident_signs_in() -> Visitor:
    """Come back by telephone number and code, as somebody who has no account yet."""
    resident = Visitor().open("/account/phone/").send(phone=RESIDENT)
    return resident.send(code=code_sent_to(RESIDENT))


def accepted(url: str, intake: Visitor, company: Visitor, director: Visitor, mediator: Visitor) -> None:
    """Not solved: both are asked, the case is taken, a mediator discloses and is assigned."""
    intake.open(f"{url}invite/").send(into=intake.url)
    company.open(f"{url}do/consent/").send(answer="yes")
    intake.open(f"{url}accept/").send(into=intake.url).sees("皖物调字第")
    director.open(f"{url}do/nominate/")
    key = re.search(r'name="mediator" value="(\d+)"', director.page)
    assert key, director.words
    director.send(mediator=key[1])
    mediator.open(f"{url}mediator/accept/").send(has_interest="no", signed="on")
    mediator.open(url).sees("已指派")


def talked(url: str, mediator: Visitor, clock: Any) -> None:
    """A session is called, held and recorded."""
    starts = timezone.localtime() + timedelta(days=4)
    mediator.open(f"{url}start-mediation/").send(
        rights_told="on", identities_checked="on", starts_at=f"{starts:%Y-%m-%dT%H:%M}", place="调解室一", how="ORAL",
        notice="SERVED",
    )  # fmt: skip
    clock.shift(timedelta(days=4, hours=2))
    mediator.open(f"{url}do/record-session/")
    came = {name: "PARTY" for name in re.findall(r'name="(came_\d+)"', mediator.page)}
    mediator.send(record="双方陈述，核对了漏水的位置。", result="达成一致", **came)


def signed(url: str, mediator: Visitor, resident: Visitor, company: Visitor, intake: Visitor) -> None:
    """A text, signed by resident and company on their phones, by the mediator, and sealed."""
    mediator.open(f"{url}do/draft-text/")
    options = re.findall(r'<option value="(\d+)"[^>]*>([^<]+)', mediator.page)
    doer = next(key for key, words in options if COMPANY in words)
    receiver = next(key for key, words in options if "张" in words)
    mediator.send(
        facts_and_issues="双方对渗水原因和赔偿数额有争议。", content="物业公司修好外墙防水并赔偿18600元。",
        **{
            "p0-doer": doer, "p0-receiver": receiver, "p0-what": "赔偿天花板和衣柜损失", "p0-amount": "18600",
            "p0-manner": "银行转账", "p0-due": (timezone.localdate() + timedelta(days=10)).isoformat(),
        },
    )  # fmt: skip
    mediator.open(f"{url}draft-agreement/").send(into=mediator.url)
    for person, mobile, more in ((resident, RESIDENT, {}), (company, MOBILES["company"], COMPANY_SIGNS)):
        person.open(f"{url}agreement/sign/")
        person.send(confirmation="yes", read="on", strokes=STROKES, press={"step": "code"}, **more)
        person.send(
            confirmation="yes", read="on", strokes=STROKES, press={"step": "sign"}, code=code_sent_to(mobile), **more
        ).sees("已签署")
    mediator.open(f"{url}do/sign-as-mediator/").send(into=mediator.url)
    intake.open(f"{url}do/apply-seal/").send(pages="yes")
    mediator.open(f"{url}take-effect/").send(into=mediator.url).sees("履行")


def kept(url: str, resident: Visitor, company: Visitor, follower: Visitor) -> None:
    """The promise is kept and confirmed; the follower calls back and closes."""
    company.open(f"{url}do/performance/").send(on=timezone.localdate().isoformat(), note="转账回单")
    resident.open(f"{url}do/confirm-performance/").send(into=resident.url)
    follower.open(f"{url}finish-performance/").send(into=follower.url)
    follower.open(f"{url}do/follow-up/").send(reached="yes", solved="SOLVED", satisfaction="SATISFIED", how="PHONE")
    follower.open(f"{url}close/").send(into=follower.url)
    resident.open(url).sees("已结案")


def filed(url: str, archivist: Visitor, clock: Any) -> None:
    """The dossier is filed once nothing can be applied for at court any more."""
    archivist.open(f"{url}archive/").send(into=archivist.url, status=422).sees("司法确认")
    clock.shift(timedelta(days=32))
    call_command("tick")  # as the worker does all the time
    archivist.open(f"{url}archive/").send(login="archivist", password=OWN)  # the session has ended meanwhile
    archivist.send(retention="YEARS_30").sees("已归档")


def seal(admin: Visitor, username: str) -> None:
    """Let the administrator name who keeps the seal."""
    admin.open(f"/desk/accounts/?q={username}")
    found = re.search(r'href="(/desk/accounts/\d+/)"', admin.page)
    assert found
    admin.open(found[1])
    action = re.search(r'action="(/desk/accounts/\d+/seal/\d+/)"', admin.page)
    assert action
    admin.send(into=action[1], press={"keep": "1"}).sees("保管印章")
