"""Change how somebody with an account is called and reached: journalled, and told at the old number.

It stands on this floor because `audit`, below, does not know how people are told.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.masking import mask_name, mask_phone
from accounts.models import User
from audit.accounts import AccountAction, AccountError
from audit.live import announce
from audit.services import record
from notifications.models import CannotReach, Channel, Delivery, Kind, Notice
from notifications.quiet_hours import after_quiet_hours
from notifications.services import notify
from notifications.texts import TEXTS
from notifications.ways import ways_to

Status = Delivery.Status
MASKED: dict[str, Callable[[str], str]] = {"display_name": mask_name, "phone": mask_phone}
ACCOUNT_PAGE = "/account/"


def change_account(user: User, *, display_name: str, email: str, phone: str, by: User, at: datetime) -> list[str]:
    """Let the administrator correct who somebody is and how they are reached; return what changed.

    A new number (E.164) is its holder's only once they confirm it themselves. Raises AccountError.
    """
    if not display_name.strip():
        raise AccountError(_("请填写姓名。"))
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        old, old_email = locked.phone, locked.email
        given = {"display_name": display_name.strip(), "email": email, "phone": phone}
        changed = _put(locked, given, action=AccountAction.CHANGE, by=by, at=at)
        if "phone" in changed:
            tell_old_number(locked, old, subject=("account", locked.pk), url=ACCOUNT_PAGE, at=at)
        if set(changed) - {"phone"} and by.pk != locked.pk:
            notice = notify(locked, kind=Kind.ACCOUNT_CHANGED, subject=("account", locked.pk), url=ACCOUNT_PAGE, at=at)
            if "email" in changed and old_email:
                sent_to_old = {"address": old_email, "next_attempt_at": after_quiet_hours(at)}
                Delivery.objects.update_or_create(notice=notice, channel=Channel.EMAIL, defaults=sent_to_old)
    return changed


def change_email(user: User, email: str, *, at: datetime) -> None:
    """Let somebody change their own e-mail address."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        _put(locked, {"email": email}, action=AccountAction.CHANGE, by=locked, at=at)


def leave_email(user: User, email: str, *, at: datetime) -> None:
    """Let whoever files say where mail goes when a text message does not arrive; a guest has no journal of its own."""
    if user.is_guest:
        User.objects.filter(pk=user.pk).update(email=email)
        user.email = email
    else:
        change_email(user, email, at=at)


def confirm_phone(user: User, phone: str, *, at: datetime) -> str:
    """Record that the account's own holder has typed back a code sent to this number (E.164); return the number before.

    Raises AccountError for a number by which another resident comes in.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        old: str = locked.phone
        if locked.phone_verified and old == phone:
            return old
        changed = _put(locked, {"phone": phone}, action=AccountAction.CONFIRM_PHONE, by=locked, at=at, proved=True)
        if "phone" in changed:
            tell_old_number(locked, old, subject=("account", locked.pk), url=ACCOUNT_PAGE, at=at)
    return old


def _put(
    user: User, given: Mapping[str, str], *, action: AccountAction, by: User, at: datetime, proved: bool = False
) -> list[str]:
    """Write what differs and journal it, masked."""
    changed = [name for name, value in given.items() if getattr(user, name) != value]
    if not changed and not proved:
        return []
    before = {name: masked(name, getattr(user, name)) for name in changed}
    for name in changed:
        if name == "phone":
            user.set_phone(given[name])
        else:
            setattr(user, name, given[name])
    user.phone_verified = user.phone_verified or proved
    try:
        with transaction.atomic():
            user.save(update_fields=["display_name", "email", "phone", "phone_index", "phone_verified"])
    except IntegrityError:
        raise AccountError(
            _("用这个号码已经另有一个账户：请退出后用这个号码登录；要把两个账户合在一起，请打电话给我们。")
        ) from None
    after = {name: masked(name, getattr(user, name)) for name in changed} | {"phone_confirmed": user.phone_verified}
    record(("account", user.pk), action, by=by, before=before, after=after, at=at)
    announce(f"roles:{user.pk}", 0)
    return changed


def masked(name: str, value: str) -> str:
    """Show of a value as much as the journal may keep."""
    if name == "email":
        return value[:1] + "***" + value[value.find("@") :] if "@" in value else ""
    return MASKED[name](value)


def tell_old_number(
    user: User, phone: str, *, subject: tuple[str, int], url: str, at: datetime, **params: str | int
) -> Notice:
    """Say at the number that was registered until now, and on the site, that it was replaced."""
    return _write(user, Kind.PHONE_CHANGED, phone, subject=subject, url=url, at=at, params=params)


def tell_new_number(
    user: User, phone: str, *, subject: tuple[str, int], url: str, at: datetime, **params: str | int
) -> Notice:
    """Say at the number that is registered from now on that there are notices to look at."""
    return _write(user, Kind.PHONE_ENTERED, phone, subject=subject, url=url, at=at, params=params)


def _write(
    user: User,
    kind: Kind,
    phone: str,
    *,
    subject: tuple[str, int],
    url: str,
    at: datetime,
    params: Mapping[str, str | int],
) -> Notice:
    notice = Notice.objects.create(
        recipient=user,
        kind=kind,
        subject_kind=subject[0],
        subject_id=subject[1],
        url=url,
        params=dict(params),
        created=at,
    )
    Delivery.objects.create(notice=notice, channel=Channel.SITE, status=Status.SENT, attempts=1, sent_at=at)
    if phone:
        Delivery.objects.create(
            notice=notice, channel=Channel.SMS, address=phone, next_attempt_at=after_quiet_hours(at)
        )
    elif user.email:
        Delivery.objects.create(notice=notice, channel=Channel.EMAIL, next_attempt_at=after_quiet_hours(at))
    announce(f"user:{user.pk}", notice.pk)
    return notice


def reroute_unread(user: User, number: str, subject: tuple[str, int], *, by: User, at: datetime) -> int:
    """Send what this person was told about a subject, has not read and was not sent, to another number.

    The tasks to find the person are done with it: a number that fails too opens a new one. Return how many go out.
    """
    unread = Notice.objects.filter(recipient=user, read_at__isnull=True, subject_kind=subject[0], subject_id=subject[1])
    count = 0
    about_numbers = [Kind.PHONE_CHANGED, Kind.PHONE_ENTERED]  # they go to the number they speak of
    for notice in unread.exclude(kind__in=about_numbers).select_for_update().order_by("pk"):
        count += _send_anew(notice, user, number, at=at)
    CannotReach.objects.filter(
        recipient=user, subject_kind=subject[0], subject_id=subject[1], resolved_at__isnull=True
    ).update(resolved_at=at, resolved_by=by, how=CannotReach.How.NEW_NUMBER)
    return count


def _send_anew(notice: Notice, user: User, number: str, *, at: datetime) -> bool:
    if not TEXTS[Kind(notice.kind)].sms:
        return False
    sms = notice.deliveries.select_for_update().filter(channel=Channel.SMS).first()
    if sms is None:
        if not TEXTS[Kind(notice.kind)].legal and ways_to(user, notice.kind, None):
            return False  # went another way
        sms = Delivery(notice=notice, channel=Channel.SMS)
    elif sms.status not in {Status.PENDING, Status.FAILED, Status.DEAD}:
        return False  # it went out: the notice about the new number leads to it
    notice.deliveries.filter(channel=Channel.SITE).update(read_by=None)
    sms.address, sms.status, sms.error = number, Status.PENDING, ""
    sms.in_digest, sms.next_attempt_at = False, after_quiet_hours(at)
    sms.save()
    return True
