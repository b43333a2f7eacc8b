"""The menu of a desk: only what the policy allows, with what waits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.query import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import Centre, User
from accounts.roles import CENTRE_ROLES, Role
from cases.choices import ASKED_IN, OPEN_STATUSES, Status
from cases.models import Case, ConsentRequest, Proposal
from cases.selectors import COUNT_CAP, Desk, capped_counts, desk_of
from mediation.models import Nomination
from notifications.models import CannotReach
from notifications.selectors import unread, unread_count
from workflows.models import FoundBreach
from workflows.setting_up import missing_of, setup_of
from workflows.turns import selectors as turns


@dataclass(frozen=True)
class MenuItem:
    """One line of a desk's menu; lines of one group stand together."""

    label: str
    url: str
    count: str | int | None = None
    current: bool = False
    group: str = ""


def require(request: HttpRequest, permission: str) -> User:
    """Return the person if they hold a role for this desk; else there is no such page."""
    user: Any = request.user
    if not user.is_authenticated or not policy.allows(user, permission, policy.EVERYWHERE):
        raise Http404
    found: User = user
    return found


def desk(request: HttpRequest) -> Desk:
    """Return where the person works, read once for a request."""
    kept: Desk | None = getattr(request, "_desk", None)
    if kept is None:
        kept = desk_of(request.user)  # type: ignore[arg-type]
        request._desk = kept  # type: ignore[attr-defined]
    return kept


def kept_centres(user: User) -> list[Centre]:
    """Return the centres that an administrator looks after: the own ones and their branches."""
    own = user.centre_ids(Role.SYSADMIN)
    return list(Centre.objects.filter(Q(pk__in=own) | Q(parent__in=own)).select_related("region", "parent"))


def unfinished_centres(user: User) -> list[Centre]:
    """Return those of them whose setup nobody has ended."""
    return [centre for centre in kept_centres(user) if centre.set_up_at is None]


def setup_left(request: HttpRequest) -> int:
    """Count what is still missing at the centres being set up: nothing, and the page is gone from the menu."""
    kept: int | None = getattr(request, "_setup_left", None)
    if kept is None:
        user: Any = request.user
        items = [item for one in unfinished_centres(user) for item in setup_of(one, at=timezone.now())]
        kept = request._setup_left = len(missing_of(items))  # type: ignore[attr-defined]
    return kept


def counts(request: HttpRequest) -> dict[str, int]:
    """Return what waits at this person's desk, in one query for a request."""
    kept: dict[str, int] | None = getattr(request, "_desk_counts", None)
    if kept is None:
        kept = capped_counts(_lists(request))
        request._desk_counts = kept  # type: ignore[attr-defined]
    return kept


def _lists(request: HttpRequest) -> dict[str, QuerySet[Any]]:
    here, today = desk(request), timezone.localdate()
    # Named one by one, the open states are counted from the index alone.
    open_cases = here.cases().filter(status__in=[s for s in OPEN_STATUSES if s != Status.DRAFT])
    lists: dict[str, QuerySet[Any]] = {
        "open": open_cases,
        "submitted": here.cases().filter(status=Status.SUBMITTED),
        "due_today": open_cases.filter(next_due=today),
        "overdue": open_cases.filter(next_due__lt=today),
        "todo": turns.cases_of_desk(here),
        "signing": here.cases().filter(status=Status.SIGNING),
    }
    roles = here.user.roles()
    lists["unread"] = unread(here.user)
    if Role.MEDIATOR in roles:
        lists["asked"] = Nomination.objects.filter(mediator=here.user, state=Nomination.State.WAITING)
    if Role.DIRECTOR in roles:
        lists["assign"] = turns.cases_in(here, here.places.get(Role.DIRECTOR, ()), "nominate", "install")
        lists["proposals"] = proposals(here)
        lists["challenges"] = challenged(here)
        lists["breaches"] = breaches(here)
        lists["late"] = open_cases.filter(next_due__lt=today, centre__in=here.places.get(Role.DIRECTOR, frozenset()))
    if Role.FOLLOWER in roles or Role.DIRECTOR in roles:
        lists["follow_up"] = to_call(here)
    if policy.RULES["desk.asked"] & roles:
        lists["questions"] = ConsentRequest.objects.filter(asked_by=here.user, end="", case__status__in=list(ASKED_IN))
    if policy.RULES["desk.unreachable"] & roles:
        lists["unreachable"] = unreachable(here)
    if Role.LEGAL in roles:
        lists["legal"] = to_check(here)
    if Role.ARCHIVIST in roles:
        lists["archive"] = here.for_role(Role.ARCHIVIST, Status.CLOSED)
    return lists


