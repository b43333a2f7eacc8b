"""Promises of an agreement: what was done on them, what the other side says to it, and the urging of late ones."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import ConsentHow
from cases.models import Evidence, Party

URGINGS = 2


class Obligation(models.Model):
    """One promise: who does what for whom, how, where, by when."""

    agreement = models.ForeignKey("mediation.Agreement", on_delete=models.PROTECT, related_name="obligations")
    number = models.PositiveSmallIntegerField()
    doer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="obligations")
    receiver = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="benefits")
    what = models.CharField(_("做什么"), max_length=500)
    amount = models.DecimalField(_("金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    manner = models.CharField(_("方式"), max_length=200)
    place = models.CharField(_("地点"), max_length=200, blank=True)
    due = models.DateField(_("期限"))
    proof_wanted = models.CharField(_("以什么为凭"), max_length=200, blank=True)
    performed_on = models.DateField(_("履行日期"), null=True, blank=True)
    proof = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proof_note = models.CharField(_("履行凭证或说明"), max_length=300, blank=True)
    confirmed_at = models.DateTimeField(_("对方确认时间"), null=True, blank=True)
    missed_at = models.DateTimeField(_("对方说还没收到的时间"), null=True, blank=True)
    missed_note = models.CharField(_("还没收到的说明"), max_length=300, blank=True)

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

    def standing(self) -> list["Performance"]:
        """What was done and is not disputed."""
        return [row for row in self.performances.all() if row.answer != Performance.Answer.DISPUTED]

    def paid(self) -> Decimal:
        """The sum of what was paid and is not disputed, in yuan."""
        return sum((row.amount for row in self.standing() if row.amount is not None), Decimal("0.00"))

    @property
    def is_money(self) -> bool:
        return bool(self.amount)

    def rest(self) -> Decimal | None:
        """What is still to be paid, in yuan; None for a promise that is not about money."""
        return self.amount - self.paid() if self.amount else None

    def is_settled(self, today: date) -> bool:
        """Say whether it was performed with proof, or is overdue after two urgings."""
        if self.performed_on is not None and (self.proof_id or self.proof_note):
            return True
        return self.due < today and self.urgings.count() >= URGINGS


class Performance(models.Model):
    """One thing done on a promise, the whole or a part of it, and the word of the receiving side on it."""

    class Answer(models.TextChoices):
        WAITING = "WAITING", _("等对方确认")
        CONFIRMED = "CONFIRMED", _("对方已确认")
        DISPUTED = "DISPUTED", _("对方有异议")

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="performances")
    number = models.PositiveSmallIntegerField()
    on = models.DateField(_("履行日期"))
    amount = models.DecimalField(_("金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    completes = models.BooleanField(_("至此全部履行"), default=True)
    note = models.CharField(_("怎样履行的"), max_length=300, blank=True)
    proof = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", help_text=_("空：由旧记录转入"))
    answer = models.CharField(_("对方意见"), max_length=10, choices=Answer.choices, default=Answer.WAITING)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    dispute_reason = models.CharField(_("异议理由"), max_length=300, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("履行记录")
        constraints = [
            models.UniqueConstraint(fields=["obligation", "number"], name="performance_number_once"),
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gt=0), name="performance_pays"),
            models.CheckConstraint(
                condition=Q(answer="WAITING", answered_at__isnull=True)
                | Q(answer="CONFIRMED", answered_at__isnull=False)
                | Q(answer="DISPUTED", answered_at__isnull=False) & ~Q(dispute_reason=""),
                name="performance_answer_fits",
            ),
            models.CheckConstraint(condition=~Q(note="") | Q(proof__isnull=False), name="performance_is_proved"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.on:%Y-%m-%d}"


class Reminder(models.Model):
    """One reminder of a promise: each at most once; one whose moment had passed unsent is only marked."""

    class Stage(models.TextChoices):
        BEFORE = "BEFORE", _("到期前3日")
        DAY = "DAY", _("到期当日")
        AFTER = "AFTER", _("到期后1个工作日")

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="reminders")
    stage = models.CharField(max_length=6, choices=Stage.choices)
    sent = models.BooleanField(_("已发出"), help_text=_("停机错过、说来已不合时宜的，不再补发"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("履行提醒")
        constraints = [
            models.UniqueConstraint(fields=["obligation", "stage"], name="promise_reminder_once"),
            models.CheckConstraint(condition=Q(stage__in=["BEFORE", "DAY", "AFTER"]), name="promise_reminder_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.at:%Y-%m-%d}"


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
