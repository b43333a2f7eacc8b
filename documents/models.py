"""Official documents that are due or were issued."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Document(models.Model):
    """One official document of one subject: due when the action that demands it was carried out."""

    subject_kind = models.CharField(max_length=20)
    subject_id = models.PositiveBigIntegerField()
    title = models.CharField(_("文书名称"), max_length=60)
    action = models.CharField(max_length=30)
    due_at = models.DateTimeField(_("应制作时间"))
    data = models.JSONField(_("文书内容"), default=dict)
    issued_at = models.DateTimeField(_("制发时间"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("文书")
        indexes = [models.Index(fields=["subject_kind", "subject_id", "id"], name="documents_of_subject")]

    def __str__(self) -> str:
        return self.title
