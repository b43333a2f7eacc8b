"""What the queue page costs beside a bare view, and whether it grows with the archive: `python -m bench.queue [sizes]`.

Works in a test database of its own, which it removes. Both kinds of page take turns, and only the ratios count.
The floor is a view that lists 50 rows of the same table and nothing else, behind the same middleware.
"""

import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

SIZES = (20_000, 200_000)
BLOCKS, PAGES = 10, 2
BARE = "/bench/bare/"
QUERIES = ["", "?who=todo", "?status=all", "?due=week&category=03&source=HOTLINE", "?q=渗水"]
CELLS = "<td>{{ row.number }}</td><td>{{ row.title }}</td><td>{{ row.status }}</td>"
FLOOR = f"<table>{{% for row in rows %}}<tr>{CELLS}</tr>{{% endfor %}}</table>"


def main() -> None:
    """Print, for each size, the page's time beside the floor and its number of queries."""
    from django.db import connection

    sizes = [int(size) for size in sys.argv[1:]] or list(SIZES)
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        there, ratios = 0, []
        for size in sizes:
            from bench.seed import seed

            seed(size - there)
            there = size
            ratios.append(measure(size))
        if len(ratios) > 1:
            print(f"growth from {sizes[0]:,} to {sizes[-1]:,} cases: {ratios[-1] / ratios[0]:.2f} ×")
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def measure(size: int) -> float:
    """Measure the pages and return how often the floor fits into the plain queue page."""
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.template import engines
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import clear_url_caches, path

    from accounts.models import User
    from cases.models import Case
    from config import urls

    template = engines["django"].from_string(FLOOR)

    def bare(request: HttpRequest) -> HttpResponse:
        rows = Case.objects.order_by("-pk").values("number", "title", "status")[:50]
        return HttpResponse(template.render({"rows": rows}, request=None))

    if not any(getattr(each, "name", "") == "bench_bare" for each in urls.urlpatterns):
        urls.urlpatterns.append(path(BARE[1:], bare, name="bench_bare"))
        clear_url_caches()
    client = Client()
    client.force_login(User.objects.get(username="bench-intake"))
    after = re.findall(r'href="(\?after=[^"]+)"', client.get("/desk/").content.decode())[-1]
    pages: dict[str, Callable[[], object]] = {"floor": lambda: client.get(BARE)}
    for query in [*QUERIES, after]:
        pages[f"/desk/{query}"] = lambda query=query: client.get(f"/desk/{query}")  # type: ignore[misc]
    times: dict[str, list[float]] = {name: [] for name in pages}
    for block in range(BLOCKS + 1):
        for name, get in pages.items():
            started = time.perf_counter()
            for _page in range(PAGES):
                get()
            if block:  # the first block only warms up
                times[name].append((time.perf_counter() - started) / PAGES)
    floor = statistics.median(times["floor"])
    print(f"{size:,} cases, floor {floor * 1000:.1f} ms")
    for name, taken in list(times.items())[1:]:
        with CaptureQueriesContext(connection) as asked:
            pages[name]()
        middle = statistics.median(taken)
        print(f"  {name:48} {middle * 1000:6.1f} ms  {middle / floor:5.1f} × the floor  {len(asked):2} queries")
    return statistics.median(times["/desk/"]) / floor


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    main()
