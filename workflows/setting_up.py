"""What a centre still lacks before it can work: asked of the data, and of the administrator where data cannot tell."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.limits import Limit, TooOftenError
from accounts.models import Centre, Membership, SetupMark, User, standing
from accounts.roles import Role
from audit.centres import mark_setup
from calendars.selectors import loaded_years, provisional_years
from calendars.today import local_date
from mediation.models import Mediator
from mediation.services.roster import in_office
from members.models import Company, Estate, OwnersCommittee
from notifications.gateways import GatewayError, gateway_for
from notifications.messages import trial_message

Mark = SetupMark.Item
NEEDED = (Role.INTAKE, Role.DIRECTOR, Role.MEDIATOR, Role.FOLLOWER, Role.ARCHIVIST)
TESTS = Limit("setup-test", times=5, per=timedelta(hours=1))


class TestMessageError(DomainError):
    """No test message can be sent."""

    __test__ = False  # not a test of ours


@dataclass(frozen=True)
class SetupItem:
    """One thing to be set up: whether it is, what is known of it, who does it and where."""

    key: str
    title: str
    done: bool
    detail: str
    url: str = ""
    who: frozenset[Role] = frozenset({Role.SYSADMIN})


def setup_of(centre: Centre, *, at: datetime) -> list[SetupItem]:
    """Return everything that a centre needs, in the order in which it is done."""
    marks = {Mark(mark.item): mark for mark in centre.setup_marks.all()}
    return [
        *_people(centre, at),
        *_register(centre),
        *_settings(centre, marks),
        *_messages(marks),
        _holidays(at),
        _marked(
            "backup", _("备份"), marks.get(Mark.BACKUP), _("还没有记录：备份放在哪里、什么时候试过恢复。"), "#backup"
        ),
    ]


def missing_of(items: Iterable[SetupItem]) -> list[SetupItem]:
    return [item for item in items if not item.done]


def _places(centre: Centre) -> list[int]:
    """The centre itself and the one above, whose people may work in it."""
    return [pk for pk in (centre.pk, centre.parent_id) if pk]


def _people(centre: Centre, at: datetime) -> list[SetupItem]:
    today = local_date(at)
    held = Membership.objects.filter(standing(today), centre__in=_places(centre), user__is_active=True)
    roles = {Role(role) for role in held.values_list("role", flat=True)}
    lacking = [str(role.label) for role in NEEDED if role not in roles]
    keepers = [str(m.user) for m in held.filter(holds_seal=True).select_related("user")]
    roster = Mediator.objects.filter(centre__in=_places(centre), is_active=True)
    working = sum(in_office(row, today) for row in roster)
    return [
        SetupItem(
            "people", _("人员和角色"), not lacking,
            _("还缺：%(roles)s。") % {"roles": _("、").join(lacking)} if lacking else _("办一件案子要的角色都有人。"),
            "/desk/accounts/",
        ),
        SetupItem(
            "seal", _("印章保管人"), bool(keepers),
            _("保管人：%(names)s。") % {"names": _("、").join(keepers)} if keepers
            else _("还没有登记。在账户里把保管印章的人登记为印章保管人，否则协议盖不了章。"),
            "/desk/accounts/",
        ),
        SetupItem(
            "mediators", _("调解员名册"), working > 0,
            _("名册上有%(count)d位在任。") % {"count": working} if working else _("名册上还没有在任的调解员。"),
            "/desk/mediators/", frozenset({Role.DIRECTOR}),
        ),
    ]  # fmt: skip


def _register(centre: Centre) -> list[SetupItem]:
    prefix = centre.region.prefix
    keepers = frozenset({Role.INTAKE, Role.DIRECTOR})
    served = Q(region__code__startswith=prefix) | Q(service_terms__estate__region__code__startswith=prefix)
    companies = Company.objects.filter(served).distinct().count()
    estates = Estate.objects.filter(region__code__startswith=prefix).count()
    committees = OwnersCommittee.objects.filter(estate__region__code__startswith=prefix).count()
    nothing = _("还没有登记，可以用表格一次导入。")
    return [
        SetupItem(
            "companies", _("物业企业"), companies > 0,
            _("登记了%(count)d家。") % {"count": companies} if companies else nothing, "/members/companies/", keepers,
        ),
        SetupItem(
            "estates", _("小区"), estates > 0,
            _("登记了%(count)d个。") % {"count": estates} if estates else nothing, "/members/estates/", keepers,
        ),
        SetupItem(
            "committees", _("业主委员会"), committees > 0,
            _("登记了%(count)d个。") % {"count": committees} if committees else nothing, "/members/estates/", keepers,
        ),
    ]  # fmt: skip


def _settings(centre: Centre, marks: dict[Mark, SetupMark]) -> list[SetupItem]:
    url = f"/desk/centre/{centre.code}/"
    keepers = frozenset({Role.SYSADMIN, Role.DIRECTOR})
    return [
        _marked("clocks", _("期限天数"), marks.get(Mark.CLOCKS), _("还没有核对：不改的按通常天数。"), url),
        SetupItem(
            "hours", _("办公时间"), bool(centre.opening_hours),
            centre.opening_hours or _("没有填写，页面和文书上就不写。"), url, keepers,
        ),
        SetupItem(
            "phone", _("电话和地址"), bool(centre.phone and centre.address),
            _("，").join(filter(None, [centre.phone, centre.address or _("地址没有填写")])), url, keepers,
        ),
    ]  # fmt: skip


def _marked(key: str, title: str, mark: SetupMark | None, otherwise: str, url: str) -> SetupItem:
    if mark is None:
        return SetupItem(key, title, done=False, detail=otherwise, url=url)
    said = _("%(when)s，%(who)s：%(note)s") % {
        "when": f"{local_date(mark.at):%Y-%m-%d}", "who": mark.by, "note": mark.note or _("已核对"),
    }  # fmt: skip
    return SetupItem(key, title, mark.done, said, url)


def _messages(marks: dict[Mark, SetupMark]) -> list[SetupItem]:
    untried = _("还没有试过：给自己发一条测试消息。")
    return [
        _marked("sms", _("短信"), marks.get(Mark.SMS), untried, "#messages"),
        _marked("email", _("邮件"), marks.get(Mark.EMAIL), untried, "#messages"),
    ]


def _holidays(at: datetime) -> SetupItem:
    year = local_date(at).year
    known, provisional = loaded_years(), provisional_years()
    ready = {year, year + 1} <= known and year not in provisional
    words = [
        _("%(year)d年：没有数据") % {"year": one} if one not in known
        else _("%(year)d年：按法定节假日暂算，等国务院通知") % {"year": one} if one in provisional
        else _("%(year)d年：已知") % {"year": one}
        for one in (year, year + 1)
    ]  # fmt: skip
    keepers = frozenset({Role.SYSADMIN, Role.DIRECTOR})
    return SetupItem("holidays", _("放假安排"), ready, _("；").join(words), "/desk/holidays/", keepers)


# --- a message to try the way out with ---------------------------------------------------------------------


def send_test(centre: Centre, channel: Mark, *, by: User, at: datetime) -> SetupMark:
    """Send the administrator a message on the way that the settings name, and keep what came of it.

    Raises TestMessageError where the administrator has no such address, TooOftenError.
    """
    to = by.phone if channel == Mark.SMS else by.email
    if not to:
        raise TestMessageError(
            _("您的账户里没有手机号，先在账户里填写。")
            if channel == Mark.SMS
            else _("您的账户里没有电子邮箱，先在账户里填写。")
        )
    if not TESTS.hit(f"{by.pk}:{channel}", at=at):
        raise TooOftenError(_("测试消息一小时最多5条，请过一会儿再试。"))
    outcome, code = _sent(centre, channel, to, by.language)
    if not outcome:
        note = _("没有发出（%(code)s）") if outcome is False else _("不知道有没有发出（%(code)s）")
        return mark_setup(centre, channel, done=False, note=note % {"code": code}, by=by, at=at)
    if _only_shown(channel):
        note = _("现在的设置只把消息写在终端里，没有发出去")
        return mark_setup(centre, channel, done=False, note=note, by=by, at=at)
    return mark_setup(centre, channel, done=True, note=_("测试消息已经交给服务商"), by=by, at=at)


def _sent(centre: Centre, channel: Mark, to: str, language: str) -> tuple[bool | None, str]:
    """Return whether the gateway took it (None: nobody knows) and the word that it left for the ledger."""
    sign = centre.sms_signature or (centre.parent.sms_signature if centre.parent else "")
    try:
        gateway_for(channel).send(trial_message(to, language, sign=sign, mail=channel == Mark.EMAIL))
    except GatewayError as error:
        return None if error.uncertain else False, error.code
    except Exception as error:  # a gateway of somebody's own: nobody can tell how far it came
        return None, type(error).__name__
    return True, ""


def _only_shown(channel: Mark) -> bool:
    """Say whether the settings lead to the terminal instead of a provider."""
    way = settings.SMS_GATEWAY if channel == Mark.SMS else f"{settings.EMAIL_GATEWAY} {settings.EMAIL_BACKEND}"
    return ".console." in way
