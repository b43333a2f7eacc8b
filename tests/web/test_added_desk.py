"""What a new desk takes (docs/adding.md): its module with its line of the menu, and its place in the lists of urls.py.

This module is such a desk: it is added for one test to `web.urls`, and nothing else is touched.
"""

from typing import Any

import pytest
from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.http import require_safe

from cases.choices import Status
from cases.selectors import Desk
from tests.cast import World
from tests.web.test_desks import ended
from web import urls
from web.frame import menu
from web.frame.menu import MANAGE, MenuLine

# --- the desk, as its module in web/desks/ says it ----------------------------------------------------------------


def lists(here: Desk) -> dict[str, QuerySet[Any]]:
    return {"closed": here.cases().filter(status=Status.CLOSED)}


@require_safe
def closed_page(request: HttpRequest) -> HttpResponse:
    menu.require(request, "desk.archive")
    return HttpResponse(f"已结案件 {menu.counts(request)['closed']}")


IN_MENU = MenuLine("已结案件", "/desk/closed/", "desk.archive", MANAGE, lists, "closed")

# --- its two lines in web/urls.py ---------------------------------------------------------------------------------

urlpatterns = [path("desk/closed/", closed_page), path("", include("config.urls"))]
MENU = (*urls.MENU, IN_MENU)


@pytest.fixture
def _added(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.DESK_MENU = f"{__name__}.MENU"


def page(world: World, name: str, url: str) -> tuple[int, str]:
    client = Client()
    client.force_login(world.people()[name])
    answer = client.get(url)
    return answer.status_code, answer.content.decode()


@pytest.mark.usefixtures("_added")
def test_an_added_desk_is_served_and_stands_in_the_menu_with_what_waits_there(world: World) -> None:
    ended(world, 1, "CLOSED")
    ended(world, 2, "CLOSED")
    assert page(world, "archivist", "/desk/closed/") == (200, "已结案件 2")
    status, queue = page(world, "archivist", "/desk/archive/")
    assert (status, 'href="/desk/closed/"' in queue, "已结案件" in queue) == (200, True, True)


@pytest.mark.usefixtures("_added")
def test_nobody_else_finds_it(world: World) -> None:
    for name in ("intake", "director", "mediator", "resident"):
        assert page(world, name, "/desk/closed/")[0] == 404
    assert "/desk/closed/" not in page(world, "intake", "/desk/")[1]


def test_without_its_line_it_is_not_there(world: World) -> None:
    assert page(world, "archivist", "/desk/closed/")[0] == 404
    assert "/desk/closed/" not in page(world, "archivist", "/desk/archive/")[1]
