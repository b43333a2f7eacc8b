"""The staff queue: what is due first, filters, search, and the selected case beside it with its one next action."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User, standing
from accounts.roles import Role
from audit.selectors import history
from calendars.services import load_calendar
from calendars.working_days import days_left
from cases import selectors, supervision
from cases.choices import Flag, Source, Status, Track
from cases.lines import CaseLine, category_name
from cases.models import Case, Supervision
from cases.recognition import taxonomy
from cases.selectors import Desk, Filters
from web.case.case_file import CaseFile
from web.case.choices import open_actions
from web.case.matter.supervision import supervision_title
from web.case.page.next_step import Next, next_step, open_facts
from web.frame import doors, menu
from web.templatetags import look
from workflows import actions
from workflows.turns import selectors as turns

STAFF_LISTED = 200
STEPS_SHOWN = 6
OTHERS_SHOWN = 3
NAMES = {
    "status": "status", "category": "category", "who": "who", "due": "due", "track": "track", "source": "source",
    "flag": "flag", "estate": "estate", "text": "q",
}  # fmt: skip


@require_safe
def queue_page(request: HttpRequest) -> HttpResponse:
    """Show the desk: counts, filters, fifty cases by due date, the chosen one beside them."""
    menu.require(request, "desk.staff")
    here, filters = menu.desk(request), read_filters(request.GET)
    if filters.text and (number := selectors.case_with_number(here, filters.text)):
        return redirect(f"/cases/{number}/")
    page = selectors.queue(
        here,
        filters,
        today=timezone.localdate(),
        waiting=turns.cases_of_desk(here) if filters.who == "todo" else None,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    chosen = request.GET.get("case", "")
    context = {
        "heading": heading_of(filters),
        "asked": [_asked_row(one) for one in supervision.asked_of(doors.user_of(request))],
        "counts": list(_counts(request, filters)),
        "filters": list(_filters(here, filters)),
        "filters_open": bool(filters.track or filters.source or filters.flag or filters.estate),
        "q": filters.text,
        "table_rows": table_rows(lines(page.rows, chosen=chosen)),
        "labels": labels(),
        "capped": page.capped,
        "filtered": filters != Filters(),
        "previous_url": _turn(request, before=page.before) if page.before else "",
        "next_url": _turn(request, after=page.after) if page.after else "",
        "first": chosen or (page.rows[0].number if page.rows else ""),
        "fresh": _fresh_region(here),
    }
    if chosen:
        context |= beside_context(request, chosen)
    return render(request, "web/desks/queue/queue.html", context)


def _asked_row(row: Supervision) -> dict[str, str]:
    """What the director asks of this person, with the case it is about."""
    case = row.deadline.case
    title = f"{case.case_number or case.number} {supervision_title(row)}"
    return {"title": title, "note": row.note, "who": str(row.by), "url": supervision.answer_url(case, row)}


@require_safe
def beside(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case in short, for the place beside the list."""
    menu.require(request, "desk.staff")
    return render(request, "web/desks/queue/_beside.html", beside_context(request, number))


@require_safe
def fresh(request: HttpRequest) -> HttpResponse:
    """Say quietly how many cases came in since a page was made."""
    menu.require(request, "desk.staff")
    here, since = menu.desk(request), request.GET.get("since", "")
    if not since.isascii() or not since.isdecimal() or len(since) > 14:
        raise Http404
    moment = datetime.fromtimestamp(int(since) / 1000, tz=timezone.get_default_timezone())
    came = here.cases().filter(status=Status.SUBMITTED, filed_at__gt=moment)
    number = selectors.capped_counts({"came": came})["came"]
    region = _fresh_region(here, since=since) | {"number": menu.shown(number) if number else ""}
    return render(request, "web/desks/queue/_fresh.html", {"fresh": region})


def _fresh_region(here: Desk, since: str = "") -> dict[str, Any]:
    now = str(int(timezone.now().timestamp() * 1000))
    centre = min(here.wide | here.calling | here.mediating, default=0)
    return {"topic": f"centre:{centre}" if centre else "", "version": now, "since": since or now}


# --- filters ---------------------------------------------------------------------------------------------


def read_filters(given: QueryDict) -> Filters:
    """Read what was chosen; what is not one of the choices counts as not chosen."""
    values = {name: given.get(asked, "").strip()[:100] for name, asked in NAMES.items()}
    known = {
        "status": {"all", *(s.value for s in Status if s != Status.DRAFT)},
        "due": {"overdue", "today", "week"},
        "track": set(Track.values),
        "source": set(Source.values),
        "flag": set(Flag.values),
        "category": set(taxonomy()),
    }
    values |= {name: "" for name, allowed in known.items() if values[name] not in allowed}
    if values["who"] not in {"me", "todo", "nobody"} and not values["who"].isdecimal():
        values["who"] = ""
    return Filters(**{name: value.replace("\x00", "") for name, value in values.items()})


