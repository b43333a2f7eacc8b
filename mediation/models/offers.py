"""What the parties bargain about: issues in dispute, offers with their terms, the answers, what was agreed.

Rows are written once: an answer, an end and an agreed issue are rows of their own beside the offer. Nothing outside
mediation and its pages reads them (INV16 22, ONL21 18: a concession is not used against whoever made it).
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.models import Case, Claim, Party


class Issue(models.Model):
    """One point in dispute: a claim of the applicant, or one that the mediator added."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="issues")
    number = models.PositiveSmallIntegerField()
    title = models.TextField(_("争议事项"))
    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="issue")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(_("停止协商时间"), null=True, blank=True)
    ended_reason = models.CharField(_("停止协商的原因"), max_length=300, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("争议事项")
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="issue_number_once"),
            models.CheckConstraint(
                name="issue_ended_with_reason",
                condition=Q(ended_at__isnull=True, ended_reason="") | (Q(ended_at__isnull=False) & ~Q(ended_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Offer(models.Model):
    """One offer: terms for one or several issues, from a party or from the mediator."""

    class Mode(models.TextChoices):
        OPEN = "OPEN", _("公开方案")
        BLIND = "BLIND", _("各方都同意才公开答复的方案")
        SEALED = "SEALED", _("密封报价")
        MET = "MET", _("密封报价相合")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="offers")
    round = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField(_("编号"), null=True, blank=True, help_text=_("密封报价没有编号"))
    mode = models.CharField(max_length=8, choices=Mode.choices)
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="offers", help_text=_("空：调解员")
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answers_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="counters")
    text = models.CharField(_("说明"), max_length=1000, blank=True)
    shown_to_mediator = models.BooleanField(_("调解员可以看"), default=False)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(_("有效至"))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("方案")
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="offer_number_once"),
            models.CheckConstraint(
                name="sealed_offer_has_no_number",
                condition=Q(mode="SEALED", number__isnull=True) | (~Q(mode="SEALED") & Q(number__isnull=False)),
            ),
            models.CheckConstraint(
                name="offer_mode_fits_author",
                condition=Q(mode="OPEN", by__isnull=False)
                | Q(mode="BLIND", party__isnull=True, by__isnull=False)
                | Q(mode="SEALED", party__isnull=False, by__isnull=False)
                | Q(mode="MET", party__isnull=True, by__isnull=True),
            ),
            models.CheckConstraint(
                name="only_sealed_is_shown", condition=Q(mode="SEALED") | Q(shown_to_mediator=False)
            ),
            models.CheckConstraint(name="offer_lasts", condition=Q(mode="MET") | Q(expires_at__gt=F("at"))),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.number or self.mode}"


class OfferTerm(models.Model):
    """One thing that an offer says for one issue: who does what for whom, how much, how, where, by when, how proved."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="terms")
    number = models.PositiveSmallIntegerField()
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="terms")
    doer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    what = models.CharField(_("做什么"), max_length=500)
    amount = models.DecimalField(_("金额（元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    manner = models.CharField(_("方式"), max_length=200)
    place = models.CharField(_("地点"), max_length=200, blank=True)
    due = models.DateField(_("期限"))
    proof = models.CharField(_("怎样证明做到了"), max_length=200, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("方案内容")
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="offer_term_number_once"),
            models.CheckConstraint(
                name="offer_not_to_oneself", condition=Q(receiver__isnull=True) | ~Q(receiver=F("doer"))
            ),
            models.CheckConstraint(name="offer_amount_positive", condition=Q(amount__isnull=True) | Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return self.what


class OfferAnswer(models.Model):
    """One party's yes or no: to one issue of an open offer, or to the whole of a blind one (then the last counts)."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="answers")
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    yes = models.BooleanField(_("同意"))
    note = models.CharField(_("说明"), max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("对方案的答复")
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "issue", "party"], condition=Q(issue__isnull=False), name="offer_answer_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.yes}"


class OfferEnd(models.Model):
    """How an offer stopped being open to answers."""

    class How(models.TextChoices):
        ACCEPTED = "ACCEPTED", _("各方都同意")
        PARTLY = "PARTLY", _("部分谈妥")
        REFUSED = "REFUSED", _("没有谈妥")
        WITHDRAWN = "WITHDRAWN", _("已撤回")
        EXPIRED = "EXPIRED", _("已到期")
        REPLACED = "REPLACED", _("已换成新的报价")
        TALKS_OVER = "TALKS_OVER", _("调解已结束")

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="end")
    how = models.CharField(max_length=10, choices=How.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("方案的结束")
        constraints = [
            models.CheckConstraint(
                name="offer_end_known",
                condition=Q(
                    how__in=["ACCEPTED", "PARTLY", "REFUSED", "WITHDRAWN", "EXPIRED", "REPLACED", "TALKS_OVER"]
                ),
            )
        ]

    def __str__(self) -> str:
        return self.get_how_display()


class AgreedIssue(models.Model):
    """One issue on which all agreed to the terms of one offer; the last one of a round counts."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="agreed")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="agreed")
    round = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("谈妥的事项")
        constraints = [models.UniqueConstraint(fields=["issue", "offer"], name="agreed_issue_once")]

    def __str__(self) -> str:
        return f"{self.issue} ← {self.offer}"
