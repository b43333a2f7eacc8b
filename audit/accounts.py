"""Administer accounts: every change journalled, and told to the person's open pages.

It stands on this floor because `accounts`, below, does not know the journal.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.models import Centre, Membership, Region, User
from accounts.roles import Role
from audit.live import announce
from audit.services import record


class AccountAction(models.TextChoices):
    """What can happen to an account."""

    CREATE = "account_create", gettext_lazy("建立账户")
    GRANT = "membership_grant", gettext_lazy("授予角色")
    END = "membership_end", gettext_lazy("结束任职")
    SEAL = "seal_holder_set", gettext_lazy("登记或取消印章保管人")
    DEACTIVATE = "account_deactivate", gettext_lazy("停用账户")
    REACTIVATE = "account_reactivate", gettext_lazy("恢复账户")
    SET_PASSWORD = "password_set", gettext_lazy("重设密码")
    RESET_SECOND_FACTOR = "second_factor_reset", gettext_lazy("重置动态口令")
    SIGN_IN = "sign_in", gettext_lazy("登录")
    SIGN_OUT = "sign_out", gettext_lazy("退出")
    SIGN_IN_REFUSED = "sign_in_refused", gettext_lazy("登录失败")
    SECOND_FACTOR_ON = "second_factor_on", gettext_lazy("启用动态口令")
    SECOND_FACTOR_OFF = "second_factor_off", gettext_lazy("停用动态口令")
    CHANGE_PASSWORD = "password_change", gettext_lazy("修改密码")
    CHANGE = "account_change", gettext_lazy("更改姓名、手机号或邮箱")
    CONFIRM_PHONE = "phone_confirm", gettext_lazy("本人确认手机号")
    DEMAND_SECOND_FACTOR = "second_factor_demand", gettext_lazy("要求启用动态口令")
    RELEASE_SECOND_FACTOR = "second_factor_release", gettext_lazy("不再要求动态口令")


class AccountError(DomainError):
    """The account cannot be made or changed like this."""


@transaction.atomic
def create_staff(
    username: str,
    *,
    display_name: str,
    password: str | None,
    by: User | None,
    at: datetime,
    email: str = "",
    phone: str = "",
    must_enrol_totp: bool = False,
) -> User:
    """Make an account that signs in by password, changed at the first sign-in; without a password it waits for one.

    `phone` is in E.164 form; only its holder confirms it. Raises AccountError for a username in use and for a weak
    password.
    """
    user = User(
        username=username,
        display_name=display_name,
        email=email,
        must_enrol_totp=must_enrol_totp,
        date_joined=at,
        created_by=by,
    )
    user.set_phone(phone)
    _put_password(user, password)
    try:
        user.full_clean(exclude=["password", "phone_index"], validate_unique=False)
        with transaction.atomic():
            user.save()
    except ValidationError as error:
        raise AccountError(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise AccountError(_("这个用户名已有人用，请换一个。")) from error
    _journal(user, AccountAction.CREATE, by=by, at=at, after={"must_enrol_totp": must_enrol_totp})
    return user


@transaction.atomic
def grant_membership(
    user: User,
    role: Role,
    *,
    by: User | None,
    at: datetime,
    from_date: date,
    centre: Centre | None = None,
    region: Region | None = None,
    company_id: int | None = None,
    committee_id: int | None = None,
) -> Membership:
    """Give somebody a role in one place from a day on; a role that had ended there begins again.

    Raises AccountError when the place does not fit the role.
    """
    _lock(user)
    place: dict[str, Any] = {"centre": centre, "region": region, "company_id": company_id, "committee_id": committee_id}
    try:
        with transaction.atomic():
            membership, _created = Membership.objects.update_or_create(
                user=user, role=role, **place, defaults={"from_date": from_date, "until": None}
            )
    except IntegrityError as error:
        raise AccountError(
            _("这个角色不能设在这里：中心人员设在中心，监管部门设在地区，企业和业委会设在各自单位。")
        ) from error
    _journal(user, AccountAction.GRANT, by=by, at=at, after=_described(membership))
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, until: date, by: User | None, at: datetime) -> Membership:
    """Let a role end: the day named is the first without it, so that one ended today has ended now."""
    _lock(membership.user)
    membership.refresh_from_db()
    before = _described(membership)
    membership.until = max(until, membership.from_date)
    membership.save(update_fields=["until"])
    _journal(membership.user, AccountAction.END, by=by, at=at, before=before, after=_described(membership))
    return membership


@transaction.atomic
def set_seal_holder(membership: Membership, *, holds: bool, by: User | None, at: datetime) -> Membership:
    """Say whether somebody keeps the seal of the centre of this membership."""
    _lock(membership.user)
    membership.refresh_from_db()
    before = membership.holds_seal
    membership.holds_seal = holds
    try:
        with transaction.atomic():
            membership.save(update_fields=["holds_seal"])
    except IntegrityError as error:
        raise AccountError(_("印章只能由中心的人员保管。")) from error
    _journal(
        membership.user, AccountAction.SEAL, by=by, at=at, before={"holds_seal": before}, after={"holds_seal": holds}
    )
    return membership


@transaction.atomic
def deactivate_user(user: User, *, by: User | None, at: datetime, reason: str) -> None:
    """Close an account at once, open sessions too; nothing of it is deleted."""
    _switch(user, active=False, action=AccountAction.DEACTIVATE, by=by, at=at, reason=reason)


@transaction.atomic
def reactivate_user(user: User, *, by: User | None, at: datetime, reason: str) -> None:
    """Open a closed account again."""
    _switch(user, active=True, action=AccountAction.REACTIVATE, by=by, at=at, reason=reason)


@transaction.atomic
def set_password(user: User, password: str, *, by: User | None, at: datetime) -> None:
    """Give somebody a password to be changed at once, and end their sessions; raises AccountError for a weak one."""
    _lock(user)
    _put_password(user, password)
    user.save(update_fields=["password", "must_change_password"])
    _journal(user, AccountAction.SET_PASSWORD, by=by, at=at)


@transaction.atomic
def demand_second_factor(user: User, *, by: User | None, at: datetime, reason: str) -> None:
    """Let somebody go on only with a one-time code: set up at the next page, if it is not yet."""
    _demand(user, True, AccountAction.DEMAND_SECOND_FACTOR, by=by, at=at, reason=reason)


@transaction.atomic
def release_second_factor(user: User, *, by: User | None, at: datetime, reason: str) -> None:
    """Leave it to somebody again whether to use a one-time code."""
    _demand(user, False, AccountAction.RELEASE_SECOND_FACTOR, by=by, at=at, reason=reason)


@transaction.atomic
def reset_second_factor(user: User, *, by: User | None, at: datetime, reason: str) -> None:
    """Remove the one-time-code device and recovery codes of somebody who has lost them."""
    _lock(user)
    removed = Authenticator.objects.filter(user=user).delete()[0]
    _journal(user, AccountAction.RESET_SECOND_FACTOR, by=by, at=at, after={"removed": removed}, reason=reason)


def _switch(user: User, *, active: bool, action: AccountAction, by: User | None, at: datetime, reason: str) -> None:
    _lock(user)
    before = {"is_active": user.is_active}
    user.is_active = active
    user.save(update_fields=["is_active"])
    _journal(user, action, by=by, at=at, before=before, after={"is_active": active}, reason=reason)


def _demand(user: User, must: bool, action: AccountAction, *, by: User | None, at: datetime, reason: str) -> None:
    _lock(user)
    before = {"must_enrol_totp": user.must_enrol_totp}
    user.must_enrol_totp = must
    user.save(update_fields=["must_enrol_totp"])
    _journal(user, action, by=by, at=at, before=before, after={"must_enrol_totp": must}, reason=reason)


def _lock(user: User) -> None:
    User.objects.select_for_update().get(pk=user.pk)


def _put_password(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccountError(" ".join(error.messages)) from error
    user.set_password(password)
    user.must_change_password = True  # whoever gave it knows it


def _described(membership: Membership) -> dict[str, object]:
    return {
        "role": membership.role,
        "centre": membership.centre.code if membership.centre else None,
        "region": membership.region_id,
        "company": membership.company_id,
        "committee": membership.committee_id,
        "from": membership.from_date.isoformat(),
        "until": membership.until.isoformat() if membership.until else None,
    }


def _journal(
    user: User,
    action: AccountAction,
    *,
    by: User | None,
    at: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    record(("account", user.pk), action, by=by, before=before, after=after, reason=reason, at=at)
    announce(f"roles:{user.pk}", 0)
