"""Proof of service (送达): what was to reach which party, how it was tried, and what proves that it arrived."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import EncryptedTextField
from accounts.models import User
from cases.choices import ConsentHow
from cases.models.case import Case
from cases.models.material import Evidence
from cases.models.parties import Party
from documents.models import Document


class ServiceAddress(models.Model):
    """Where and how a party wants to be served (送达地址确认书); the last one stands."""

    class Way(models.TextChoices):
        SITE = "SITE", _("网上查看")
        SMS = "SMS", _("手机短信通知")
        EMAIL = "EMAIL", _("电子邮件通知")
        POST = "POST", _("邮寄")
        COUNTER = "COUNTER", _("到中心领取")

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="service_addresses")
    ways = ArrayField(models.CharField(max_length=8, choices=Way.choices), verbose_name=_("同意的送达方式"))
    receiver = EncryptedTextField(_("收件人"), blank=True, default="")
    address = EncryptedTextField(_("邮寄地址"), blank=True, default="")
    phone = EncryptedTextField(_("手机号"), blank=True, default="")
    how = models.CharField(_("怎样确认的"), max_length=10, choices=ConsentHow.choices)
    slip = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    phone_void_at = models.DateTimeField(_("手机号更换时间"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("送达地址确认")

    def __str__(self) -> str:
        return f"{self.party} {self.at:%Y-%m-%d}"


class Service(models.Model):
    """One thing to be served on one party: a notice of this kind, or an official document."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="services")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="services")
    kind = models.CharField(_("事项"), max_length=30, help_text=_("通知的种类"))
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="services")
    at = models.DateTimeField(_("开始送达"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    arrived_on = models.DateField(_("已知送达的日期"), null=True, blank=True)
    receipt_at = models.DateTimeField(_("本人确认收到"), null=True, blank=True)
    receipt_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("送达事项")
        indexes = [
            models.Index(
                fields=["at"], name="papers_on_their_way", condition=Q(document__isnull=False, arrived_on__isnull=True)
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="service_receipt_names_who",
                condition=Q(receipt_at__isnull=True, receipt_by__isnull=True)
                | Q(receipt_at__isnull=False, receipt_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class ServiceProof(models.Model):
    """One way on which staff served it on paper, with what proves it (送达回证)."""

    class Way(models.TextChoices):
        COUNTER = "COUNTER", _("当面送达，本人签收")
        POST = "POST", _("邮寄送达")
        LEFT = "LEFT", _("拒收，留置送达")
        PHONE = "PHONE", _("电话告知（不能单独证明送达）")

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="proofs")
    way = models.CharField(_("方式"), max_length=8, choices=Way.choices)
    sent_on = models.DateField(_("送出日期"))
    delivered_on = models.DateField(_("送达日期"), null=True, blank=True)
    tracking = models.CharField(_("邮件号"), max_length=40, blank=True)
    returned = models.BooleanField(_("退回"), default=False)
    witness = EncryptedTextField(_("见证人"), blank=True, default="")
    reason = models.CharField(_("经过"), max_length=300, blank=True)
    slip = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("签收的回证")
    )
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("送达回证")
        constraints = [
            models.CheckConstraint(
                name="service_way_is_known", condition=Q(way__in=["COUNTER", "POST", "LEFT", "PHONE"])
            ),
            models.CheckConstraint(
                name="counter_service_has_its_slip", condition=~Q(way="COUNTER") | Q(slip__isnull=False)
            ),
            models.CheckConstraint(name="post_has_its_number", condition=~Q(way="POST") | ~Q(tracking="")),
            models.CheckConstraint(name="left_at_place_has_its_witness", condition=~Q(way="LEFT") | ~Q(witness="")),
            models.CheckConstraint(
                name="service_not_before_it_was_sent",
                condition=Q(delivered_on__isnull=True) | Q(delivered_on__gte=models.F("sent_on"), returned=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.sent_on}"
