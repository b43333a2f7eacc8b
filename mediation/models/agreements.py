"""Agreements and what is put under them."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.models import Case, Evidence, Party
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
    closing = models.TextField(_("结尾条款"), blank=True)
    text_hash = models.CharField(_("全文的SHA-256"), max_length=64, blank=True)
    copies = models.PositiveSmallIntegerField(_("份数"))
    wants_confirmation = models.BooleanField(_("拟申请司法确认"), default=False)
    owners_decision_number = models.CharField(_("业主大会决定文号"), max_length=60, blank=True)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    put_forward_at = models.DateTimeField(_("交各方签署的时间"), null=True, blank=True)
    legal_checked_at = models.DateTimeField(null=True, blank=True)
    legal_checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    legal_returned_at = models.DateTimeField(_("法律咨询处退回的时间"), null=True, blank=True)
    legal_returned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    legal_return_reason = models.TextField(_("法律咨询处退回的理由"), blank=True)
    mediator_signed_at = models.DateTimeField(_("调解员签名时间"), null=True, blank=True)
    sealed_at = models.DateTimeField(_("盖章时间"), null=True, blank=True)
    sealed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    page_sealed = models.BooleanField(_("已盖骑缝章或者逐页签名"), default=False)
    effective_on = models.DateField(_("生效日期"), null=True, blank=True)
    vary_asked_at = models.DateTimeField(_("要求变更的时间"), null=True, blank=True)
    vary_reason = models.CharField(_("要求变更的原因"), max_length=300, blank=True)
    voided_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    void_reason = models.CharField(_("停用原因"), max_length=300, blank=True)

    class Meta:
        ordering = ["version"]
        verbose_name = _("调解协议")
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="agreement_version_once"),
            models.UniqueConstraint(
                fields=["case", "round"],
                condition=Q(voided_at__isnull=True, effective_on__isnull=True),
                name="one_draft_agreement_per_round",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(voided_at__isnull=True, effective_on__isnull=False),
                name="one_agreement_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} v{self.version}"

    @property
    def sent_back(self) -> bool:
        """Say whether the legal consultation office wants it changed; it may still think better of it."""
        return self.legal_returned_at is not None and self.legal_checked_at is None

    def incomplete_obligations(self) -> list["Obligation"]:
        return [obligation for obligation in self.obligations.all() if not obligation.is_complete]

    def total_amount(self) -> Decimal:
        return self.obligations.aggregate(total=Sum("amount"))["total"] or Decimal(0)

    def standing_signatures(self) -> list["Signature"]:
        """The signatures under exactly this text."""
        return [s for s in self.signatures.all() if s.voided_at is None and s.text_hash == self.text_hash]

    def missing_signatures(self) -> list[Party]:
        """Parties still in the case that have not signed this text."""
        signed = {signature.party_id for signature in self.standing_signatures()}
        return [p for p in self.case.parties.all() if p.left_at is None and p.pk not in signed]

    def last_signed_on(self) -> date:
        """The local day of the last signature, the mediator's signature and the seal (PML 29)."""
        from django.utils.timezone import localtime

        moments = [signature.at for signature in self.standing_signatures()]
        moments += [moment for moment in (self.mediator_signed_at, self.sealed_at) if moment]
        return localtime(max(moments)).date()

    def open_obligations(self, today: date) -> list["Obligation"]:
        """Promises neither kept with proof nor overdue after two urgings."""
        return [obligation for obligation in self.obligations.all() if not obligation.is_settled(today)]


class Signature(models.Model):
    """One party's signature under one text, and what proves it."""

    class How(models.TextChoices):
        ONLINE = "ONLINE", _("网上确认签署")
        PAPER = "PAPER", _("纸质签署后扫描")

    class Capacity(models.TextChoices):
        SELF = "SELF", _("本人")
        REPRESENTATIVE = "REPRESENTATIVE", _("法定代表人或负责人")
        AGENT = "AGENT", _("委托代理人")

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="signatures")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="signatures")
    how = models.CharField(max_length=8, choices=How.choices)
    capacity = models.CharField(_("以什么身份签"), max_length=14, choices=Capacity.choices, default=Capacity.SELF)
    signer_name = models.CharField(_("签署人"), max_length=60, blank=True)
    authority = models.CharField(_("授权依据"), max_length=200, blank=True)
    text_hash = models.CharField(max_length=64)
    provider = models.CharField(_("签署方式的提供者"), max_length=60, blank=True)
    image = models.BinaryField(_("手写签名图片"), blank=True, default=bytes)
    image_hash = models.CharField(_("签名图片的SHA-256"), max_length=64, blank=True)
    proof = models.JSONField(_("签署过程记录"), default=dict, blank=True, help_text=_("不含网络地址和完整手机号"))
    scan = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("签署页扫描件")
    )
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("签署")
        constraints = [models.UniqueConstraint(fields=["agreement", "party"], name="signature_once")]

    def __str__(self) -> str:
        return f"{self.party} {self.at:%Y-%m-%d}"


class SigningCode(models.Model):
    """A code sent to one person's phone for one text of one party: it fits no other text and only once."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="codes")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text_hash = models.CharField(max_length=64)
    phone_index = models.CharField(max_length=64)
    masked_phone = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    doubtful = models.BooleanField(default=False, help_text=_("不知道短信发出去没有"))
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("签署验证码")
        indexes = [models.Index(fields=["agreement", "user", "-id"], name="signing_code_latest")]

    def __str__(self) -> str:
        return f"{self.agreement} {self.sent_at:%Y-%m-%d}"
