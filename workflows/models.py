"""The process of a case, what was already done, and who is alive."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from viewflow.workflow.models import Process

from accounts.models import User
from cases.models import Case
from workflows.turns.models import Turn as Turn


class CaseProcess(Process):
    """The Viewflow process of one case."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="process")

    class Meta:
        verbose_name = _("办案流程")

    def __str__(self) -> str:
        return str(self.case)


class ActionKey(models.Model):
    """An action that was already carried out, so that a double click or a retry has one effect."""

    key = models.CharField(max_length=64, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=30)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("已执行的操作")

    def __str__(self) -> str:
        return f"{self.case_id} {self.action}"


class WorkerHeartbeat(models.Model):
    """The last sign of life of one worker process."""

    name = models.CharField(max_length=120, unique=True)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("后台进程")

    def __str__(self) -> str:
        return self.name


class CheckRun(models.Model):
    """One night's look at all cases: how far it got, and how much does not hold (`workflows.checks`)."""

    began_at = models.DateTimeField(_("开始时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    reached = models.PositiveBigIntegerField(default=0, help_text=_("查到哪个案件"))
    cases = models.PositiveIntegerField(_("查过的案件数"), default=0)
    found = models.PositiveIntegerField(_("不合规则的处数"), default=0)

    class Meta:
        verbose_name = _("规则检查")
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(ended_at__isnull=True), name="one_check_run_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d} {self.found}"


class FoundBreach(models.Model):
    """Something that does not hold of a case, until it is mended: then the row goes."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="breaches")
    name = models.CharField(_("规则"), max_length=60)
    since = models.DateTimeField(_("发现时间"))

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("不合规则之处")
        constraints = [models.UniqueConstraint(fields=["case", "name"], name="breach_once_per_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"
