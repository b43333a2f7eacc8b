"""One draft on its way: to whom it is open, and what stands around every page of it."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_cache_control

from cases.choices import Status
from cases.models import Case
from web.filing import steps


def never_stored(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep pages out of every cache; a form that came back with errors only out of shared ones.

    Otherwise the browser's back button would meet "confirm form resubmission" in place of the form.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code in {422, 429}:
            patch_cache_control(response, private=True, no_cache=True)
        else:
            add_never_cache_headers(response)
        return response

    return answer


def drafts_of(user: Any) -> list[Case]:
    """Return what this person has begun and not filed, the newest first."""
    if not user.is_authenticated:
        return []
    rows = Case.objects.visible_to(user).filter(status=Status.DRAFT, created_by=user)
    return list(rows.select_related("estate", "category").order_by("-pk")[:10])


def own_draft(request: HttpRequest, key: uuid.UUID) -> Case:
    """Return the case of the person who is here; raises Http404 for anything else."""
    case = (
        Case.objects.visible_to(request.user)
        .filter(key=key)
        .select_related("centre", "region__parent", "estate__region", "category")
        .prefetch_related("parties")
        .first()
    )
    if case is None or (case.status == Status.DRAFT and case.created_by_id != request.user.pk):
        raise Http404
    return case


def is_checking(request: HttpRequest) -> bool:
    return (request.POST if request.method == "POST" else request.GET).get("check") == "1"


def frame(request: HttpRequest, slug: str, case: Case | None) -> dict[str, Any]:
    """Return what the frame of every question needs."""
    checking = case is not None and is_checking(request)
    back = reverse("filing_start") if case is None else steps.previous_page(case, slug)
    if checking and case is not None:
        back = steps.url(case, "check")
    here = {"step": steps.STEPS[slug].number, "steps": steps.COUNT, "saved": case is not None}
    return here | {"case": case, "slug": slug, "checking": checking, "back_url": back}