def challenged(here: Desk) -> QuerySet[Case]:
    """The cases that stand still because of a challenge, and nobody has been asked to take over yet."""
    return turns.cases_in(here, here.places.get(Role.DIRECTOR, ()), "decide_challenge", "replace_mediator")


def proposals(here: Desk) -> QuerySet[Proposal]:
    """What waits for a director's decision."""
    cases = Case.objects.filter(centre__in=here.places.get(Role.DIRECTOR, frozenset())).exclude(pk__in=here.own)
    return Proposal.objects.filter(decision=Proposal.Decision.WAITING, case__in=cases)


def breaches(here: Desk) -> QuerySet[FoundBreach]:
    """What the nightly look found not to hold of the cases that this person directs."""
    cases = Case.objects.filter(centre__in=here.places.get(Role.DIRECTOR, frozenset())).exclude(pk__in=here.own)
    return FoundBreach.objects.filter(case__in=cases)


def unreachable(here: Desk) -> QuerySet[CannotReach]:
    """The people of this desk's cases whom no way leads to."""
    tasks = CannotReach.objects.filter(resolved_at__isnull=True, subject_kind="case")
    return tasks.filter(subject_id__in=here.cases().values("pk"))


def to_check(here: Desk) -> QuerySet[Case]:
    """The cases whose agreement waits for the legal consultation office."""
    return turns.cases_in(here, here.places.get(Role.LEGAL, ()), "legal_check")


def to_call(here: Desk) -> QuerySet[Case]:
    """The cases to be called back by somebody other than their mediator."""
    centres = here.places.get(Role.FOLLOWER, frozenset()) | here.places.get(Role.DIRECTOR, frozenset())
    return turns.cases_in(here, centres, "call_back", "close", "call_again").exclude(mediator=here.user)


def shown(count: int) -> str:
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


def unread_of(request: HttpRequest) -> int:
    kept: int | None = getattr(request, "_unread", None)
    if kept is None:
        user: Any = request.user
        if user.is_authenticated and user.is_centre_staff:
            kept = counts(request)["unread"]
        else:
            kept = unread_count(user) if user.is_authenticated else 0
        request._unread = kept  # type: ignore[attr-defined]
    return kept


def role_label(request: HttpRequest) -> str:
    """Say what somebody is at the centre, the first of the roles."""
    user: Any = request.user
    held = user.roles() if user.is_authenticated else frozenset()
    return next((str(role.label) for role in Role if role in held and role in CENTRE_ROLES), "")


