"""How a matter ends, where it is sent on, and what waits for a decision."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import Outcome, ReferralTarget
from cases.models.case import Case


class Ending(models.Model):
    """Why a matter ended, which other routes were told, and when that was served (PML 3, 26)."""

    class Served(models.TextChoices):
        ONLINE = "ONLINE", _("网上送达")
        IN_PERSON = "IN_PERSON", _("当面送达")
        POST = "POST", _("邮寄送达")
        PHONE = "PHONE", _("电话告知并记录")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="endings")
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    round = models.PositiveSmallIntegerField(default=1)
    reason_code = models.CharField(_("原因"), max_length=4)
    reason_text = models.CharField(_("说明"), max_length=1000, blank=True)
    routes = models.TextField(_("其他途径"))
    served_on = models.DateField(_("送达日期"))
    served_how = models.CharField(_("送达方式"), max_length=10, choices=Served.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("终结记录")
        constraints = [
            models.CheckConstraint(condition=~Q(reason_code=""), name="ending_has_reason"),
            models.CheckConstraint(condition=~Q(routes=""), name="ending_tells_other_routes"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.reason_code}"


class Referral(models.Model):
    """A matter, or a part of it, sent on to the body that may decide it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="referrals")
    target = models.CharField(_("移送对象"), max_length=16, choices=ReferralTarget.choices)
    body_name = models.CharField(_("单位名称"), max_length=120)
    reason = models.CharField(_("移送理由"), max_length=500)
    letter_number = models.CharField(_("函号"), max_length=40, unique=True)
    legal_duty = models.BooleanField(_("依法应当移送或报告"), default=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    reply = models.TextField(_("回复"), blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("移送")

    def __str__(self) -> str:
        return f"{self.letter_number} {self.body_name}"


class Proposal(models.Model):
    """An action that one person (or the clock) proposes and another decides."""

    class Decision(models.TextChoices):
        WAITING = "WAITING", _("待决定")
        APPROVED = "APPROVED", _("同意")
        REFUSED = "REFUSED", _("不同意")
        LAPSED = "LAPSED", _("已失效")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposals")
    action = models.CharField(max_length=30)
    input = models.JSONField(default=dict)
    reason = models.CharField(max_length=1000, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.WAITING)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("待决事项")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "action"], condition=Q(decision="WAITING"), name="one_waiting_proposal_per_action"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.action}"


class Reason(models.Model):
    """Why somebody moved a case, in their own words: the papers quote it; the journal keeps no words about people."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="reasons")
    action = models.CharField(max_length=40)
    text = models.CharField(_("原因"), max_length=1000)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("原因")
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="reason_says_something")]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d}"
