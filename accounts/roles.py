"""Who somebody can be (domain.md 8.3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Roles given by a membership, and roles that a case itself gives."""

    # on one case, by being a party to it
    APPLICANT = "APPLICANT", _("申请人")
    RESPONDENT = "RESPONDENT", _("被申请人")
    THIRD_PARTY = "THIRD_PARTY", _("第三人")
    # on one case, by being asked to mediate it
    NOMINEE = "NOMINEE", _("拟任调解员")
    # in a company or an owners' committee
    COMPANY_USER = "COMPANY_USER", _("企业联系人")
    COMMITTEE_USER = "COMMITTEE_USER", _("业委会联系人")
    # at a centre
    INTAKE = "INTAKE", _("受理员")
    MEDIATOR = "MEDIATOR", _("调解员")
    DIRECTOR = "DIRECTOR", _("中心主任")
    LEGAL = "LEGAL", _("法律咨询处")
    FOLLOWER = "FOLLOWER", _("回访员")
    ARCHIVIST = "ARCHIVIST", _("档案员")
    INTEGRITY = "INTEGRITY", _("诚信专员")
    SUPERVISOR = "SUPERVISOR", _("监督委员会")
    SYSADMIN = "SYSADMIN", _("系统管理员")
    # in a region
    REGULATOR = "REGULATOR", _("监管部门")
    # nobody: time itself
    CLOCK = "CLOCK", _("期限届满")


CENTRE_ROLES = frozenset(
    {
        Role.INTAKE,
        Role.MEDIATOR,
        Role.DIRECTOR,
        Role.LEGAL,
        Role.FOLLOWER,
        Role.ARCHIVIST,
        Role.INTEGRITY,
        Role.SUPERVISOR,
        Role.SYSADMIN,
    }
)
PARTY_ROLES = frozenset({Role.APPLICANT, Role.RESPONDENT, Role.THIRD_PARTY})
