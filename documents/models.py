"""Official documents that are due or were issued, and the series in which they are numbered."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, User
from documents.kind import Audience


class DocumentSeries(models.Model):
    """The last number given to one series of documents of one centre and year; its row lock keeps it gap-free."""

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="document_series")
    word = models.CharField(_("字号"), max_length=4, help_text=_("如：协、受、终"))
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("文书编号序列")
        constraints = [models.UniqueConstraint(fields=["centre", "word", "year"], name="document_series_once")]

    def __str__(self) -> str:
        return f"{self.centre.code} {self.word} {self.year}: {self.last}"


class Document(models.Model):
    """One official document of one subject: due when an action demands it, issued once, then never changed.

    What it says is kept as `data` (the fields) and `sheet` (the finished text); the file is set from the sheet by the
    worker, or when it is first asked for, and kept under its SHA-256. What is true of it stands in the journal
    (`documents.ledger`): the row is only believed as far as it fits its entries.
    """

    subject_kind = models.CharField(max_length=20)
    subject_id = models.PositiveBigIntegerField()
    kind = models.CharField(_("文书种类"), max_length=40, blank=True, default="")
    title = models.CharField(_("文书名称"), max_length=60)
    action = models.CharField(max_length=30, blank=True, default="")
    about_kind = models.CharField(max_length=20, blank=True, default="")
    about_id = models.PositiveBigIntegerField(null=True, blank=True)
    party_id = models.PositiveBigIntegerField(_("文书所写的当事人"), null=True, blank=True)
    audience = models.CharField(_("给谁看"), max_length=12, choices=Audience.choices, default=Audience.STAFF)
    due_at = models.DateTimeField(_("应制作时间"))
    dropped_at = models.DateTimeField(_("不需要制作"), null=True, blank=True)
    dropped_reason = models.CharField(_("不需要制作的理由"), max_length=200, blank=True, default="")
    dropped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    obstacle = models.CharField(_("还不能制发的原因"), max_length=300, blank=True, default="")
    data = models.JSONField(_("文书内容"), default=dict)
    sheet = models.JSONField(_("文书全文"), null=True, blank=True)
    number = models.CharField(_("文号"), max_length=60, blank=True, default="")
    code = models.CharField(_("核验码"), max_length=12, null=True, blank=True, unique=True)
    issued_at = models.DateTimeField(_("制发时间"), null=True, blank=True)
    issued_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("制发人")
    )
    template_version = models.CharField(_("模板版本"), max_length=12, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    pages = models.PositiveSmallIntegerField(_("页数"), null=True, blank=True)
    file_tried_at = models.DateTimeField(_("上次没有做成文件"), null=True, blank=True)
    signed_at = models.DateTimeField(_("各方签名完毕"), null=True, blank=True)
    sealed_at = models.DateTimeField(_("盖章时间"), null=True, blank=True)
    sealed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoke_reason = models.CharField(_("作废理由"), max_length=300, blank=True, default="")
    replaced_by = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces", verbose_name=_("由何文书代替")
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("文书")
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="documents_of_subject"),
            models.Index(fields=["id"], name="documents_without_file", condition=Q(issued_at__isnull=False, sha256="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number", "kind"],
                condition=Q(revoked_at__isnull=True) & ~Q(number=""),
                name="document_number_once_per_kind",
            ),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="document_audience_known"),
            models.CheckConstraint(
                name="issued_document_is_whole",
                condition=Q(issued_at__isnull=True, code__isnull=True)
                | Q(issued_at__isnull=False, code__isnull=False, sheet__isnull=False) & ~Q(kind=""),
            ),
            models.CheckConstraint(
                name="document_file_is_known_whole",
                condition=Q(sha256="", pages__isnull=True, template_version="")
                | Q(issued_at__isnull=False, sha256__regex=r"^[0-9a-f]{64}$", pages__gte=1) & ~Q(template_version=""),
            ),
            models.CheckConstraint(
                name="revoked_document_says_why",
                condition=Q(revoked_at__isnull=True, revoke_reason="")
                | Q(revoked_at__isnull=False, issued_at__isnull=False) & ~Q(revoke_reason=""),
            ),
            models.CheckConstraint(
                name="replaced_document_is_revoked",
                condition=Q(replaced_by__isnull=True) | Q(revoked_at__isnull=False) & ~Q(replaced_by=F("id")),
            ),
            models.CheckConstraint(
                name="dropped_document_was_due",
                condition=Q(dropped_at__isnull=True, dropped_reason="")
                | Q(dropped_at__isnull=False, issued_at__isnull=True) & ~Q(dropped_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}" if self.number else self.title

    @property
    def is_due(self) -> bool:
        return self.issued_at is None and self.dropped_at is None

    @property
    def stands(self) -> bool:
        """Say whether it was issued and neither revoked nor replaced."""
        return self.issued_at is not None and self.revoked_at is None

    @property
    def shown_code(self) -> str:
        """The verification code as it is printed: XXXX-XXXX-XXXX."""
        return grouped(self.code or "")


def grouped(code: str) -> str:
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
