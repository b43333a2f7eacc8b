"""The judicial confirmation of an agreement in force, as far as the centre can follow it (PML 33, CPL 205-206)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Evidence
from mediation.models.agreements import Agreement


class JudicialConfirmation(models.Model):
    """Where the confirmation of one agreement stands: whether both sides want it, the court, its result."""

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

    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="confirmation")
    state = models.CharField(_("状态"), max_length=14, choices=State.choices, default=State.NONE)
    court = models.CharField(_("法院"), max_length=120, blank=True)
    case_number = models.CharField(_("法院案号"), max_length=60, blank=True)
    applied_on = models.DateField(_("申请日期"), null=True, blank=True)
    accepted_on = models.DateField(_("受理日期"), null=True, blank=True)
    decided_on = models.DateField(_("裁定或决定日期"), null=True, blank=True)
    withdrawn_on = models.DateField(_("撤回日期"), null=True, blank=True)
    expired_at = models.DateTimeField(_("逾期时间"), null=True, blank=True)
    reason = models.CharField(_("法院的理由"), max_length=500, blank=True)
    ruling = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("裁定书")
    )
    enforcement_applied = models.BooleanField(_("已申请强制执行"), null=True, blank=True)
    enforcement_on = models.DateField(_("申请执行日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("司法确认")
        constraints = [
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
