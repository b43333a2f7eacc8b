"""Mediation sessions: scheduled, told, held, recorded, signed."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import ConsentHow
from cases.models import Case, Evidence, Party


class Session(models.Model):
    """One mediation session: scheduled, told, held, recorded."""

    class Notice(models.TextChoices):
        SERVED = "SERVED", _("已送达通知")
        WAIVED = "WAIVED", _("各方放弃通知")

    class Result(models.TextChoices):
        REACHED = "REACHED", _("达成一致")
        PARTLY = "PARTLY", _("部分达成一致")
        CONTINUES = "CONTINUES", _("下次继续")
        FAILED = "FAILED", _("没有达成一致")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sessions")
    round = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField(_("次数"))
    starts_at = models.DateTimeField(_("时间"))
    minutes = models.PositiveSmallIntegerField(_("时长（分钟）"), default=90)
    place = models.CharField(_("地点或线上方式"), max_length=200)
    link = models.URLField(_("线上会议链接"), max_length=300, blank=True)
    notice = models.CharField(_("通知"), max_length=8, choices=Notice.choices, blank=True)
    changes = models.PositiveSmallIntegerField(_("改期次数"), default=0)
    attendees = models.TextField(_("到场人员"), blank=True)
    recorder = models.CharField(_("记录人"), max_length=60, blank=True)
    rights_notice = models.TextField(_("权利义务告知情况"), blank=True)
    record = models.TextField(_("调解记录"), blank=True)
    facts_checked = models.TextField(_("核对事实情况"), blank=True)
    risk_notice = models.TextField(_("风险告知"), blank=True)
    undisputed_facts = models.TextField(_("无争议事实"), blank=True)
    outcome = models.CharField(_("结论"), max_length=10, choices=Result.choices, blank=True)
    result = models.CharField(_("结果"), max_length=300, blank=True)
    why_not = models.CharField(_("未达成的原因"), max_length=500, blank=True)
    other_routes = models.CharField(_("告知的其他途径"), max_length=500, blank=True)
    recording = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("录音录像")
    )
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(_("取消原因"), max_length=300, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("调解会")
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="session_number_once"),
            models.CheckConstraint(name="session_lasts", condition=Q(minutes__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.number}"

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class SessionNotice(models.Model):
    """How one party was told of one session, or that it waived the notice; a moved session is told anew."""

    class How(models.TextChoices):
        SERVED = "SERVED", _("已通知")
        WAIVED = "WAIVED", _("放弃通知")

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="notices")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    change = models.PositiveSmallIntegerField(default=0, help_text=_("第几次改期后的通知"))
    how = models.CharField(max_length=8, choices=How.choices)
    channel = models.CharField(_("方式"), max_length=10, choices=ConsentHow.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("调解会通知")
        constraints = [models.UniqueConstraint(fields=["session", "party", "change"], name="session_notice_once")]

    def __str__(self) -> str:
        return f"{self.session} · {self.get_how_display()}"


class Attendance(models.Model):
    """Who came to a session in which part, and who did not, with or without a reason."""

    class Part(models.TextChoices):
        PARTY = "PARTY", _("本人或负责人")
        AGENT = "AGENT", _("代理人")
        INVITED = "INVITED", _("邀请参加人")
        LISTENER = "LISTENER", _("旁听人")
        INTERPRETER = "INTERPRETER", _("翻译")

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendance")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    part = models.CharField(max_length=12, choices=Part.choices)
    name = models.CharField(_("姓名"), max_length=60, blank=True)
    came = models.BooleanField(_("到场"))
    reason = models.CharField(_("未到的理由"), max_length=200, blank=True, help_text=_("空：没有正当理由"))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("到场情况")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "party"], condition=Q(party__isnull=False), name="attendance_once_per_party"
            ),
            models.CheckConstraint(name="reason_of_absence_only", condition=Q(came=False) | Q(reason="")),
            models.CheckConstraint(
                name="attendance_of_somebody",
                condition=Q(part__in=["PARTY", "AGENT"], party__isnull=False)
                | (Q(part__in=["INVITED", "LISTENER", "INTERPRETER"], party__isnull=True) & ~Q(name="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} · {self.get_part_display()}"


class Statement(models.Model):
    """What one party said at a session, for the record."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="statements")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("陈述"), max_length=5000)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("当事人陈述")
        constraints = [models.UniqueConstraint(fields=["session", "party"], name="statement_once")]

    def __str__(self) -> str:
        return f"{self.session} · {self.party}"


class UndisputedFacts(models.Model):
    """A text of facts that nobody disputes (无争议事实记载), signed apart; a new one replaces it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="undisputed_facts")
    round = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveSmallIntegerField(_("版本"))
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(_("无争议的事实"), max_length=5000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    voided_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        ordering = ["version"]
        verbose_name = _("无争议事实记载")
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="undisputed_facts_version_once"),
            models.UniqueConstraint(
                fields=["case", "round"], condition=Q(voided_at__isnull=True), name="one_standing_text_of_facts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} v{self.version}"


class RecordSignature(models.Model):
    """A signature under the record of a session or under the undisputed facts; or that somebody would not sign."""

    class How(models.TextChoices):
        ONLINE = "ONLINE", _("网上确认签名")
        PAPER = "PAPER", _("纸质签名")
        REFUSED = "REFUSED", _("不愿签名")

    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, blank=True, related_name="signatures")
    facts = models.ForeignKey(
        UndisputedFacts, on_delete=models.PROTECT, null=True, blank=True, related_name="signatures"
    )
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text=_("空：调解员")
    )
    how = models.CharField(max_length=8, choices=How.choices)
    text_hash = models.CharField(max_length=64)
    scan = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("扫描件")
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("记录的签名")
        constraints = [
            models.CheckConstraint(
                name="signature_under_one_text",
                condition=Q(session__isnull=False, facts__isnull=True) | Q(session__isnull=True, facts__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["session", "party"],
                condition=Q(session__isnull=False),
                nulls_distinct=False,
                name="record_signed_once",
            ),
            models.UniqueConstraint(
                fields=["facts", "party"],
                condition=Q(facts__isnull=False),
                nulls_distinct=False,
                name="facts_signed_once",
            ),
            models.CheckConstraint(name="refusal_is_explained", condition=~Q(how="REFUSED") | ~Q(note="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()} {self.at:%Y-%m-%d}"
