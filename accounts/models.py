"""People, what they may be, and where."""

from datetime import date
from typing import Any, Self
from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.crypto import blind_index
from accounts.fields import EncryptedTextField
from accounts.masking import mask_name, mask_phone
from accounts.prepared import Prepared
from accounts.roles import CENTRE_ROLES, Role

# 北京, 天津, 上海, 重庆: their districts lie directly below the province.
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})


class RegionQuerySet(models.QuerySet["Region"]):
    """The regions, narrowed in the words of the trade."""

    def offered(self) -> Self:
        """Leave out the dissolved ones: they are kept because rows refer to them, and offered to nobody."""
        return self.filter(dissolved=False)

    def cities(self) -> Self:
        """Keep what one calls one's city: prefectures, municipalities, counties right below a province."""
        municipal = Q(code__in=[f"{digits}0000" for digits in MUNICIPALITIES])
        below = Q(parent__parent__isnull=True, parent__isnull=False)
        inside = Q(parent__in=[f"{digits}0000" for digits in MUNICIPALITIES])
        return self.filter(municipal | below & ~inside)


class Region(models.Model):
    """A province, city or district by its GB/T 2260 code."""

    code = models.CharField(_("行政区划代码"), max_length=6, primary_key=True)
    name = models.CharField(_("名称"), max_length=60)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    dissolved = models.BooleanField(_("已撤销"), default=False)
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("并入")
    )

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("地区")
        constraints = [models.CheckConstraint(condition=Q(code__regex=r"^\d{6}$"), name="region_code_is_six_digits")]

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        """The leading digits shared by all codes below this region: 34, 3401 or 340104."""
        return region_prefix(self.code)

    @property
    def city_code(self) -> str:
        """The code of the city in which this region lies, or its own."""
        return city_code(self.code)


def city_code(code: str) -> str:
    """Return the city of a code: 340104 lies in 340100, 310104 in 310000; 429004 below its province is its own."""
    if code[:2] in MUNICIPALITIES:
        return f"{code[:2]}0000"
    return code if code[2:4] == "90" else f"{code[:4]}00"


