"""Agreements and what is put under them."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.models import Case, Party
from mediation.models.promises import Obligation


class Agreement(models.Model):
    """One version of an agreement, written or oral; replaced, never edited."""

    class Form(models.TextChoices):
        WRITTEN = "WRITTEN", _("书面协议")
        ORAL = "ORAL", _("口头协议")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="agreements")
    round = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveSmallIntegerField(_("版本"))
    form = models.CharField(_("形式"), max_length=8, choices=Form.choices)
    facts_and_issues = models.TextField(_("主要事实和争议"))
    content = models.TextField(_("协议内容"))
    copies = models.PositiveSmallIntegerField(_("份数"))
    wants_confirmation = models.BooleanField(_("拟申请司法确认"), default=False)
    owners_decision_number = models.CharField(_("业主大会决定文号"), max_length=60, blank=True)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    legal_checked_at = models.DateTimeField(null=True, blank=True)
    legal_checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mediator_signed_at = models.DateTimeField(_("调解员签名时间"), null=True, blank=True)
    sealed_at = models.DateTimeField(_("盖章时间"), null=True, blank=True)
    sealed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    effective_on = models.DateField(_("生效日期"), null=True, blank=True)
    voided_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    void_reason = models.CharField(_("停用原因"), max_length=300, blank=True)

    class Meta:
        ordering = ["version"]
        verbose_name = _("调解协议")
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="agreement_version_once"),
            models.UniqueConstraint(
                fields=["case", "round"], condition=Q(voided_at__isnull=True), name="one_standing_agreement_per_round"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} v{self.version}"

    def incomplete_obligations(self) -> list["Obligation"]:
        return [obligation for obligation in self.obligations.all() if not obligation.is_complete]

    def total_amount(self) -> Decimal:
        return self.obligations.aggregate(total=Sum("amount"))["total"] or Decimal(0)

    def missing_signatures(self) -> list[Party]:
        """Parties still in the case that have not signed this text."""
        signed = {signature.party_id for signature in self.signatures.all()}
        return [p for p in self.case.parties.all() if p.left_at is None and p.pk not in signed]

    def last_signed_on(self) -> date:
        """The local day of the last signature, the mediator's signature and the seal (PML 29)."""
        from django.utils.timezone import localtime

        moments = [signature.at for signature in self.signatures.all()]
        moments += [moment for moment in (self.mediator_signed_at, self.sealed_at) if moment]
        return localtime(max(moments)).date()

    def open_obligations(self, today: date) -> list["Obligation"]:
        """Promises neither kept with proof nor overdue after two urgings."""
        return [obligation for obligation in self.obligations.all() if not obligation.is_settled(today)]


class Signature(models.Model):
    """One party's signature under one text."""

    class How(models.TextChoices):
        ONLINE = "ONLINE", _("网上确认签署")
        PAPER = "PAPER", _("纸质签署后扫描")

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="signatures")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="signatures")
    how = models.CharField(max_length=8, choices=How.choices)
    text_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("签署")
        constraints = [models.UniqueConstraint(fields=["agreement", "party"], name="signature_once")]

    def __str__(self) -> str:
        return f"{self.party} {self.at:%Y-%m-%d}"
