"""Finding a time for a session: the mediator proposes slots, each party says which suit, one is fixed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.models import Case, Party
from mediation.models.sessions import Session


class SlotPoll(models.Model):
    """One question to all parties: which of these times suits you?"""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="slot_polls")
    round = models.PositiveSmallIntegerField(default=1)
    minutes = models.PositiveSmallIntegerField(_("时长（分钟）"), default=90)
    place = models.CharField(_("地点或线上方式"), max_length=200)
    link = models.URLField(_("线上会议链接"), max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    session = models.OneToOneField(
        Session, on_delete=models.PROTECT, null=True, blank=True, related_name="poll", verbose_name=_("定下的调解会")
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("征询调解会时间")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(closed_at__isnull=True), name="one_open_poll_per_case"
            ),
            models.CheckConstraint(
                name="fixed_poll_is_closed", condition=Q(session__isnull=True) | Q(closed_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.at:%Y-%m-%d}"


class Slot(models.Model):
    """One proposed time."""

    poll = models.ForeignKey(SlotPoll, on_delete=models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["starts_at"]
        verbose_name = _("可选时间")
        constraints = [models.UniqueConstraint(fields=["poll", "starts_at"], name="slot_once")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class SlotAnswer(models.Model):
    """Whether a proposed time suits a party; the last answer counts."""

    class Word(models.TextChoices):
        YES = "YES", _("可以")
        MAYBE = "MAYBE", _("勉强可以")
        NO = "NO", _("不行")

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="answers")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    word = models.CharField(max_length=6, choices=Word.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("对时间的答复")

    def __str__(self) -> str:
        return f"{self.party}: {self.get_word_display()}"
