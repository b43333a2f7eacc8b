"""Call-backs after the end."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import ConsentHow, Satisfaction, Solved
from cases.models import Case


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
