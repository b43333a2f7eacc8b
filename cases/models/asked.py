"""What the centre asks the parties to consent to: a question with its reason and date, before there is an answer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import ConsentMatter
from cases.models.case import Case


class ConsentRequest(models.Model):
    """One question to some parties of a case; the answers are the rows of `Consent` that name it."""

    class End(models.TextChoices):
        WITHDRAWN = "WITHDRAWN", _("已撤回，答复不再使用")
        USED = "USED", _("已经照答复办理")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="consent_requests")
    parties = models.ManyToManyField("cases.Party", related_name="consent_requests", verbose_name=_("问哪些当事人"))
    matter = models.CharField(_("事项"), max_length=14, choices=ConsentMatter.choices)
    days = models.PositiveSmallIntegerField(_("延长多少日"), null=True, blank=True)
    what = models.CharField(_("具体内容"), max_length=300, blank=True)
    reason = models.CharField(_("为什么问"), max_length=300, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    answer_by = models.DateField(_("答复期限"), null=True, blank=True, help_text=_("空：由本案的法定期限决定"))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    end = models.CharField(_("怎样结束"), max_length=10, choices=End.choices, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    end_reason = models.CharField(_("撤回的原因"), max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("征求意见")
        constraints = [
            models.CheckConstraint(name="request_matter_is_known", condition=Q(matter__in=ConsentMatter.values)),
            models.CheckConstraint(
                name="request_for_more_time_says_how_much",
                condition=Q(matter="EXTENSION", days__gte=1) | ~Q(matter="EXTENSION") & Q(days__isnull=True),
            ),
            models.CheckConstraint(
                name="request_end_says_when",
                condition=Q(end="", ended_at__isnull=True) | Q(end__in=["WITHDRAWN", "USED"], ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by", "id"], condition=Q(ended_at__isnull=True), name="request_open_of_asker")
        ]

    def __str__(self) -> str:
        return f"{self.get_matter_display()} {self.at:%Y-%m-%d}"