def heading_of(filters: Filters) -> str:
    if filters.text:
        return _("搜索：%(text)s") % {"text": filters.text}
    if filters.who == "me":
        return _("我的案件")
    if filters.who == "todo":
        return _("等我处理")
    if filters.status == "all":
        return _("全部案件")
    if filters.status:
        return str(Status(filters.status).label)
    return str(Source(filters.source).label) if filters.source else _("待办案件")


@dataclass(frozen=True)
class FilterOption:
    """One filter with its options; `more` ones are folded away."""

    name: str
    label: str
    options: SafeString | str
    more: bool = False
    text: str | None = None


OPTION = '<option value="{}"{}>{}</option>'


def _filters(here: Desk, filters: Filters) -> Iterator[FilterOption]:
    def choice(name: str, label: str, options: list[tuple[str, str]], *, more: bool = False) -> FilterOption:
        value = getattr(filters, name)
        return FilterOption(name, label, options_of(options, value), more)

    language = get_language() or ""
    statuses = [(value, label) for value, label in _labels(Status, language) if value != Status.DRAFT]
    yield choice("status", _("状态"), [("", _("待办")), ("all", _("全部")), *statuses])
    yield choice("category", _("类别"), [("", _("全部类别")), *_categories(filters.category)])
    people = [(str(key), name) for key, name in _staff(here)]
    someone = [("", _("全部人员")), ("me", _("我的")), ("todo", _("等我处理")), ("nobody", _("还没有调解员"))]
    yield choice("who", _("承办人"), [*someone, *people])
    due = [("", _("不限")), ("overdue", _("已超期")), ("today", _("今日到期")), ("week", _("七天内到期"))]
    yield choice("due", _("期限"), due)
    yield choice("track", _("办理方式"), [("", _("不限")), *_labels(Track, language)], more=True)
    yield choice("source", _("来源"), [("", _("不限")), *_labels(Source, language)], more=True)
    yield choice("flag", _("标记"), [("", _("不限")), *_labels(Flag, language)], more=True)
    yield FilterOption("estate", _("小区"), "", True, filters.estate)


def options_of(options: list[tuple[str, str]], value: str) -> SafeString:
    """Write the options of a select, the chosen one marked."""
    written = (OPTION.format(escape(key), " selected" if key == value else "", escape(text)) for key, text in options)
    return mark_safe("".join(written))


@lru_cache(maxsize=32)
def _labels(choices: Any, _language: str) -> tuple[tuple[str, str], ...]:
    """The values of a closed set with their names in the page's language, looked up once."""
    return tuple((value, str(label)) for value, label in choices.choices)


def _categories(chosen: str) -> Iterator[tuple[str, str]]:
    """Level 1, and below the chosen one its level 2."""
    english = (get_language() or "").startswith("en")
    for code in taxonomy():
        if len(code) == 2 or (chosen and code.startswith(chosen[:2])):
            name = category_name(code, english=english)
            yield code, name if len(code) == 2 else f"　{name}"


def _staff(here: Desk) -> list[tuple[int, str]]:
    people = User.objects.filter(
        standing(timezone.localdate(), "memberships__"),
        memberships__centre__in=here.wide | here.calling | here.mediating,
        memberships__role__in=[Role.INTAKE, Role.MEDIATOR],
        is_active=True,
    ).exclude(pk=here.user.pk)
    return list(people.distinct().order_by("display_name", "pk").values_list("pk", "display_name")[:STAFF_LISTED])


def _counts(request: HttpRequest, filters: Filters) -> Iterator[dict[str, Any]]:
    found = menu.counts(request)
    for name, label, query, colour, chosen in [
        ("submitted", _("待受理"), "status=SUBMITTED", "", Filters(status="SUBMITTED")),
        ("due_today", _("今日到期"), "due=today", "orange", Filters(due="today")),
        ("overdue", _("已超期"), "due=overdue", "red", Filters(due="overdue")),
        ("todo", _("等我处理"), "who=todo", "", Filters(who="todo")),
    ]:
        yield {
            "label": label,
            "number": menu.shown(found[name]),
            "url": f"/desk/?{query}",
            "colour": colour if found[name] else "",
            "current": filters == chosen,
        }


def _turn(request: HttpRequest, **mark: str) -> str:
    kept = {key: value for key, value in request.GET.items() if key not in {"after", "before", "case"} and value}
    return f"?{urlencode(kept | mark)}"


# --- lines -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One row of a table as finished strings: templates are slow at making them."""

    url: str
    beside: str
    title: str
    numbers: str
    estate: str
    category: str
    badge: SafeString
    person: str
    pill: SafeString | str
    flags: str
    current: bool