def region_prefix(code: str) -> str:
    """Return the leading digits shared by all codes below this one: 34, 3401 or 340104."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


class Centre(models.Model):
    """A mediation centre: the provincial one or a city branch."""

    class Nature(models.TextChoices):
        PMC = "PMC", _("人民调解委员会")
        INDUSTRY = "INDUSTRY", _("行业调解组织")

    code = models.CharField(_("代码"), max_length=8, unique=True)
    name = models.CharField(_("名称"), max_length=100)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="centres")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="branches")
    nature = models.CharField(_("性质"), max_length=10, choices=Nature.choices, default=Nature.INDUSTRY)
    number_prefix = models.CharField(_("案号字头"), max_length=20, help_text=_("如：皖物调"))
    former_prefixes = models.JSONField(_("用过的案号字头"), default=list, blank=True, editable=False)
    phone = models.CharField(_("电话"), max_length=40)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    sms_signature = models.CharField(
        _("短信签名"),
        max_length=20,
        blank=True,
        default="",
        validators=[RegexValidator(r"^[^【】\[\]\s]{2,20}$", _("短信签名是2到20个字，不含括号和空格。"))],
        help_text=_("通知和验证码以【签名】开头，先在短信服务商处报备。空着：用上级中心的，没有上级的用“调处”。"),
    )
    opening_hours = models.CharField(
        _("办公时间"), max_length=100, blank=True, default="", help_text=_("如：工作日9:00–12:00、14:00–17:00")
    )
    clock_days = models.JSONField(_("期限天数"), default=dict, blank=True, help_text=_("按期限代号改写默认天数"))
    workload_limit = models.PositiveSmallIntegerField(_("调解员在办上限"), default=15)
    honours_challenges = models.BooleanField(
        _("一方申请回避即换调解员"), default=False, help_text=_("参照《深圳经济特区矛盾纠纷多元化解条例》第23条")
    )
    offer_limit = models.PositiveSmallIntegerField(_("每一方每轮最多提出的方案数"), default=5)
    legal_check_amount = models.DecimalField(
        _("协议金额达到多少元须经法律审核"), max_digits=14, decimal_places=2, default=100_000
    )

    set_up_at = models.DateTimeField(_("开办完成时间"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("调处中心")

    def __str__(self) -> str:
        return self.name

    def roles_of(self, user: "User") -> frozenset[Role]:
        """Return the roles that somebody holds here or at the centre above."""
        places = {self.pk, self.parent_id}
        return frozenset(Role(m.role) for m in user.current_memberships() if m.centre_id in places)


class SetupMark(models.Model):
    """What the administrator says, or a test has shown, while a centre is set up: the data cannot tell it."""

    class Item(models.TextChoices):
        CLOCKS = "CLOCKS", _("期限天数")
        SMS = "SMS", _("短信")
        EMAIL = "EMAIL", _("邮件")
        BACKUP = "BACKUP", _("备份")

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="setup_marks")
    item = models.CharField(_("事项"), max_length=10, choices=Item.choices)
    done = models.BooleanField(_("办好了"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("开办记录")
        constraints = [models.UniqueConstraint(fields=["centre", "item"], name="setup_mark_once")]

    def __str__(self) -> str:
        return f"{self.centre} · {self.get_item_display()}"


def standing(day: date, through: str = "") -> Q:
    """Select the memberships that hold on a day; `through` leads to them from another table ("memberships__").

    The day of `until` is the first without the role: what is ended today has ended now.
    """
    begun = Q(**{f"{through}from_date__lte": day})
    return begun & (Q(**{f"{through}until__isnull": True}) | Q(**{f"{through}until__gt": day}))


class User(AbstractUser):
    """Somebody who signs in: by password, by phone code, or by a case pass (then a guest)."""

    first_name = last_name = None  # type: ignore[assignment]
    display_name = models.CharField(_("姓名"), max_length=60, blank=True)
    phone = EncryptedTextField(_("手机号"), blank=True, default="")
    phone_index = models.CharField(max_length=64, null=True, blank=True, db_index=True, editable=False)  # noqa: DJ001
    phone_verified = models.BooleanField(_("手机号已由本人验证"), default=False)
    opens_by_code = models.BooleanField(_("凭短信验证码登录"), default=False, help_text=_("居民的账户；没有密码"))
    is_guest = models.BooleanField(_("凭案件通行码进入"), default=False)
    large_type = models.BooleanField(_("大字版"), default=False)
    language = models.CharField(_("语言"), max_length=10, blank=True, default="")
    must_enrol_totp = models.BooleanField(_("须启用动态口令"), default=False)
    must_change_password = models.BooleanField(_("须先修改密码"), default=False)
    created_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("建立人")
    )

    class Meta:
        verbose_name = _("用户")
        constraints = [
            # One telephone may serve a resident's account and others with a password; a code opens only the resident's.
            models.UniqueConstraint(
                fields=["phone_index"], condition=Q(opens_by_code=True), name="phone_opens_one_account"
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def set_phone(self, phone: str) -> None:
        """Set the E.164 number and the index by which it is found; another number is not yet its holder's."""
        self.phone_verified = self.phone_verified and phone == self.phone
        self.phone = phone
        self.phone_index = blind_index(phone) if phone else None

    @property
    def masked_name(self) -> str:
        return mask_name(self.display_name)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    def current_memberships(self) -> list["Membership"]:
        """Return today's memberships, read once per user object."""
        cached: list[Membership] | None = self.__dict__.get("_current_memberships")
        if cached is None:
            today = timezone.localdate()
            if "memberships" in getattr(self, "_prefetched_objects_cache", {}):
                rows = sorted(self.memberships.all(), key=lambda m: m.pk)
                cached = [m for m in rows if m.stands_on(today)]
            else:
                cached = memberships_of(self.pk, today)
            self.__dict__["_current_memberships"] = cached
        return cached

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__.pop("_current_memberships", None)
        super().refresh_from_db(*args, **kwargs)

    def roles(self) -> frozenset[Role]:
        """Every role held anywhere today."""
        return frozenset(Role(membership.role) for membership in self.current_memberships())

    @property
    def is_centre_staff(self) -> bool:
        return bool(self.roles() & CENTRE_ROLES)

    def centre_ids(self, *roles: Role) -> set[int]:
        """Centres where this person holds one of the roles (any centre role if none is named)."""
        wanted = frozenset(roles) or CENTRE_ROLES
        return {m.centre_id for m in self.current_memberships() if m.centre_id and m.role in wanted}

    def holds_seal_of(self, *centres: int | None) -> bool:
        """Say whether this person keeps the seal of one of these centres today."""
        return any(m.holds_seal and m.centre_id in centres for m in self.current_memberships())

    def company_ids(self) -> set[int]:
        return {m.company_id for m in self.current_memberships() if m.company_id and m.role == Role.COMPANY_USER}

    def committee_ids(self) -> set[int]:
        return {m.committee_id for m in self.current_memberships() if m.committee_id and m.role == Role.COMMITTEE_USER}

    def region_prefixes(self) -> set[str]:
        """Leading digits of the region codes that this person supervises."""
        return {m.region.prefix for m in self.current_memberships() if m.region and m.role == Role.REGULATOR}


