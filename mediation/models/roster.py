"""The roster of mediators, what they disclose, and whom the parties want."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import EncryptedTextField
from accounts.models import Centre, Region, User
from cases.choices import ConsentHow
from cases.models import Case, Party
from members.models import Company, Estate


class Mediator(models.Model):
    """A mediator on a centre's roster, with what the assignment check needs."""

    class Level(models.TextChoices):
        FIRST = "1", _("一级")
        SECOND = "2", _("二级")
        THIRD = "3", _("三级")
        FOURTH = "4", _("四级")

    class Sex(models.TextChoices):
        FEMALE = "F", _("女")
        MALE = "M", _("男")

    class Education(models.TextChoices):
        SCHOOL = "SCHOOL", _("初中及以下")
        UPPER = "UPPER", _("高中、中专")
        COLLEGE = "COLLEGE", _("大专")
        BACHELOR = "BACHELOR", _("本科")
        GRADUATE = "GRADUATE", _("研究生")

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="mediator_profile")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="mediators")
    expertise = ArrayField(
        models.CharField(max_length=2),
        default=list,
        blank=True,
        verbose_name=_("专长（一级类别）"),
        help_text=_("空：不限"),
    )
    regions = models.ManyToManyField(Region, blank=True, related_name="mediators", verbose_name=_("地区（空：不限）"))
    is_active = models.BooleanField(_("在任"), default=True)
    is_full_time = models.BooleanField(_("专职"), default=False)
    # What the justice bureau counts of a committee (PML 8, 10); each may be left out, and only the director sees it.
    sex = models.CharField(_("性别"), max_length=1, choices=Sex.choices, blank=True, default="")
    ethnicity = EncryptedTextField(_("民族"), blank=True, default="")
    education = models.CharField(_("学历"), max_length=8, choices=Education.choices, blank=True, default="")
    profession = models.CharField(_("职业"), max_length=60, blank=True)
    licence = models.CharField(_("证号"), max_length=60, blank=True)
    level = models.CharField(_("等级"), max_length=2, choices=Level.choices, blank=True)
    training_hours = models.PositiveSmallIntegerField(_("本年度培训学时"), default=0)
    from_date = models.DateField(_("聘期起"), null=True, blank=True)
    until = models.DateField(_("聘期止"), null=True, blank=True)
    introduction = models.CharField(_("简介"), max_length=300, blank=True)
    employers = models.CharField(
        _("任职、兼职单位"), max_length=300, blank=True, help_text=_("一行一个；与当事单位同名的不能指派。")
    )
    interest_companies = models.ManyToManyField(
        Company, blank=True, related_name="interested_mediators", verbose_name=_("有利害关系的企业")
    )
    interest_estates = models.ManyToManyField(
        Estate, blank=True, related_name="interested_mediators", verbose_name=_("有利害关系的小区")
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("调解员名册")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(from_date__isnull=True) | Q(until__gte=F("from_date")),
                name="mediator_term_in_order",
            ),
            models.CheckConstraint(condition=Q(sex__in=["", "F", "M"]), name="mediator_sex_is_known"),
            models.CheckConstraint(
                condition=Q(education__in=["", "SCHOOL", "UPPER", "COLLEGE", "BACHELOR", "GRADUATE"]),
                name="mediator_education_is_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class Disclosure(models.Model):
    """The mediator's signed statement on interests in this case, before beginning (SZ22 23)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="disclosures")
    mediator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="disclosures")
    round = models.PositiveSmallIntegerField(default=1)
    has_interest = models.BooleanField(_("有需要披露的关系"), default=False)
    statement = models.CharField(_("披露内容"), max_length=1000)
    how = models.CharField(_("方式"), max_length=10, choices=ConsentHow.choices, default=ConsentHow.SIGNED)
    signed_at = models.DateTimeField(_("签署时间"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    waived_at = models.DateTimeField(_("双方放弃异议时间"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("披露声明")
        constraints = [
            models.CheckConstraint(
                condition=Q(how="ONLINE", recorded_by=F("mediator")) | Q(how="SIGNED", recorded_by__isnull=False),
                name="disclosure_signed_by_the_mediator",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.mediator}"


class MediatorChoice(models.Model):
    """The mediator that a party proposes; the same one from all of them is a joint choice (PML 19)."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="mediator_choices")
    mediator = models.ForeignKey(
        Mediator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="chosen_by",
        verbose_name=_("空：由中心指派"),
    )
    round = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("选定调解员")

    def __str__(self) -> str:
        return f"{self.party} → {self.mediator or _('由中心指派')}"