# Half of the time of the page went into fifty of these as a template, and a third with `format_html`.
ROW = (
    '<tr{current}><td><a class="row-link" href="{url}" hx-get="{beside}" hx-trigger="focus" hx-target="#beside"'
    ' hx-swap="innerHTML">{title}</a>{flag}<span class="sub">{numbers}</span></td>'
    '<td data-label="{in_estate}"><span>{estate}<span class="sub">{category}</span></span></td>'
    '<td data-label="{in_status}">{badge}</td><td data-label="{in_person}"><span>{person}</span></td>'
    '<td data-label="{in_due}">{pill}</td></tr>'
)
FLAG = ' <span class="badge badge--flag">{}</span>'
CURRENT = ' class="is-current" aria-current="true"'


def table_rows(rows: list[Line]) -> SafeString:
    """Write the body of the queue's table: every text escaped, only badges and pills are markup already."""
    words = {f"in_{name}": escape(label) for name, label in labels().items()}
    return mark_safe("\n".join(ROW.format(**words, **_cells(row)) for row in rows))


# What is markup already, or no text.
MARKUP = {"badge", "pill", "current"}


def _cells(row: Line) -> dict[str, str]:
    texts = {one.name: escape(getattr(row, one.name)) for one in fields(Line) if one.name not in MARKUP}
    flag = FLAG.format(texts["flags"]) if row.flags else ""
    return texts | {"badge": row.badge, "pill": row.pill, "flag": flag, "current": CURRENT if row.current else ""}


def labels() -> dict[str, str]:
    return {"estate": _("小区"), "status": _("状态"), "person": _("调解员"), "due": _("办理期限")}


def lines(rows: list[CaseLine], *, chosen: str = "", ended: bool = False) -> list[Line]:
    """Make the rows of a page ready to be written out; a case that has ended shows its date where that is asked."""
    today, calendar = timezone.localdate(), load_calendar()
    badges: dict[str, SafeString] = {}
    pills: dict[Any, SafeString | str] = {}
    flags = dict(_labels(Flag, get_language() or ""))
    found = []
    for row in rows:
        if row.status not in badges:
            badges[row.status] = look.status_badge(row.status)
        running = (row.next_due, row.next_clock)
        if running not in pills:
            pills[running] = look.deadline_pill(days_left(calendar, today, row.next_due), row.next_clock)
        found.append(
            Line(
                url=f"/cases/{row.number}/",
                beside=f"/desk/beside/{row.number}/",
                title=row.title,
                numbers=row.numbers,
                estate=row.estate or "—",
                category=row.category,
                badge=badges[row.status],
                person=row.person or "—",
                pill=pills[running] if ended or row.status not in selectors.ENDED else "",
                flags=_("、").join(flags.get(flag, flag) for flag in row.flags),
                current=row.number == chosen,
            )
        )
    return found


# --- the case beside the list ----------------------------------------------------------------------------


def beside_context(request: HttpRequest, number: str) -> dict[str, Any]:
    """Read one case in short: its next action, its parties, its date, its last steps."""
    case, user = doors.visible_case(request, number), doors.user_of(request)
    if doors.is_party(case, user):
        raise Http404
    rows = [
        {"label": _("申请人"), "value": _names(case, "APPLICANT")},
        {"label": _("被申请人"), "value": _names(case, "RESPONDENT")},
        {"label": _("小区"), "value": str(case.estate or case.estate_name)},
        {"label": _("诉求"), "value": case.requests[:200]},
        {"label": _("最近期限"), "value": look.due_day(case.next_due)},
    ]
    left = days_left(load_calendar(), timezone.localdate(), case.next_due) if case.next_due else None
    return {
        "case": case,
        "case_url": case.get_absolute_url(),
        "case_numbers": case.case_number or case.number,
        "case_rows": rows,
        "case_days_left": left,
        "case_clock": case.next_clock,
        "next": next_of(case, user),
        "timeline": list(_timeline(case)),
    }


def _names(case: Case, side: str) -> str:
    return _("、").join(p.shown_name for p in case.parties.all() if p.side == side and p.left_at is None)


def next_of(case: Case, user: User) -> Next:
    """Say the one thing to do next, as the page of the case does, and a few others."""
    file = CaseFile(case, user)
    found = next_step(file, open_actions(file), open_facts(file))
    return replace(found, others=found.others[:OTHERS_SHOWN])


def _timeline(case: Case) -> Iterator[dict[str, str]]:
    entries = history(case.subject).filter(action__in=actions.ACTIONS).order_by("-sequence")[:STEPS_SHOWN]
    for entry in reversed(list(entries)):
        yield {"title": actions.label_of(Case, entry.action), "when": look.moment(entry.at)}
    if case.status not in selectors.ENDED:
        yield {"title": str(case.get_status_display()), "state": "now"}


urlpatterns = [
    path("desk/", queue_page, name="desk"),
    path("desk/beside/<str:number>/", beside, name="desk_beside"),
    path("desk/fresh/", fresh, name="desk_fresh"),
]
