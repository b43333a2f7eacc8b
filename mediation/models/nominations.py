"""Who is asked to mediate a case, what the parties say to what was disclosed, and who is challenged."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import ConsentHow
from cases.models import Case, Party
from mediation.models.roster import Disclosure


class Nomination(models.Model):
    """One mediator asked to take one case: he accepts with a signed disclosure, or declines (PML 19, SZ22 23)."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("等调解员答复")
        ACCEPTED = "ACCEPTED", _("已接受")
        DECLINED = "DECLINED", _("不接受")
        REFUSED = "REFUSED", _("当事人有异议")
        LAPSED = "LAPSED", _("已失效")
        DONE = "DONE", _("已就任")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="nominations")
    mediator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="nominations")
    round = models.PositiveSmallIntegerField(default=1)
    jointly = models.BooleanField(_("双方共同选定"), default=False)
    reason = models.CharField(_("更换的原因"), max_length=500, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    answer_by = models.DateField(_("答复期限"))
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.WAITING)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    decline_reason = models.CharField(_("不接受的原因"), max_length=300, blank=True)
    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("拟任调解员")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["WAITING", "ACCEPTED"]), name="one_open_nomination"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ACCEPTED", "DONE", "REFUSED"]) | Q(disclosure__isnull=False),
                name="nobody_accepts_without_disclosure",
            ),
        ]
        indexes = [models.Index(fields=["mediator"], condition=Q(state="WAITING"), name="nominations_to_answer")]

    def __str__(self) -> str:
        return f"{self.case} · {self.mediator}"


class Waiver(models.Model):
    """What one party says to what a mediator disclosed: no objection, or one (INV16 15)."""

    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="waivers")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="waivers")
    given = models.BooleanField(_("不提异议"))
    how = models.CharField(_("方式"), max_length=10, choices=ConsentHow.choices)
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("对披露的意见")
        constraints = [
            models.UniqueConstraint(fields=["disclosure", "party"], name="waiver_once"),
            models.CheckConstraint(condition=Q(how__in=["ONLINE", "SIGNED"]), name="waiver_in_writing"),
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.at:%Y-%m-%d}"


class Challenge(models.Model):
    """A request that the mediator step aside (回避): mediation stops until somebody else has decided."""

    class Grounds(models.TextChoices):
        NEAR_RELATIVE = "NEAR_RELATIVE", _("是当事人或者代理人的近亲属")
        INTEREST = "INTEREST", _("与纠纷有利害关系")
        OTHER = "OTHER", _("有其他关系，可能影响公正")
        NONE = "NONE", _("不说明理由，请求换人")

    class Decision(models.TextChoices):
        WAITING = "WAITING", _("待决定")
        UPHELD = "UPHELD", _("回避成立")
        DISMISSED = "DISMISSED", _("回避不成立")
        HONOURED = "HONOURED", _("无须决定，已回避")
        LAPSED = "LAPSED", _("案件终结，不再决定")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="challenges")
    mediator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="challenges")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="challenges")
    grounds = models.CharField(_("理由"), max_length=14, choices=Grounds.choices)
    text = models.CharField(_("具体情况"), max_length=500, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decision = models.CharField(_("决定"), max_length=10, choices=Decision.choices, default=Decision.WAITING)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    reason = models.CharField(_("决定的理由"), max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("回避申请")
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(decision="WAITING"), name="one_open_challenge"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("mediator")), name="decided_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(decision="WAITING", decided_at__isnull=True)
                | Q(decision__in=["UPHELD", "DISMISSED"], decided_at__isnull=False, decided_by__isnull=False)
                | Q(decision__in=["HONOURED", "LAPSED"], decided_at__isnull=False, decided_by__isnull=True),
                name="challenge_decided_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.get_decision_display()}"
