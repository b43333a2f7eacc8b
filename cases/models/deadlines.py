"""Deadlines as rows: what runs, since when, until when, and why that date."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import OPEN_STATUSES
from cases.clocks import ClockKey, Unit
from cases.models.case import Case


class Deadline(models.Model):
    """One running, paused, met or stopped clock of one case. Dates are local (Asia/Shanghai)."""

    class State(models.TextChoices):
        RUNNING = "RUNNING", _("计时中")
        PAUSED = "PAUSED", _("暂停")
        MET = "MET", _("已办")
        STOPPED = "STOPPED", _("终止")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deadlines")
    subject_kind = models.CharField(max_length=20, default="case", editable=False)
    subject_id = models.PositiveBigIntegerField(editable=False)
    clock = models.CharField(_("期限"), max_length=4, choices=ClockKey.choices)
    about_id = models.PositiveBigIntegerField(null=True, blank=True, help_text=_("如：履行事项"))
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    rule = models.CharField(_("规则"), max_length=80)
    legal_basis = models.CharField(_("依据"), max_length=200)
    start_event = models.CharField(_("起算"), max_length=80)
    start = models.DateField(_("起算日"))
    count = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=12, choices=Unit.choices)
    first_due = models.DateField(_("最初到期日"))
    due = models.DateField(_("到期日"))
    why = models.JSONField(_("为什么是这一天"), default=list)
    provisional = models.BooleanField(_("按暂定日历计算"), default=False)
    ended_on = models.DateField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    overdue_at = models.DateTimeField(_("记录超期时间"), null=True, blank=True)
    overdue_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    overdue_reason = models.CharField(_("超期原因"), max_length=300, blank=True)

    class Meta:
        ordering = ["due", "pk"]
        verbose_name = _("期限")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "clock", "about_id"],
                condition=Q(state__in=["RUNNING", "PAUSED"]),
                name="one_open_deadline_per_clock",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="deadline_of_its_case", condition=Q(subject_kind="case", subject_id=models.F("case"))
            ),
            models.CheckConstraint(
                name="deadline_ended_when_over",
                condition=Q(state__in=["RUNNING", "PAUSED"], ended_on__isnull=True)
                | Q(state__in=["MET", "STOPPED"], ended_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["due", "id"], name="deadlines_running", condition=Q(state="RUNNING")),
            models.Index(fields=["case", "state", "due"], name="deadlines_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.get_clock_display()} {self.due}"


class DeadlinePause(models.Model):
    """Days that do not count: suspension, appraisal."""

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="pauses")
    from_date = models.DateField(_("起"))
    until = models.DateField(_("止"), null=True, blank=True)
    reason = models.CharField(_("原因"), max_length=200)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("期限暂停")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("from_date")), name="pause_in_order"
            ),
            models.UniqueConstraint(fields=["deadline"], condition=Q(until__isnull=True), name="one_open_pause"),
        ]

    def __str__(self) -> str:
        return f"{self.from_date}–{self.until or ''}"


class DeadlineMove(models.Model):
    """A due date that moved: by extension, after a pause, or because the calendar became final."""

    class Cause(models.TextChoices):
        EXTENSION = "EXTENSION", _("各方同意延长")
        PAUSE = "PAUSE", _("暂停的时间不计")
        CALENDAR = "CALENDAR", _("放假安排公布后重新计算")

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="moves")
    cause = models.CharField(max_length=10, choices=Cause.choices)
    days = models.PositiveSmallIntegerField(default=0)
    from_due = models.DateField()
    to_due = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("期限变动")
        constraints = [
            models.CheckConstraint(condition=Q(to_due__gte=models.F("from_due")), name="deadline_never_earlier")
        ]

    def __str__(self) -> str:
        return f"{self.from_due} → {self.to_due}"


class DeadlineReminder(models.Model):
    """One reminder that a running deadline called for on one day of its count: sent once."""

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="reminders")
    day = models.PositiveSmallIntegerField(_("第几日"))
    at = models.DateTimeField()

    class Meta:
        ordering = ["day"]
        verbose_name = _("期限提醒")
        constraints = [models.UniqueConstraint(fields=["deadline", "day"], name="reminder_once")]

    def __str__(self) -> str:
        return f"{self.deadline} {self.day}"


__all__ = ["OPEN_STATUSES", "Deadline", "DeadlineMove", "DeadlinePause", "DeadlineReminder"]
