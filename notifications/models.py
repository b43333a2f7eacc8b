"""What we told whom, and whether it arrived."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What there is to tell; the sentence that goes out for each is in `notifications/texts.py`."""

    CASE_FILED = "case_filed", _("已收到申请")
    SUPPLEMENT_NEEDED = "supplement_needed", _("需要补充材料")
    COMPANY_ASKED = "company_asked", _("请企业答复")
    INVITATION = "invitation", _("征询是否同意调解")
    CONSENT_REMINDER = "consent_reminder", _("催复是否同意调解")
    ACCEPTED = "accepted", _("已受理")
    MEDIATOR_ASSIGNED = "mediator_assigned", _("已安排调解员")
    MEDIATOR_NOMINATED = "mediator_nominated", _("请答复是否担任调解员")
    MEDIATOR_DISCLOSED = "mediator_disclosed", _("调解员有披露，请表示意见")
    MEDIATOR_RELEASED = "mediator_released", _("案件不再由您经办")
    CHALLENGE_DECIDED = "challenge_decided", _("回避申请已有决定")
    SESSION_SCHEDULED = "session_scheduled", _("已安排调解会")
    SUSPENDED = "suspended", _("已中止")
    RESUMED = "resumed", _("已恢复")
    AGREEMENT_READY = "agreement_ready", _("有协议待签署")
    AGREEMENT_CHANGED = "agreement_changed", _("协议文本有变动，原签署作废")
    AGREEMENT_IN_FORCE = "agreement_in_force", _("协议已生效")
    PERFORMANCE_DUE = "performance_due", _("履行将到期")
    PERFORMANCE_OVERDUE = "performance_overdue", _("履行已逾期")
    PERFORMANCE_REPORTED = "performance_reported", _("请确认履行")
    PERFORMANCE_ANSWERED = "performance_answered", _("履行有了回应")
    PERFORMANCE_URGED = "performance_urged", _("督促履行")
    CONFIRMATION_MOVED = "confirmation_moved", _("司法确认有进展")
    ENDED = "ended", _("调解已终止")
    REJECTED = "rejected", _("不予受理")
    REFERRED = "referred", _("已移送")
    WITHDRAWN = "withdrawn", _("已撤回")
    FOLLOWUP_DUE = "followup_due", _("将要回访")
    CLOSED = "closed", _("已结案")
    ARCHIVED = "archived", _("已归档")
    MESSAGE_RECEIVED = "message_received", _("有新留言")
    OVERDUE_STAFF = "overdue_staff", _("有期限已超过")
    TASK_ASSIGNED = "task_assigned", _("有新任务")
    PROPOSAL_WAITING = "proposal_waiting", _("有待审批事项")
    DEADLINE_MOVED = "deadline_moved", _("期限有变动")
    CONFIRMATION_DUE = "confirmation_due", _("司法确认期限将到")
    SUPERVISED = "supervised", _("有督办待答复")


class Notice(models.Model):
    """One thing told to one person. It says that something happened and where to look, never what."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(_("事项"), max_length=30, choices=Kind.choices)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.PositiveBigIntegerField()
    url = models.CharField(_("页面"), max_length=200)
    params = models.JSONField(default=dict, blank=True, help_text=_("不含个人信息"))
    created = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("已读时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("通知")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="notice_kind_is_known"),
            models.CheckConstraint(condition=Q(url__startswith="/"), name="notice_url_is_a_path"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notice_inbox"),
            models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.url}"


class Delivery(models.Model):
    """One notice on one way to its recipient."""

    class Channel(models.TextChoices):
        SITE = "SITE", _("站内")
        SMS = "SMS", _("短信")
        EMAIL = "EMAIL", _("电子邮件")

    class Status(models.TextChoices):
        PENDING = "PENDING", _("待发送")
        SENT = "SENT", _("已发送")
        FAILED = "FAILED", _("发送失败，将重试")
        DEAD = "DEAD", _("未能送达")

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(_("渠道"), max_length=10, choices=Channel.choices)
    status = models.CharField(_("状态"), max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    next_attempt_at = models.DateTimeField(_("下次发送"), null=True, blank=True)
    error = models.CharField(_("失败原因"), max_length=60, blank=True, default="", help_text=_("不含个人信息"))
    sent_at = models.DateTimeField(_("发送时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("送达")
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="delivery_once_per_channel"),
            models.CheckConstraint(condition=Q(channel__in=["SITE", "SMS", "EMAIL"]), name="delivery_channel_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["PENDING", "FAILED"], next_attempt_at__isnull=False, sent_at__isnull=True)
                | Q(status="SENT", next_attempt_at__isnull=True, sent_at__isnull=False)
                | Q(status="DEAD", next_attempt_at__isnull=True, sent_at__isnull=True),
                name="delivery_status_fits_its_times",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(status__in=["PENDING", "FAILED"]),
                name="delivery_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_status_display()}"
