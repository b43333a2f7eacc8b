"""What a centre settles for itself: telephone, limits, and the days of its clocks that the law leaves free."""

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
from accounts.models import Centre
from audit.centres import settle
from web.frame import menu
from web.frame.menu import MANAGE, MenuLine
from web.register.account_forms import CentreForm
from web.register.centre_history import history_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def centre_page(request: HttpRequest, code: str = "") -> HttpResponse:
    """Show what a centre has settled, and let its director or administrator change it."""
    user = menu.require(request, "desk.centre")
    centres = [centre for centre in Centre.objects.all() if policy.allows(user, "centre.settle", centre)]
    centre = next((one for one in centres if one.code == code), None) if code else (centres[0] if centres else None)
    if centre is None:
        raise Http404
    form = CentreForm(request.POST or None, instance=centre)
    if request.method == "POST" and form.is_valid():
        try:
            changed = settle(centre, by=user, at=timezone.now(), **form.settled())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已保存。新的天数用于今后开始的期限。") if changed else _("没有改动。"))
            return redirect("centre", centre.code)
    tabs = [{"url": f"/desk/centre/{one.code}/", "label": one.name, "current": one == centre} for one in centres]
    context = {"form": form, "centre": centre, "timeline": history_of(centre), "tabs": tabs if len(tabs) > 1 else []}
    context["branches"] = centre.parent_id is None and policy.allows(user, "centre.open_branch", centre)
    return render(request, "web/register/centre/centre.html", context, status=422 if request.method == "POST" else 200)


IN_MENU = MenuLine(gettext_lazy("中心设置"), "/desk/centre/", "desk.centre", MANAGE)

urlpatterns = [
    path("desk/centre/", centre_page, name="own_centre"),
    path("desk/centre/<slug:code>/", centre_page, name="centre"),
]
