"""Where the parties and the mediator talk: one room for all, and a private one of each side with each mediator.

A table of their own, apart from `Message`: whoever lists, counts, exports or files messages and evidence of a case
meets nothing that was said or shown in a room.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import PARTY_ROLES, Role
from cases.choices import Side
from cases.models.case import Case
from cases.models.material import Evidence
from cases.models.parties import Party

JOINT = ""  # the side of the room that belongs to all sides


class Room(models.Model):
    """The joint room of a case, or the caucus of one side with one mediator.

    A caucus belongs to its mediator: with another mediator another one begins, which knows nothing of the first
    unless the side hands that over.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="rooms")
    side = models.CharField(_("哪一方的"), max_length=12, choices=Side.choices, blank=True)
    mediator = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    handed_to = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("同意给其看的调解员")
    )
    handed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0, help_text=_("任何变化加一：实时更新据此判断新旧"))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("调解室")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "side", "mediator"], name="room_once_per_side_and_mediator", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="caucus_has_a_mediator", condition=Q(side="", mediator=None) | ~Q(side="") & ~Q(mediator=None)
            ),
            models.CheckConstraint(
                name="caucus_is_handed_to_another",
                condition=Q(handed_to=None, handed_at=None)
                | ~Q(side="") & Q(handed_at__isnull=False) & ~Q(handed_to=F("mediator")),
            ),
        ]

    def __str__(self) -> str:
        return self.get_side_display() if self.side else str(_("共同调解室"))

    @property
    def subject(self) -> tuple[str, int]:
        """The room's journal is its own: who reads the journal of the case learns nothing of it."""
        return ("room", self.pk)

    @property
    def topic(self) -> str:
        return f"room:{self.pk}"

    @property
    def slug(self) -> str:
        return self.side.lower().replace("_", "-") if self.side else "joint"

    def get_absolute_url(self) -> str:
        return f"{self.case.get_absolute_url()}room/" + (f"{self.slug}/" if self.side else "")

    def roles_of(self, user: User) -> frozenset[Role]:
        """Return the roles that count in here: the parties of the side, and the mediator who acts now."""
        roles = self.case.roles_of(user)
        kept = roles & ({Role(self.side)} if self.side else PARTY_ROLES)
        if Role.MEDIATOR in roles and (not self.side or user.pk in {self.mediator_id, self.handed_to_id}):
            kept |= {Role.MEDIATOR}
        return frozenset(kept)


class RoomEntry(models.Model):
    """Something said in a room, a file shown there, or that something happened: then only a reference.

    Withdrawn, never edited: the database refuses another text.
    """

    class Kind(models.TextChoices):
        TEXT = "TEXT", _("说的话")
        FILE = "FILE", _("只给这里看的材料")
        EVIDENCE = "EVIDENCE", _("提交了材料")
        OFFER_MADE = "OFFER_MADE", _("提出了方案")
        OFFER_ANSWERED = "OFFER_ANSWERED", _("答复了方案")
        SESSION_CALLED = "SESSION_CALLED", _("安排了调解会")
        AGREEMENT_READY = "AGREEMENT_READY", _("协议文本已拟好")
        HANDED_OVER = "HANDED_OVER", _("同意新调解员看以前的谈话")

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="entries")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    ref = models.PositiveBigIntegerField(null=True, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    author_label = models.CharField(max_length=60)
    body = models.TextField(_("内容"), max_length=5000, blank=True)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text=_("已提醒没有看到的人"))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("调解室记录")
        constraints = [
            models.UniqueConstraint(fields=["room", "key"], name="room_entry_once"),
            models.CheckConstraint(
                name="room_event_is_a_reference",
                condition=Q(kind__in=["TEXT", "FILE", "HANDED_OVER"], ref=None)
                | Q(ref__isnull=False, body="")
                & Q(kind__in=["EVIDENCE", "OFFER_MADE", "OFFER_ANSWERED", "SESSION_CALLED", "AGREEMENT_READY"]),
            ),
        ]
        indexes = [
            models.Index(fields=["room", "id"], name="entries_of_room"),
            models.Index(fields=["at"], condition=Q(told_at=None), name="entries_not_told"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class RoomFile(models.Model):
    """A file shown in a caucus: no evidence of the case before its side makes it that."""

    entry = models.OneToOneField(RoomEntry, on_delete=models.PROTECT, related_name="file")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("名称"), max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    shared_as = models.OneToOneField(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("已交给各方")
    )

    class Meta:
        verbose_name = _("调解室材料")
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="room_file_not_empty")]

    def __str__(self) -> str:
        return self.name


class RoomVisit(models.Model):
    """Up to where somebody has read in a room."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="visits")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    seen = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("调解室阅读记录")
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="room_visit_once")]

    def __str__(self) -> str:
        return f"{self.seen}"
