"""Mediation sessions: scheduled, told, held, recorded."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.models import Case


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