class Membership(models.Model):
    """One role of one person in one place: a centre, a region, a company or an owners' committee."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("角色"), max_length=20, choices=Role.choices)
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    company = models.ForeignKey(
        "members.Company", on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    committee = models.ForeignKey(
        "members.OwnersCommittee", on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    from_date = models.DateField(_("起"), default=date.today)
    until = models.DateField(_("止"), null=True, blank=True, help_text=_("从这一天起不再任职"))
    holds_seal = models.BooleanField(_("保管印章"), default=False)

    class Meta:
        verbose_name = _("任职")
        constraints = [
            models.CheckConstraint(
                name="seal_is_held_at_a_centre", condition=Q(holds_seal=False) | Q(centre__isnull=False)
            ),
            models.CheckConstraint(
                name="membership_scope_fits_role",
                condition=Q(
                    role__in=CENTRE_ROLES,
                    centre__isnull=False,
                    region__isnull=True,
                    company__isnull=True,
                    committee__isnull=True,
                )
                | Q(
                    role=Role.REGULATOR,
                    centre__isnull=True,
                    region__isnull=False,
                    company__isnull=True,
                    committee__isnull=True,
                )
                | Q(
                    role=Role.COMPANY_USER,
                    centre__isnull=True,
                    region__isnull=True,
                    company__isnull=False,
                    committee__isnull=True,
                )
                | Q(
                    role=Role.COMMITTEE_USER,
                    centre__isnull=True,
                    region__isnull=True,
                    company__isnull=True,
                    committee__isnull=False,
                ),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "centre", "region", "company", "committee"],
                name="membership_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    def stands_on(self, day: date) -> bool:
        """Say whether the role holds on a day (see `standing`)."""
        return self.from_date <= day and (self.until is None or self.until > day)


memberships_of = Prepared(
    lambda user, day: (
        Membership.objects.filter(standing(day), user=user).select_related("centre", "region").order_by("pk")
    ),
    -1,
    date.min,
)


class Spent(models.Model):
    """What somebody has used up of a limit (`accounts.limits`)."""

    key = models.CharField(max_length=64, primary_key=True)
    full_until = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("频次记录")

    def __str__(self) -> str:
        return self.key[:8]


class Touchstone(models.Model):
    """What a key or a store must fit, kept at the first start (`accounts.keys`, `config.storage`)."""

    class Name(models.TextChoices):
        FIELD_KEYS = "FIELD_KEYS", _("加密密钥")
        INDEX_KEY = "INDEX_KEY", _("索引密钥")
        EVIDENCE = "EVIDENCE", _("材料存放处")

    name = models.CharField(max_length=12, choices=Name.choices, primary_key=True)
    value = models.TextField()

    class Meta:
        verbose_name = _("启动核对值")
        constraints = [
            models.CheckConstraint(
                condition=Q(name__in=["FIELD_KEYS", "INDEX_KEY", "EVIDENCE"]), name="touchstone_name_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.name


class KeptForm(models.Model):
    """What somebody had typed when the session had run out: theirs alone, for a day (`accounts.kept_forms`)."""

    key = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept_forms")
    address = models.CharField(_("交到哪里"), max_length=500)
    fields = EncryptedTextField(_("填写的内容"))
    had_files = models.BooleanField(_("原来有附件"), default=False)
    at = models.DateTimeField(_("时间"), db_index=True)

    class Meta:
        verbose_name = _("留存的填写内容")

    def __str__(self) -> str:
        return str(self.key)
