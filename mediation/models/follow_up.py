"""Call-backs after the end, and what the parties say of it themselves."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import Satisfaction, Solved
from cases.models import Case, Party


class FollowUp(models.Model):
    """One call-back or the try of one, by somebody other than the mediator (domain.md 5.3, 8.9)."""

    class How(models.TextChoices):
        PHONE = "PHONE", _("电话")
        VISIT = "VISIT", _("上门或当面")
        SMS = "SMS", _("短信")

    class Performed(models.TextChoices):
        FULL = "FULL", _("全部履行")
        PARTIAL = "PARTIAL", _("部分履行")
        NONE = "NONE", _("没有履行")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="follow_ups")
    concluded_at = models.DateTimeField(help_text=_("所回访的那次调结"))
    how = models.CharField(_("方式"), max_length=10, choices=How.choices)
    reached = models.BooleanField(_("联系上了"))
    solved = models.CharField(_("是否解决"), max_length=10, choices=Solved.choices, blank=True)
    satisfaction = models.CharField(_("满意度"), max_length=12, choices=Satisfaction.choices, blank=True)
    performed = models.CharField(_("履行了多少"), max_length=10, choices=Performed.choices, blank=True)
    performance = models.CharField(_("履行情况"), max_length=200, blank=True)
    lawsuit = models.CharField(_("诉讼及其结果"), max_length=200, blank=True)
    hidden_danger = models.CharField(_("激化或隐患"), max_length=200, blank=True)
    wrong_mediation = models.CharField(_("错调"), max_length=200, blank=True)
    measures = models.CharField(_("采取的措施"), max_length=300, blank=True)
    next_on = models.DateField(_("下次回访日期"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("回访")
        constraints = [
            models.CheckConstraint(
                name="answer_only_when_reached",
                condition=Q(reached=True) | Q(solved="", satisfaction="", performed="", lawsuit="", wrong_mediation=""),
            ),
            models.CheckConstraint(name="reached_says_solved", condition=Q(reached=False) | ~Q(solved="")),
            models.CheckConstraint(name="call_back_how_is_known", condition=Q(how__in=["PHONE", "VISIT", "SMS"])),
        ]
        indexes = [models.Index(fields=["at"], name="call_backs_by_time")]

    def __str__(self) -> str:
        return f"{self.case} {self.at:%Y-%m-%d}"


class Survey(models.Model):
    """What a party says of the result itself: once for each conclusion, never through somebody of the centre."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="surveys")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="surveys")
    concluded_at = models.DateTimeField(help_text=_("所评价的那次调结"))
    solved = models.CharField(_("是否解决"), max_length=10, choices=Solved.choices)
    satisfaction = models.CharField(_("满意度"), max_length=12, choices=Satisfaction.choices)
    comment = models.CharField(_("想说的话"), max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("满意度评价")
        constraints = [
            models.UniqueConstraint(fields=["party", "concluded_at"], name="survey_once_per_conclusion"),
            models.CheckConstraint(name="survey_solved_is_known", condition=Q(solved__in=Solved.values)),
            models.CheckConstraint(
                name="survey_satisfaction_is_known", condition=Q(satisfaction__in=Satisfaction.values)
            ),
        ]
        indexes = [models.Index(fields=["at"], name="surveys_by_time")]

    def __str__(self) -> str:
        return f"{self.case} {self.at:%Y-%m-%d}"
