"""Open a centre or a branch: what an empty installation needs first."""

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from accounts.errors import DomainError
from accounts.models import Centre, Region
from accounts.phones import normalise_mobile
from audit.centres import CentreKnownError
from members.places import Places
from workflows.opening import Administrator, Opened, open_centre
from workflows.setting_up import missing_of, setup_of

NATURES = {"people": Centre.Nature.PMC, "industry": Centre.Nature.INDUSTRY}
# option, what is asked where a person sits at the terminal, whether it may stay empty
QUESTIONS = (
    ("code", "中心代码（大写字母，如 AH）Code of the centre", False),
    ("name", "中心全称 Full name", False),
    ("region", "所在地区（如 安徽省，或六位代码）Region", False),
    ("nature", "性质：people 人民调解委员会，industry 行业调解组织 Nature", False),
    ("prefix", "案号字头（如 皖物调）Prefix of case numbers", False),
    ("phone", "电话 Telephone", False),
    ("address", "地址（可空）Address", True),
    ("hours", "办公时间（可空，如 工作日9:00–17:00）Opening hours", True),
    ("admin", "系统管理员的用户名 Username of the administrator", False),
    ("admin_name", "系统管理员的姓名 Name", False),
    ("admin_mobile", "系统管理员的手机号 Mobile", False),
    ("admin_email", "系统管理员的电子邮箱 E-mail", False),
)
OF_ADMIN = ("admin", "admin_name", "admin_mobile", "admin_email")


class Command(BaseCommand):
    help = (
        "开设中心或分中心：建立中心、编号序列和第一位系统管理员。没有给出的，逐项询问。 "
        "Open a centre or a branch: the centre, its numbers, its first administrator. Asks for what is not given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, asked, _empty in QUESTIONS:
            choices = sorted(NATURES) if name == "nature" else None
            parser.add_argument(f"--{name.replace('_', '-')}", help=asked, choices=choices)
        parser.add_argument("--parent", help="上级中心的代码：开设分中心 code of the centre above: opens a branch")
        parser.add_argument("--no-input", action="store_true", help="不询问；缺什么就说缺什么 never ask")

    def handle(self, *args: Any, **options: Any) -> None:
        parent = self.parent(options["parent"])
        given = self.answers(options, branch=parent is not None)
        try:
            opened = open_centre(
                given["code"],
                administrator=self.administrator(given),
                by=None,
                at=timezone.now(),
                name=given["name"],
                region=self.region(given["region"]),
                nature=NATURES[given["nature"]],
                number_prefix=given["prefix"],
                phone=given["phone"],
                address=given["address"],
                opening_hours=given["hours"],
                parent=parent,
            )
        except CentreKnownError as error:
            self.stdout.write(f"{error}没有改动。Nothing was changed.")
            return
        except DomainError as error:
            raise CommandError(f"{error}（没有开设。Nothing was made.）") from error
        self.tell(opened)

    def answers(self, options: dict[str, Any], *, branch: bool) -> dict[str, str]:
        """Return what was given, and ask for the rest where somebody can answer."""
        asking = not options["no_input"] and sys.stdin is not None and sys.stdin.isatty()
        given = {name: (options[name] or "").strip() for name, _asked, _empty in QUESTIONS}
        if known := Centre.objects.filter(code=given["code"]).first():
            self.stdout.write(f"代码为{known.code}的中心已经有了：{known.name}。没有改动。Nothing was changed.")
            raise SystemExit(0)
        for name, asked, empty in QUESTIONS:
            if given[name]:
                continue
            # A branch may leave its accounts to the administrator of the centre above.
            if asking and not (branch and name in OF_ADMIN[1:] and not given["admin"]):
                given[name] = self.ask(name, asked, empty=empty or (branch and name == "admin"))
        lacking = [
            f"--{name.replace('_', '-')}"
            for name, _asked, empty in QUESTIONS
            if not given[name] and not empty and not (branch and not given["admin"] and name in OF_ADMIN)
        ]
        if lacking:
            raise CommandError(f"还缺 missing: {' '.join(lacking)}（没有开设。Nothing was made.）")
        return given

    def ask(self, name: str, asked: str, *, empty: bool) -> str:
        while True:
            answer = input(f"{asked}: ").strip()
            if name == "nature" and answer not in NATURES:
                self.stdout.write("请写 people 或者 industry。")
            elif answer or empty:
                return answer

    def parent(self, code: str | None) -> Centre | None:
        if not code:
            return None
        found = Centre.objects.select_related("region").filter(code=code).first()
        if found is None:
            raise CommandError(f"没有代码为{code}的中心。There is no centre with the code {code}.")
        return found

    def region(self, written: str) -> Region:
        return Places().find(written)

    def administrator(self, given: dict[str, str]) -> Administrator | None:
        if not given["admin"]:
            return None
        try:
            validate_email(given["admin_email"])
        except ValidationError:
            raise CommandError("电子邮箱写得不对（没有开设）。This is no e-mail address; nothing was made.") from None
        phone = normalise_mobile(given["admin_mobile"])
        return Administrator(given["admin"], given["admin_name"], phone, given["admin_email"])

    def tell(self, opened: Opened) -> None:
        """Say what was made, the first password once, and what is still missing."""
        centre = opened.centre
        self.stdout.write(f"已开设 Opened: {centre.code} {centre.name}（{centre.region}，{centre.number_prefix}）")
        if opened.user is not None:
            self.stdout.write(
                f"系统管理员 Administrator: {opened.user.username}\n"
                f"首次密码（只显示这一次）First password, shown once: {opened.password}\n"
                f"请到 {settings.SITE_URL}/ 用它登录；首次登录要设新密码和动态口令。"
                " Sign in with it; a new password and a one-time code are asked for."
            )
        self.stdout.write("还没有办的 Still missing:")
        for item in missing_of(setup_of(centre, at=timezone.now())):
            self.stdout.write(f"  {item.title}：{item.detail}")
        self.stdout.write(f"在 {settings.SITE_URL}/desk/setup/ 逐项办理。Go on there.")
