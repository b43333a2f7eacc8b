"""Where a breach is mended: the page of its one-step remedy."""

from cases.models import Case
from workflows.checks.base import Check


def page_of(case: Case, check: Check) -> str:
    """Return the address of the page, from the root of the site."""
    return check.page if check.page.startswith("/") else case.get_absolute_url() + check.page
