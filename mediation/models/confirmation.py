"""The judicial confirmation of an agreement in force, as far as the centre can follow it (PML 33, CPL 205-206)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Evidence
from mediation.models.agreements import Agreement


class JudicialConfirmation(models.Model):
    """One application for the confirmation of an agreement: whether both sides want it, the court, its result.

    A further one may follow only where the last was withdrawn or not accepted, within the same thirty days.
    """

    class State(models.TextChoices):
        NONE = "NONE", _("未提出")
        PLANNED = "PLANNED", _("拟申请")
        APPLIED = "APPLIED", _("已申请")
        COURT_ACCEPTED = "COURT_ACCEPTED", _("法院受理")
        CONFIRMED = "CONFIRMED", _("裁定有效")
        DISMISSED = "DISMISSED", _("裁定驳回")
        COURT_REFUSED = "COURT_REFUSED", _("法院不予受理")
        WITHDRAWN = "WITHDRAWN", _("撤回申请")
        EXPIRED = "EXPIRED", _("逾期未申请")

    class Refused(models.TextChoices):
        """Why a court does not accept an application (CPLJI 355)."""

        SCOPE = "SCOPE", _("不属于人民法院受理范围")
        JURISDICTION = "JURISDICTION", _("不属于收到申请的人民法院管辖")
        IDENTITY = "IDENTITY", _("涉及婚姻、亲子、收养等身份关系")
        PROCEDURE = "PROCEDURE", _("应当适用其他特别程序、公示催告程序、破产程序")
        OWNERSHIP = "OWNERSHIP", _("涉及物权、知识产权确权")

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="confirmations")
    number = models.PositiveSmallIntegerField(_("第几次申请"), default=1)
    opened_at = models.DateTimeField(_("可以再次申请的时间"), null=True, blank=True)
    wishes_since = models.DateTimeField(_("各方重新表示意愿的起点"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=14, choices=State.choices, default=State.NONE)
    court = models.CharField(_("法院"), max_length=120, blank=True)
    case_number = models.CharField(_("法院案号"), max_length=60, blank=True)
    applied_on = models.DateField(_("申请日期"), null=True, blank=True)
    accepted_on = models.DateField(_("受理日期"), null=True, blank=True)
    decided_on = models.DateField(_("裁定或决定日期"), null=True, blank=True)
    withdrawn_on = models.DateField(_("撤回日期"), null=True, blank=True)
    expired_at = models.DateTimeField(_("逾期时间"), null=True, blank=True)
    refused_for = models.CharField(_("不予受理的情形"), max_length=12, choices=Refused.choices, blank=True)
    reason = models.CharField(_("法院的理由"), max_length=500, blank=True)
    ruling = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("裁定书")
    )
    enforcement_applied = models.BooleanField(_("已申请强制执行"), null=True, blank=True)
    enforcement_on = models.DateField(_("申请执行日期"), null=True, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("司法确认")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="confirmation_number_once"),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=~Q(state__in=["WITHDRAWN", "COURT_REFUSED"]),
                name="one_confirmation_goes_on",
            ),
            models.CheckConstraint(
                condition=Q(refused_for="")
                | Q(
                    refused_for__in=["SCOPE", "JURISDICTION", "IDENTITY", "PROCEDURE", "OWNERSHIP"],
                    state="COURT_REFUSED",
                ),
                name="confirmation_refused_for_a_ground",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "NONE", "PLANNED", "APPLIED", "COURT_ACCEPTED", "CONFIRMED",
                        "DISMISSED", "COURT_REFUSED", "WITHDRAWN", "EXPIRED",
                    ]
                ),
                name="confirmation_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["NONE", "PLANNED", "EXPIRED"])
                | Q(applied_on__isnull=False) & ~Q(court=""),
                name="confirmation_applied_where_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["COURT_ACCEPTED", "CONFIRMED", "DISMISSED"])
                | Q(accepted_on__isnull=False) & ~Q(case_number=""),
                name="confirmation_accepted_under_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["CONFIRMED", "DISMISSED", "COURT_REFUSED"]) | Q(decided_on__isnull=False),
                name="confirmation_decided_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(enforcement_applied__isnull=True) | Q(state="CONFIRMED"),
                name="only_what_is_confirmed_is_enforced",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_state_display()