def menu_of(request: HttpRequest) -> list[MenuItem]:
    """Return the menu of the person's desk; nobody else's pages are in it."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_centre_staff:
        return []
    here = request.get_full_path()
    entries = list(_entries(request, user))
    best = max((e for e in entries if _leads_to(e.url, here)), key=lambda e: len(e.url), default=None)
    return [MenuItem(e.label, e.url, e.count, e is best, e.group) for e in entries]


def _leads_to(url: str, here: str) -> bool:
    path, _mark, query = url.partition("?")
    return here == path if not query else here.startswith(path + "?") and query in here


def _entries(request: HttpRequest, user: User) -> Iterator[MenuItem]:
    held = user.roles()  # read once: the policy is asked for every line

    def may(permission: str) -> bool:
        return bool(policy.RULES[permission] & held)

    work, cases, manage = _("我的工作"), _("案件"), _("管理")
    if may("desk.staff"):
        found = counts(request)
        yield MenuItem(_("待办案件"), "/desk/", shown(found["open"]), group=work)
        yield MenuItem(_("我的案件"), "/desk/?who=me", group=work)
        if found.get("asked"):
            yield MenuItem(_("请我答复的"), "/desk/nominations/", shown(found["asked"]), group=work)
        yield MenuItem(_("待签文书"), "/desk/?status=SIGNING", shown(found["signing"]), group=work)
        yield from _asked(may, found, work)
        yield MenuItem(_("通知"), "/notices/", unread_of(request) or None, group=work)
        if may("desk.file_for_caller"):
            yield MenuItem(_("受理登记"), "/desk/new/", group=cases)
        yield MenuItem(_("全部案件"), "/desk/?status=all", group=cases)
        yield MenuItem(_("12345转办"), "/desk/?source=HOTLINE", group=cases)
        if may("desk.unreachable"):
            yield MenuItem(_("联系不上"), "/desk/unreachable/", shown(found["unreachable"]), group=cases)
        yield from _managed(may, found)
    if may("desk.retention"):
        yield MenuItem(_("保管和销毁"), "/desk/retention/", group=manage)
    if may("desk.members"):
        yield MenuItem(_("会员企业"), "/members/companies/", group=manage)
        yield MenuItem(_("小区与业委会"), "/members/estates/", group=manage)
    yield from _settled(may, request)


def _settled(may: Callable[[str], bool], request: HttpRequest) -> Iterator[MenuItem]:
    """What is kept of the centre itself."""
    manage = _("管理")
    if may("desk.setup") and (left := setup_left(request)):
        yield MenuItem(_("开办中心"), "/desk/setup/", left, group=manage)
    if may("desk.centre"):
        yield MenuItem(_("中心设置"), "/desk/centre/", group=manage)
    if may("desk.holidays"):
        yield MenuItem(_("放假安排"), "/desk/holidays/", group=manage)
    if may("desk.accounts"):
        yield MenuItem(_("账户"), "/desk/accounts/", group=manage)


def _asked(may: Callable[[str], bool], found: dict[str, int], work: str) -> Iterator[MenuItem]:
    """What this person has asked the parties."""
    if may("desk.asked"):
        yield MenuItem(_("我征求的意见"), "/desk/asked/", shown(found["questions"]), group=work)


def _managed(may: Callable[[str], bool], found: dict[str, int]) -> Iterator[MenuItem]:
    """What somebody decides, calls back, checks or shelves."""
    manage = _("管理")
    if may("desk.direct"):
        yield MenuItem(_("指派和待决"), "/desk/director/", shown(found["assign"]), group=manage)
        yield MenuItem(_("督办"), "/desk/overdue/", shown(found["late"]), group=manage)
        waiting = shown(found["proposals"])
        yield MenuItem(_("待决事项"), "/desk/director/?tab=proposals", waiting, group=manage)
        if found["challenges"]:
            yield MenuItem(_("回避申请"), "/desk/director/?tab=challenges", shown(found["challenges"]), group=manage)
        if found["breaches"]:
            yield MenuItem(_("案件核对"), "/desk/director/?tab=breaches", shown(found["breaches"]), group=manage)
        yield MenuItem(_("调解员"), "/desk/mediators/", group=manage)
    if may("desk.follow_up"):
        yield MenuItem(_("回访"), "/desk/follow-up/", shown(found["follow_up"]), group=manage)
    if may("desk.legal"):
        yield MenuItem(_("法律审核"), "/desk/legal/", shown(found["legal"]), group=manage)
    if may("desk.archive"):
        yield MenuItem(_("归档"), "/desk/archive/", shown(found["archive"]), group=manage)
