"""Companies, the estates they serve, and the owners' committees of these."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc

from accounts.fields import FoldedField
from accounts.models import Region, User, region_prefix
from accounts.roles import Role


def keepers_roles(region_code: str, user: User) -> frozenset[Role]:
    """Return the roles that somebody holds at centres whose own region holds this one: they keep its register."""
    return frozenset(
        Role(m.role)
        for m in user.current_memberships()
        if m.centre is not None and region_code.startswith(region_prefix(m.centre.region_id))
    )


def validate_credit_code(code: str) -> None:
    """Check the form and the check digit of a unified social credit code (GB 32100), which has no I, O, S, V, Z."""
    strange = "".join(dict.fromkeys(letter for letter in code if letter in "IOSVZ"))
    if strange:
        raise ValidationError(
            _("统一社会信用代码里不会有字母“%(letters)s”，可能是把数字（如0、1、5、2）写成了字母，请核对。"),
            params={"letters": strange},
        )
    if not uscc.is_valid(code):
        raise ValidationError(_("统一社会信用代码不对：应为18位，请逐位核对。"))


class Company(models.Model):
    """A property service company, member of the association or not."""

    name = models.CharField(_("企业名称"), max_length=120)
    name_key = FoldedField(of="name")
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True, validators=[validate_credit_code])
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="companies", verbose_name=_("地区"))
    is_member = models.BooleanField(_("会员单位"), default=False)
    member_number = models.CharField(_("会员编号"), max_length=30, blank=True)
    legal_representative = models.CharField(_("法定代表人"), max_length=60, blank=True)
    contact_name = models.CharField(_("联系人"), max_length=60, blank=True)
    phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    address = models.CharField(_("住所"), max_length=200, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("企业")
        constraints = [
            models.CheckConstraint(
                condition=Q(credit_code__regex=r"^[0-9A-Z]{18}$"), name="credit_code_is_18_characters"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def roles_of(self, user: User) -> frozenset[Role]:
        """Return the roles with which somebody keeps this row: by its seat, or by an estate that it serves."""
        served = self.service_terms.values_list("estate__region_id", flat=True) if self.pk else ()
        return frozenset().union(*(keepers_roles(code, user) for code in {self.region_id, *served}))


class Estate(models.Model):
    """An estate (小区/项目): the property-management area that cases are counted by."""

    name = models.CharField(_("小区名称"), max_length=120)
    name_key = FoldedField(of="name")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="estates", verbose_name=_("区县"))
    street = models.CharField(_("街道"), max_length=60, blank=True)
    address = models.CharField(_("地址"), max_length=200)
    households = models.PositiveIntegerField(_("户数"))
    area = models.DecimalField(_("建筑面积（平方米）"), max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["region", "name", "pk"]
        verbose_name = _("小区")
        constraints = [
            models.UniqueConstraint(fields=["region", "name"], name="estate_name_once_per_region"),
            models.CheckConstraint(condition=Q(area__gt=0), name="estate_area_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    def roles_of(self, user: User) -> frozenset[Role]:
        """Return the roles with which somebody keeps this row of the register."""
        return keepers_roles(self.region_id, user)


class ServiceTerm(models.Model):
    """The company that serves an estate, from a day until a day (open: still serving)."""

    estate = models.ForeignKey(Estate, on_delete=models.PROTECT, related_name="service_terms")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="service_terms")
    from_date = models.DateField(_("服务起"))
    until = models.DateField(_("服务止"), null=True, blank=True)

    class Meta:
        ordering = ["-from_date", "-pk"]
        verbose_name = _("物业服务期")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("from_date")), name="service_term_in_order"
            ),
            models.UniqueConstraint(
                fields=["estate"], condition=Q(until__isnull=True), name="one_open_service_term_per_estate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate} · {self.company}"


class OwnersCommittee(models.Model):
    """An owners' committee with its term and its filing (备案, PMR 16)."""

    name = models.CharField(_("业主委员会名称"), max_length=120)
    name_key = FoldedField(of="name")
    estate = models.ForeignKey(Estate, on_delete=models.PROTECT, related_name="committees")
    term_from = models.DateField(_("任期起"))
    term_until = models.DateField(_("任期止"))
    filing_number = models.CharField(_("备案号"), max_length=60, blank=True)
    filed_on = models.DateField(_("备案日期"), null=True, blank=True)
    contact_name = models.CharField(_("负责人"), max_length=60, blank=True)
    phone = models.CharField(_("联系电话"), max_length=40, blank=True)

    class Meta:
        ordering = ["-term_from", "-pk"]
        verbose_name = _("业主委员会")
        constraints = [
            models.CheckConstraint(condition=Q(term_until__gte=F("term_from")), name="committee_term_in_order"),
        ]

    def __str__(self) -> str:
        return self.name

    def roles_of(self, user: User) -> frozenset[Role]:
        """Return the roles with which somebody keeps this row of the register."""
        return self.estate.roles_of(user)
