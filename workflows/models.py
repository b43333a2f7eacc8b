"""The process of a case, what was already done, and who is alive."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from viewflow.workflow.models import Process

from accounts.models import User
from cases.models import Case


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
