"""The checks of an agreement as rows, what must be mended first."""

from typing import Any

from django.utils.translation import gettext_lazy

from mediation import checks

STATES = {
    "ok": ("green", gettext_lazy("通过")),
    "warn": ("yellow", gettext_lazy("请留意")),
    "block": ("red", gettext_lazy("须改正")),
}


def check_rows(results: list[checks.Result]) -> list[dict[str, Any]]:
    """Return the checks, what must be mended first."""
    order = {"block": 0, "warn": 1, "ok": 2}
    return [
        {
            "label": result.label,
            "colour": STATES[result.state][0],
            "state": STATES[result.state][1],
            "sentences": [problem.sentence for problem in result.problems],
        }
        for result in sorted(results, key=lambda result: order[result.state])
    ]
