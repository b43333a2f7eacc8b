"""What we told whom, and whether it arrived."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import EncryptedTextField


class Kind(models.TextChoices):
    """What there is to tell; the sentence that goes out for each is in `notifications/texts.py`."""

    CASE_FILED = "case_filed", _("已收到申请")
    SUPPLEMENT_NEEDED = "supplement_needed", _("需要补充材料")
    COMPANY_ASKED = "company_asked", _("请企业答复")
    INVITATION = "invitation", _("征询是否同意调解")
    CONSENT_REMINDER = "consent_reminder", _("催复是否同意调解")
    CONSENT_ASKED = "consent_asked", _("请表示是否同意")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("征求的意见已撤回")
    CONSENT_ANSWERED = "consent_answered", _("征求的意见有了答复")
    ACCEPTED = "accepted", _("已受理")
    MEDIATOR_ASSIGNED = "mediator_assigned", _("已安排调解员")
    MEDIATOR_NOMINATED = "mediator_nominated", _("请答复是否担任调解员")
    MEDIATOR_DISCLOSED = "mediator_disclosed", _("调解员有披露，请表示意见")
    MEDIATOR_RELEASED = "mediator_released", _("案件不再由您经办")
    CHALLENGE_DECIDED = "challenge_decided", _("回避申请已有决定")
    SESSION_SCHEDULED = "session_scheduled", _("已安排调解会")
    SLOTS_PROPOSED = "slots_proposed", _("请选调解会的时间")
    SLOTS_ANSWERED = "slots_answered", _("各方已选调解会的时间")
    SESSION_CHANGED = "session_changed", _("调解会有变动")
    RECORD_READY = "record_ready", _("有记录待核对签名")
    OFFER_MADE = "offer_made", _("有新的方案")
    OFFER_MOVED = "offer_moved", _("方案有了进展")
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
    MERGED = "merged", _("已并案")
    LEAD_MOVED = "lead_moved", _("主案有进展")
    MESSAGE_RECEIVED = "message_received", _("有新留言")
    OVERDUE_STAFF = "overdue_staff", _("有期限已超过")
    TASK_ASSIGNED = "task_assigned", _("有新任务")
    PROPOSAL_WAITING = "proposal_waiting", _("有待审批事项")
    DEADLINE_MOVED = "deadline_moved", _("期限有变动")
    CONFIRMATION_DUE = "confirmation_due", _("司法确认期限将到")
    SUPERVISED = "supervised", _("有督办待答复")
    SURVEY = "survey", _("请评价处理结果")
    DOCUMENT_SERVED = "document_served", _("有文书送达")
    CANNOT_REACH = "cannot_reach", _("联系不上当事人")
    ACCOUNT_CHANGED = "account_changed", _("账户资料有变动")
    PHONE_CHANGED = "phone_changed", _("登记的手机号已更换")
    PHONE_ENTERED = "phone_entered", _("登记了新的联系电话")
    DAILY_DIGEST = "daily_digest", _("每日汇总")


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
    cannot_reach = models.ForeignKey(
        "CannotReach", on_delete=models.PROTECT, null=True, blank=True, related_name="notices", editable=False
    )

    class Meta:
        verbose_name = _("通知")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="notice_kind_is_known"),
            models.CheckConstraint(condition=Q(url__startswith="/"), name="notice_url_is_a_path"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notice_inbox"),
            models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["subject_kind", "subject_id", "id"], name="notices_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.url}"


class Channel(models.TextChoices):
    """The ways to somebody."""

    SITE = "SITE", _("站内")
    SMS = "SMS", _("短信")
    EMAIL = "EMAIL", _("电子邮件")


class Delivery(models.Model):
    """One notice on one way to its recipient."""

    Channel = Channel

    class Status(models.TextChoices):
        PENDING = "PENDING", _("待发送")
        SENDING = "SENDING", _("正在发送")
        SENT = "SENT", _("已发送")
        FAILED = "FAILED", _("发送失败，将重试")
        DEAD = "DEAD", _("未能送达")
        UNKNOWN = "UNKNOWN", _("不确定是否发出")
        DIGESTED = "DIGESTED", _("并入每日汇总")
        UNNEEDED = "UNNEEDED", _("已在网上看过，不必再发")

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(_("渠道"), max_length=10, choices=Channel.choices)
    address = EncryptedTextField(_("发到"), blank=True, default="", help_text=_("空：收件人现在的号码或邮箱"))
    status = models.CharField(_("状态"), max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    next_attempt_at = models.DateTimeField(_("下次发送"), null=True, blank=True)
    error = models.CharField(_("失败原因"), max_length=60, blank=True, default="", help_text=_("不含个人信息"))
    sent_at = models.DateTimeField(_("发送时间"), null=True, blank=True)
    in_digest = models.BooleanField(_("等每日汇总"), default=False)
    digest = models.ForeignKey(
        Notice, on_delete=models.PROTECT, null=True, blank=True, related_name="gathered", verbose_name=_("所在汇总")
    )
    read_by = models.DateTimeField(_("最晚何时看到"), null=True, blank=True, help_text=_("没有别的渠道，只能在网上看"))

    class Meta:
        verbose_name = _("送达")
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="delivery_once_per_channel"),
            models.CheckConstraint(condition=Q(channel__in=["SITE", "SMS", "EMAIL"]), name="delivery_channel_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["PENDING", "FAILED"], next_attempt_at__isnull=False, sent_at__isnull=True)
                | Q(status="SENT", next_attempt_at__isnull=True, sent_at__isnull=False)
                | Q(
                    status__in=["SENDING", "DEAD", "UNKNOWN", "DIGESTED", "UNNEEDED"],
                    next_attempt_at__isnull=True,
                    sent_at__isnull=True,
                ),
                name="delivery_status_fits_its_times",
            ),
            models.CheckConstraint(
                condition=Q(status="DIGESTED", digest__isnull=False) | ~Q(status="DIGESTED") & Q(digest__isnull=True),
                name="delivery_digested_names_its_digest",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(status__in=["PENDING", "FAILED"]),
                name="delivery_due",
            ),
            models.Index(fields=["id"], condition=Q(status="SENDING"), name="delivery_in_the_air"),
            models.Index(fields=["read_by"], condition=Q(read_by__isnull=False), name="delivery_to_be_read"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_status_display()}"

    @property
    def key(self) -> str:
        """The name of this sending for the gateway: the same at every attempt, different for everything else."""
        name = f"{settings.SITE_URL}/notices/{self.notice_id}/{self.notice.created.isoformat()}/{self.channel}"
        return uuid.uuid5(uuid.NAMESPACE_URL, name).hex


class Attempt(models.Model):
    """One try to send a delivery, written down before anything leaves the house."""

    class Result(models.TextChoices):
        BEGUN = "BEGUN", _("已开始")
        SENT = "SENT", _("已发出")
        FAILED = "FAILED", _("没有发出")
        UNKNOWN = "UNKNOWN", _("不确定")

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField(_("第几次"))
    began_at = models.DateTimeField(_("开始时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    result = models.CharField(_("结果"), max_length=10, choices=Result.choices, default=Result.BEGUN)
    error = models.CharField(_("失败原因"), max_length=60, blank=True, default="", help_text=_("不含个人信息"))
    receipt = models.CharField(_("服务商的编号"), max_length=80, blank=True, default="")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("发送记录")
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_number_once"),
            models.CheckConstraint(
                condition=Q(result="BEGUN", ended_at__isnull=True)
                | Q(result__in=["SENT", "FAILED", "UNKNOWN"], ended_at__isnull=False),
                name="attempt_result_fits_its_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.get_result_display()}"


class CannotReach(models.Model):
    """Somebody whom no way leads to any more: a task for the centre until it is recorded how they were told."""

    class How(models.TextChoices):
        PHONE = "PHONE", _("打电话说到了本人")
        LETTER = "LETTER", _("寄出了信函")
        COUNTER = "COUNTER", _("本人到中心来了")
        VISIT = "VISIT", _("上门找到了本人")
        NEW_NUMBER = "NEW_NUMBER", _("问到并更正了联系方式")
        READ = "READ", _("本人已在网上看到")
        GAVE_UP = "GAVE_UP", _("各种办法都试过，联系不上")

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="unreached")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.PositiveBigIntegerField()
    opened_at = models.DateTimeField(_("发现时间"))
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="to_reach",
        verbose_name=_("由谁联系"),
    )
    handed_over_at = models.DateTimeField(_("交办时间"), null=True, blank=True)
    how = models.CharField(_("怎样联系上的"), max_length=12, choices=How.choices, blank=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    resolved_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("联系不上")
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "subject_kind", "subject_id"],
                condition=Q(resolved_at__isnull=True),
                name="cannot_reach_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(how="", resolved_at__isnull=True) | ~Q(how="") & Q(resolved_at__isnull=False),
                name="cannot_reach_resolved_says_how",
            ),
        ]
        indexes = [
            models.Index(
                fields=["subject_kind", "subject_id"], condition=Q(resolved_at__isnull=True), name="cannot_reach_open"
            ),
            models.Index(fields=["id"], condition=Q(handed_over_at__isnull=True), name="cannot_reach_new"),
        ]

    def __str__(self) -> str:
        how = str(self.get_how_display() or _("待联系"))
        return f"{self.subject_kind} {self.subject_id} · {how}"


class Preference(models.Model):
    """How somebody wants to be told what is not a legal notice; without a row: by text message, at once."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notice_preference")
    channel = models.CharField(_("渠道"), max_length=10, choices=Channel.choices, default=Channel.SMS)
    daily_digest = models.BooleanField(_("每天汇总一次"), default=False)

    class Meta:
        verbose_name = _("通知方式")
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="preference_channel_is_known")
        ]

    def __str__(self) -> str:
        return self.get_channel_display()
