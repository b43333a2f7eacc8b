"""A turn: one thing that one party, or one role of the centre and who holds it, has to do."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, User
from cases.models import Case, Deadline, Party
from workflows.turns.kinds import NoDate


class Turn(models.Model):
    """One open turn, or one that was done. A duty that comes back is a new row; nothing sealed ever makes one."""

    subject_kind = models.CharField(max_length=20, default="case")
    subject_id = models.PositiveBigIntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="turns")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("要办的事"), max_length=20, help_text=_("见 workflows/turns/kinds.py"))
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="turns")
    role = models.CharField(max_length=20, blank=True)
    holder = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="turns",
        help_text=_("空：这个岗位的人；没有人的，中心主任"),
    )  # fmt: skip
    about_kind = models.CharField(max_length=20, blank=True)
    about_id = models.PositiveBigIntegerField(null=True)
    number = models.PositiveIntegerField(null=True, help_text=_("所说的是第几个"))
    since = models.DateTimeField(_("从什么时候起"))
    opens_at = models.DateTimeField(_("什么时候才轮到"), null=True)
    ends_at = models.DateTimeField(_("什么时候过去"), null=True)
    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, null=True, related_name="turns")
    due = models.DateField(_("最晚哪天"), null=True)
    no_date_reason = models.CharField(_("为什么没有期限"), max_length=8, choices=NoDate.choices, blank=True)
    duty = models.BooleanField(default=True, help_text=_("否：愿意才办"))
    area = models.CharField(max_length=80, help_text=_("在案件下面的哪一页办"))
    closed_at = models.DateTimeField(null=True)
    closed_how = models.CharField(max_length=30, blank=True, help_text=_("因哪一个动作或记录而了结"))
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("轮到谁办")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "kind", "party", "role", "about_kind", "about_id"],
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="open_turn_once",
            ),
            models.CheckConstraint(
                name="turn_of_a_party_or_a_role",
                condition=Q(party__isnull=False, role="") | (Q(party__isnull=True) & ~Q(role="")),
            ),
            models.CheckConstraint(
                name="turn_has_a_date_or_a_reason",
                condition=Q(due__isnull=False, no_date_reason="")
                | Q(due__isnull=True, no_date_reason__in=NoDate.values),
            ),
            models.CheckConstraint(
                name="turn_of_its_case",
                condition=~Q(subject_kind="case") | Q(case__isnull=False, subject_id=models.F("case")),
            ),
            models.CheckConstraint(
                name="turn_closed_by_something",
                condition=Q(closed_at__isnull=True, closed_how="") | (Q(closed_at__isnull=False) & ~Q(closed_how="")),
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "due", "id"], condition=Q(closed_at__isnull=True), name="turns_of_holder"),
            models.Index(
                fields=["centre", "role", "due", "id"], condition=Q(closed_at__isnull=True), name="turns_of_desk"
            ),
            models.Index(fields=["party", "due", "id"], condition=Q(closed_at__isnull=True), name="turns_of_party"),
            models.Index(
                fields=["subject_kind", "subject_id"], condition=Q(closed_at__isnull=True), name="turns_of_subject"
            ),
            models.Index(fields=["deadline"], condition=Q(closed_at__isnull=True), name="turns_of_deadline"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} {self.kind} {self.party_id or self.role}"
