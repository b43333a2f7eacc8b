"""Mediators and what happens in mediation: sessions, agreements, promises, call-backs."""

from datetime import date
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, Region, User
from cases.choices import ConsentHow, Satisfaction, Solved
from cases.models import Case, Evidence, Party
from members.models import Company, Estate

URGINGS = 2


class Mediator(models.Model):
    """A mediator on a centre's roster, with what the assignment check needs."""

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
    profession = models.CharField(_("职业"), max_length=60, blank=True)
    licence = models.CharField(_("证号"), max_length=60, blank=True)
    introduction = models.CharField(_("简介"), max_length=300, blank=True)
    interest_companies = models.ManyToManyField(
        Company, blank=True, related_name="interested_mediators", verbose_name=_("有利害关系的企业")
    )
    interest_estates = models.ManyToManyField(
        Estate, blank=True, related_name="interested_mediators", verbose_name=_("有利害关系的小区")
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("调解员名册")

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
        constraints = [models.UniqueConstraint(fields=["case", "mediator", "round"], name="disclosure_once")]

    def __str__(self) -> str:
        return f"{self.case} · {self.mediator}"


class MediatorChoice(models.Model):
    """The mediator that a party proposes; the same one from all of them is a joint choice (PML 19)."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="mediator_choices")
    mediator = models.ForeignKey(Mediator, on_delete=models.PROTECT, related_name="chosen_by")
    round = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("选定调解员")

    def __str__(self) -> str:
        return f"{self.party} → {self.mediator}"


class Session(models.Model):
    """One mediation session: scheduled, told, held, recorded."""

    class Notice(models.TextChoices):
        SERVED = "SERVED", _("已送达通知")
        WAIVED = "WAIVED", _("各方放弃通知")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sessions")
    round = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField(_("次数"))
    starts_at = models.DateTimeField(_("时间"))
    place = models.CharField(_("地点或线上方式"), max_length=200)
    notice = models.CharField(_("通知"), max_length=8, choices=Notice.choices, blank=True)
    attendees = models.CharField(_("到场人员"), max_length=500, blank=True)
    record = models.TextField(_("调解记录"), blank=True)
    undisputed_facts = models.TextField(_("无争议事实"), blank=True)
    result = models.CharField(_("结果"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("调解会")
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="session_number_once")]

    def __str__(self) -> str:
        return f"{self.case} · {self.number}"


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


class Obligation(models.Model):
    """One promise: who does what for whom, how, where, by when."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="obligations")
    number = models.PositiveSmallIntegerField()
    doer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="obligations")
    receiver = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="benefits")
    what = models.CharField(_("做什么"), max_length=500)
    amount = models.DecimalField(_("金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    manner = models.CharField(_("方式"), max_length=200)
    place = models.CharField(_("地点"), max_length=200, blank=True)
    due = models.DateField(_("期限"))
    performed_on = models.DateField(_("履行日期"), null=True, blank=True)
    proof = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proof_note = models.CharField(_("履行凭证或说明"), max_length=300, blank=True)
    confirmed_at = models.DateTimeField(_("对方确认时间"), null=True, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("履行事项")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="obligation_number_once"),
            models.CheckConstraint(condition=Q(receiver__isnull=True) | ~Q(receiver=F("doer")), name="not_to_oneself"),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def is_complete(self) -> bool:
        return bool(self.doer_id and self.what.strip() and self.manner.strip() and self.due)

    def is_settled(self, today: date) -> bool:
        """Say whether it was performed with proof, or is overdue after two urgings."""
        if self.performed_on is not None and (self.proof_id or self.proof_note):
            return True
        return self.due < today and self.urgings.count() >= URGINGS


class Urging(models.Model):
    """One letter or call urging performance (PML 31)."""

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="urgings")
    number = models.PositiveSmallIntegerField()
    how = models.CharField(max_length=10, choices=ConsentHow.choices)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["number"]
        verbose_name = _("督促履行")
        constraints = [models.UniqueConstraint(fields=["obligation", "number"], name="urging_number_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.at:%Y-%m-%d}"


class FollowUp(models.Model):
    """One call-back or the try of one, by somebody other than the mediator (domain.md 5.3)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="follow_ups")
    concluded_at = models.DateTimeField(help_text=_("所回访的那次调结"))
    how = models.CharField(_("方式"), max_length=10, choices=ConsentHow.choices)
    reached = models.BooleanField(_("联系上了"))
    solved = models.CharField(_("是否解决"), max_length=10, choices=Solved.choices, blank=True)
    satisfaction = models.CharField(_("满意度"), max_length=12, choices=Satisfaction.choices, blank=True)
    performance = models.CharField(_("履行情况"), max_length=200, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("回访")
        constraints = [
            models.CheckConstraint(
                name="answer_only_when_reached", condition=Q(reached=True) | Q(solved="", satisfaction="")
            ),
            models.CheckConstraint(name="reached_says_solved", condition=Q(reached=False) | ~Q(solved="")),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.at:%Y-%m-%d}"
