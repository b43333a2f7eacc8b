"""Promises of an agreement, and the urging of late ones."""

from datetime import date

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
