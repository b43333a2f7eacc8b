"""What is said and handed in."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import Solved
from cases.models.case import Case
from cases.models.parties import Party


class Evidence(models.Model):
    """A file, kept byte for byte under its SHA-256."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    number = models.PositiveSmallIntegerField(_("编号"))
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    provided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("名称"), max_length=200)
    purpose = models.CharField(_("证明什么"), max_length=300, blank=True)
    content_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField(_("页数"), default=1)
    sensitive = models.BooleanField(_("含敏感个人信息"), default=False)
    shared = models.BooleanField(_("对方可见"), default=True)
    original_seen = models.BooleanField(_("已核对原件"), default=False)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("证据材料")
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="evidence_number_once"),
            models.UniqueConstraint(
                fields=["case", "party", "sha256"],
                condition=Q(withdrawn_at__isnull=True),
                name="evidence_once_per_party",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="evidence_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Message(models.Model):
    """Something written on a case: to the centre, to everybody, or among staff. Withdrawn, never edited."""

    class Room(models.TextChoices):
        CENTRE = "CENTRE", _("与中心的往来")
        JOINT = "JOINT", _("各方共同")
        NOTE = "NOTE", _("内部备注")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    room = models.CharField(max_length=8, choices=Room.choices)
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="messages", help_text=_("往来的当事人")
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    author_label = models.CharField(max_length=60)
    from_centre = models.BooleanField(default=False)
    body = models.TextField(_("内容"), max_length=5000)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("留言")
        constraints = [
            models.CheckConstraint(
                name="message_room_fits_party",
                condition=Q(room="CENTRE", party__isnull=False) | Q(room__in=["JOINT", "NOTE"], party__isnull=True),
            )
        ]
        indexes = [models.Index(fields=["case", "room", "id"], name="messages_of_room")]

    def __str__(self) -> str:
        return f"{self.get_room_display()} {self.at:%Y-%m-%d}"


class Answer(models.Model):
    """The company's answer to a complaint, or the centre's answer to an enquiry."""

    class Kind(models.TextChoices):
        COMPANY = "COMPANY", _("企业答复")
        CENTRE = "CENTRE", _("咨询答复")
        AUTHORITY = "AUTHORITY", _("主管部门答复")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    body = models.TextField(_("答复内容"), max_length=5000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    solved = models.CharField(_("申请人认为"), max_length=10, choices=Solved.choices, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verification = models.CharField(_("核查情况"), max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("答复")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class SupplementRequest(models.Model):
    """What is missing, asked for once or twice."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="supplement_requests")
    items = ArrayField(models.CharField(max_length=300), verbose_name=_("需要补正的内容"))
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reminded_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("补正要求")

    def __str__(self) -> str:
        return "；".join(self.items)
