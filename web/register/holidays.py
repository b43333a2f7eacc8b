"""Which days people work: what the calendar says, a new year's notice, a late change; looked at before it is stored."""

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import policy
from accounts.errors import DomainError
from accounts.models import Centre, User
from audit.models import Entry
from audit.selectors import history
from calendars.late_changes import basis_of, year_of
from calendars.selectors import loaded_years, named_days, provisional_years
from calendars.services import CalendarAction
from web.frame import menu
from web.frame.fields import line, radios, text
from web.frame.menu import MANAGE, MenuLine
from web.templatetags.look import moment
from workflows.holidays import Outcome, change_holidays, import_holidays, read_text

WHOLE, LATE = "year", "change"
KINDS = [
    (WHOLE, gettext_lazy("新的一年：国务院办公厅放假通知全文")),
    (LATE, gettext_lazy("已公布年份的临时调整：延长假期、个别日期")),
]
LARGEST = 200_000
SHOWN_MOVES, SHOWN_ENTRIES = 200, 20


class HolidaysForm(forms.Form):
    """A notice, pasted or as a file, and what it is."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kind"] = radios(_("是哪一种"), KINDS)
        self.fields["year"] = forms.IntegerField(
            label=_("年份"), min_value=2000, max_value=2099, required=False, help_text=_("通知里写明的可以不填。")
        )
        self.fields["notice"] = text(
            _("通知全文，或者表格"), rows=8, most=100_000, required=False,
            help_text=_("表格每行：日期,是否上班（1或0）,说明；第一行写 date,is_workday,note。"),
        )  # fmt: skip
        self.fields["file"] = forms.FileField(
            label=_("或者上传文件"), required=False, help_text=_(".txt或者.csv"),
            widget=forms.FileInput(attrs={"accept": ".txt,.csv"}),
        )  # fmt: skip
        self.fields["basis"] = line(
            _("依据"), most=200, required=False, help_text=_("文件名和文号；通知里有文号的可以不填。")
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if upload := given.get("file"):
            given["notice"] = self._read(upload)
        if not given.get("notice") and not self.errors:
            self.add_error("notice", _("请贴通知全文，或者上传文件。"))
        written = given.get("notice") or ""
        given["year"] = given.get("year") or year_of(written) or self._year_of_table(written)
        if not given["year"] and not self.errors:
            self.add_error("year", _("请填年份。"))
        given["basis"] = (given.get("basis") or "").strip() or basis_of(written)
        if given.get("kind") == LATE and not given["basis"] and not self.errors:
            self.add_error("basis", _("请写明调整的依据。"))
        return given

    def _read(self, upload: Any) -> str:
        if upload.size > LARGEST:
            self.add_error("file", _("文件太大，不像一份放假通知。"))
            return ""
        read = read_text(upload.read())
        if read is None or "\x00" in read:
            self.add_error("file", _("这个文件不是文本。请把通知全文或者表格存成文本文件，或者贴在上面。"))
            return ""
        return read

    def _year_of_table(self, written: str) -> int | None:
        years = {row[:4] for row in written.splitlines() if row[:4].isascii() and row[:4].isdigit() and row[4:5] == "-"}
        return int(years.pop()) if len(years) == 1 else None


def keeper(request: HttpRequest) -> User:
    """Return who keeps the calendar of the installation: director or administrator of a centre that is no branch."""
    user = menu.require(request, "desk.holidays")
    here = user.centre_ids(*policy.RULES["desk.holidays"])
    if not Centre.objects.filter(pk__in=here, parent=None).exists():
        raise Http404
    return user


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def holidays_page(request: HttpRequest) -> HttpResponse:
    """Show the calendar; say what a notice would change, and store it when that was looked at."""
    user = keeper(request)
    if request.method != "POST":
        return _shown(request, HolidaysForm())
    form = HolidaysForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, form, status=422)
    looked_at = request.POST.get("looked_at", "")
    try:
        outcome = _carry_out(form.cleaned_data, by=user, dry=True)
        if not outcome.changes and not outcome.finals:
            form.add_error(None, _("日历里已经是这样，没有要改的。"))
            return _shown(request, form, status=422)
        if looked_at != _digest(outcome):
            return _shown(request, form, outcome=outcome, again=bool(looked_at))
        outcome = _carry_out(form.cleaned_data, by=user, dry=False)
    except DomainError as error:
        form.add_error(None, str(error))
        return _shown(request, form, status=422)
    sentence = _("已保存：改了%(days)d天，%(moved)d个未结期限推后，都已通知。")
    messages.success(request, sentence % {"days": len(outcome.changes), "moved": len(outcome.moved)})
    return redirect("holidays")


def _carry_out(given: dict[str, Any], *, by: User, dry: bool) -> Outcome:
    at, year = timezone.now(), given["year"]
    if given["kind"] == WHOLE:
        return import_holidays(given["notice"], year=year, by=by, at=at, dry=dry)
    return change_holidays(given["notice"], year=year, reason=given["basis"], by=by, at=at, dry=dry)


def _digest(outcome: Outcome) -> str:
    """Name what was shown, so that nothing else is stored than what somebody looked at."""
    moves = [(deadline.pk, move.to_due) for deadline, move in outcome.moved]
    return hashlib.sha256(repr((outcome.changes, outcome.finals, moves)).encode()).hexdigest()[:32]


def _shown(
    request: HttpRequest, form: HolidaysForm, *, outcome: Outcome | None = None, again: bool = False, status: int = 200
) -> HttpResponse:
    this_year = timezone.localdate().year
    context: dict[str, Any] = {"form": form, "again": again, "years": [_year(y) for y in (this_year, this_year + 1)]}
    context["timeline"] = [_entry(entry) for y in (this_year, this_year + 1) for entry in _entries(y)]
    if outcome is not None:
        context |= {
            "outcome": outcome,
            "looked_at": _digest(outcome),
            "given": form.cleaned_data,
            "moves": [_move(deadline, move) for deadline, move in outcome.moved[:SHOWN_MOVES]],
        }
    return render(request, "web/register/holidays/holidays.html", context, status=status)


def _move(deadline: Any, move: Any) -> dict[str, Any]:
    """The number only: whoever keeps the calendar need not see the case."""
    case = deadline.case
    return {
        "number": case.case_number or case.number or _("草稿"),
        "clock": deadline.get_clock_display(),
        "was": move.from_due,
        "due": move.to_due,
    }


def _year(year: int) -> dict[str, Any]:
    known, provisional = year in loaded_years(), year in provisional_years()
    state = _("没有数据") if not known else _("按法定节假日暂算，等国务院通知") if provisional else _("已按通知确定")
    return {"year": year, "state": state, "final": known and not provisional, "days": named_days(year)}


def _entries(year: int) -> list[Entry]:
    return list(history(("calendar", year)).order_by("-sequence")[:SHOWN_ENTRIES])


def _entry(entry: Entry) -> dict[str, Any]:
    words = dict(CalendarAction.choices)
    return {
        "title": str(words.get(entry.action, entry.action)),
        "who": str(entry.actor or ""),
        "when": moment(entry.at),
        "text": entry.reason,
    }


IN_MENU = MenuLine(gettext_lazy("放假安排"), "/desk/holidays/", "desk.holidays", MANAGE)

urlpatterns = [path("desk/holidays/", holidays_page, name="holidays")]
