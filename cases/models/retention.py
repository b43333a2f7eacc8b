"""How long a dossier is kept, what stops its destruction, and how it is destroyed (domain.md 2.6)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, User
from cases.choices import RetentionClass
from cases.models.case import Case


class LegalHold(models.Model):
    """A reason not to destroy a dossier, whatever its period: a suit, an inspection, a request of an authority."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="legal_holds")
    reason = models.CharField(_("冻结的原因"), max_length=300)
    from_date = models.DateField(_("起"))
    until = models.DateField(_("止"), null=True, blank=True, help_text=_("空：直到解除"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("冻结人"))
    at = models.DateTimeField(_("冻结时间"))
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    lift_reason = models.CharField(_("解除的原因"), max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("销毁冻结")
        constraints = [
            models.CheckConstraint(name="hold_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="hold_in_order", condition=Q(until__isnull=True) | Q(until__gte=F("from_date"))
            ),
            models.CheckConstraint(
                name="hold_lifted_by_somebody",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lift_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["case"], name="holds_open", condition=Q(lifted_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.case} {self.from_date}–{self.until or ''}"


class DestructionList(models.Model):
    """Dossiers whose period is over: proposed by the archivist, approved by somebody else, then destroyed."""

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", _("待审批")
        REFUSED = "REFUSED", _("未批准")
        APPROVED = "APPROVED", _("已批准")
        EXECUTED = "EXECUTED", _("已销毁")

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="destruction_lists")
    number = models.CharField(_("清册编号"), max_length=40, unique=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.PROPOSED)
    reason = models.CharField(_("鉴定意见"), max_length=300)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("提出人"))
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("审批人")
    )
    decided_at = models.DateTimeField(_("审批时间"), null=True, blank=True)
    note = models.CharField(_("审批意见"), max_length=300, blank=True)
    executed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("销毁人")
    )
    executed_at = models.DateTimeField(_("销毁时间"), null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("销毁清册")
        constraints = [
            models.CheckConstraint(
                name="destruction_two_persons", condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by"))
            ),
            models.CheckConstraint(
                name="destruction_decided",
                condition=Q(state="PROPOSED", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="PROPOSED") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="destruction_executed",
                condition=Q(state="EXECUTED", executed_by__isnull=False, executed_at__isnull=False)
                | (~Q(state="EXECUTED") & Q(executed_by__isnull=True, executed_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class DestructionItem(models.Model):
    """One dossier on such a list, with what was erased of it: the record that stays."""

    list = models.ForeignKey(DestructionList, on_delete=models.PROTECT, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="destructions")
    dossier_number = models.CharField(_("卷号"), max_length=40)
    retention = models.CharField(_("保管期限"), max_length=12, choices=RetentionClass.choices)
    kept_until = models.DateField(_("保管期满日"))
    left_out = models.CharField(_("未销毁的原因"), max_length=200, blank=True)
    destroyed_at = models.DateTimeField(_("销毁时间"), null=True, blank=True)
    files = models.PositiveIntegerField(_("销毁的文件数"), default=0)
    fields = models.PositiveIntegerField(_("清除的文字项数"), default=0)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("销毁清册条目")
        constraints = [
            models.UniqueConstraint(fields=["list", "case"], name="destruction_item_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(destroyed_at__isnull=False), name="destroyed_once"),
        ]

    def __str__(self) -> str:
        return self.dossier_number
