"""What the director asks about a clock that is late: a reason, or an order to act (督办)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.models.deadlines import Deadline


class Supervision(models.Model):
    """One question or order to the person who answers for a deadline; open until answered or taken back."""

    class Kind(models.TextChoices):
        REASON = "REASON", _("请说明原因")
        ORDER = "ORDER", _("督办")

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="supervisions")
    kind = models.CharField(_("种类"), max_length=8, choices=Kind.choices)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="supervisions", verbose_name=_("责任人"))
    note = models.CharField(_("督办要求"), max_length=300, blank=True)
    answer_by = models.DateField(_("最晚答复日"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("督办人"))
    at = models.DateTimeField(_("督办时间"))
    answer = models.CharField(_("答复"), max_length=500, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("收回时间"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("督办")
        constraints = [
            models.UniqueConstraint(
                fields=["deadline", "kind", "person"],
                condition=Q(answered_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_supervision",
            ),
            models.CheckConstraint(
                name="supervision_answered_with_words", condition=Q(answered_at__isnull=True) | ~Q(answer="")
            ),
            models.CheckConstraint(
                name="supervision_answered_or_withdrawn",
                condition=Q(answered_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(name="supervision_not_of_oneself", condition=~Q(by=models.F("person"))),
        ]
        indexes = [
            models.Index(
                fields=["person", "id"],
                name="supervisions_open",
                condition=Q(answered_at__isnull=True, withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.deadline}"

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.withdrawn_at is None
