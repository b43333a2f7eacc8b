"""Which days people work."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """One day: a working day or not. A year is loaded whole; it is provisional until its notice is in."""

    class Source(models.TextChoices):
        LIBRARY = "chinesecalendar", _("chinesecalendar 数据")
        ESTIMATE = "holidays", _("按法定节假日暂算")
        NOTICE = "notice", _("国务院办公厅通知")
        STAFF = "staff", _("人工调整")

    date = models.DateField(_("日期"), primary_key=True)
    is_workday = models.BooleanField(_("工作日"))
    source = models.CharField(_("来源"), max_length=16, choices=Source.choices)
    note = models.CharField(_("说明"), max_length=60, blank=True, default="")
    provisional = models.BooleanField(_("暂定"), default=False)

    class Meta:
        ordering = ["date"]
        verbose_name = _("日历日")
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=["chinesecalendar", "holidays", "notice", "staff"]),
                name="calendar_day_source_known",
            ),
            models.CheckConstraint(
                condition=Q(provisional=False) | ~Q(source__in=["chinesecalendar", "notice"]),
                name="calendar_day_published_is_final",
            ),
            models.CheckConstraint(
                condition=Q(provisional=True) | ~Q(source="holidays"), name="calendar_day_estimate_is_provisional"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d}"


class CalendarVersion(models.Model):
    """The single row that changes with the calendar, so that every process sees its copy is old."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    # A random token, not a counter: a number taken by a rolled-back change would be given out again.
    token = models.UUIDField(default=uuid4)

    class Meta:
        verbose_name = _("日历版本")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="calendar_version_is_one_row")]

    def __str__(self) -> str:
        return str(self.token)
