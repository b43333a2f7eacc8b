"""The journal: who changed what, when and why. Rows are added, never touched again; the database sees to it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from audit.canonical import GENESIS

HASH = r"^[0-9a-f]{64}$"


class Action(models.TextChoices):
    """Actions that change nothing but are journalled all the same; every floor above names its own."""

    VIEW_PERSONAL = "view_personal", _("查看完整个人信息")
    EXPORT = "export", _("导出数据")


class Register(models.Model):
    """How many subjects there are, in one row: locked only while a new subject appears."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    head_count = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        verbose_name = _("日志总册")
        constraints = [
            models.CheckConstraint(name="register_is_one_row", condition=Q(id=1)),
            models.CheckConstraint(name="register_hash_is_sha256", condition=Q(hash__regex=HASH)),
        ]

    def __str__(self) -> str:
        return f"{self.head_count}"


class Head(models.Model):
    """One subject of the journal (a case, a company, an account): where its chain ends and how long it is."""

    ordinal = models.PositiveBigIntegerField(primary_key=True, help_text=_("从1起连续编号，不留空号"))
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    count = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default=GENESIS)
    register_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("日志对象")
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id"], name="head_once_per_subject"),
            models.CheckConstraint(name="head_ordinal_from_one", condition=Q(ordinal__gte=1)),
            models.CheckConstraint(
                name="head_hashes_are_sha256", condition=Q(last_hash__regex=HASH, register_hash__regex=HASH)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id}"


class Entry(models.Model):
    """One change, with the hash of its whole row and the hash of the entry before it."""

    pk = models.CompositePrimaryKey("head_id", "sequence")
    # The primary key leads with the head: no index of its own.
    head = models.ForeignKey(Head, on_delete=models.PROTECT, related_name="entries", db_index=False)
    sequence = models.PositiveBigIntegerField(_("序号"))
    at = models.DateTimeField(_("时间"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("空：期限届满，由系统执行"),
    )
    actor_label = models.CharField(_("操作人"), max_length=150)
    action = models.CharField(_("操作"), max_length=60)
    before = models.JSONField(_("变更前"), default=dict, blank=True)
    after = models.JSONField(_("变更后"), default=dict, blank=True)
    reason = models.TextField(_("理由"), blank=True, default="")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("日志")
        # Whoever holds a document has its code alone; the entry is found by it even where the row is gone.
        indexes = [
            models.Index(KeyTextTransform("code", "after"), name="entry_by_code", condition=Q(after__has_key="code"))
        ]
        constraints = [
            models.UniqueConstraint(fields=["head", "previous_hash"], name="entry_chain_never_forks"),
            models.CheckConstraint(name="entry_sequence_from_one", condition=Q(sequence__gte=1)),
            models.CheckConstraint(
                name="entry_hashes_are_sha256", condition=Q(previous_hash__regex=HASH, hash__regex=HASH)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.head_id}/{self.sequence} {self.action}"
