"""What somebody had typed when the session ended: shown to nobody else, sent with one click."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.kept_forms import fields_of, forget_form, kept_form
from accounts.models import KeptForm
from web.frame.doors import user_of, worded


def own_form(request: HttpRequest, key: UUID) -> KeptForm:
    found = kept_form(user_of(request), key, at=timezone.now())
    if found is None:
        raise Http404
    return found


@never_cache
@require_safe
@login_required
def kept_page(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show what was typed, with one button that sends it where it was to go."""
    kept = own_form(request, key)
    pairs = [(name, value) for name, values in fields_of(kept).items() for value in values]
    context = {"kept": kept, "fields": pairs, "typed": worded(value for _name, value in pairs)}
    return render(request, "web/entrance/kept/kept.html", context)


@require_POST
@login_required
def forget(request: HttpRequest, key: UUID) -> HttpResponse:
    """Throw it away."""
    forget_form(own_form(request, key))
    return redirect("/")


urlpatterns = [
    path("kept/<uuid:key>/", kept_page, name="kept_form"),
    path("kept/<uuid:key>/forget/", forget, name="kept_form_forget"),
]
