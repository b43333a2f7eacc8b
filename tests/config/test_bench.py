"""What is measured can still be measured: the synthetic cases fit into the tables of today."""

from collections import Counter

import pytest

from accounts.models import User
from bench.seed import SHARE, seed
from cases.models import Case, Party
from tests.web.pages import browser


@pytest.mark.django_db
def test_synthetic_cases_have_their_shares_and_lie_in_the_queue() -> None:
    seed(100)
    seed(100)
    assert Counter(Case.objects.values_list("status", flat=True)) == {name: 2 * share for name, share in SHARE.items()}
    assert Party.objects.count() == 400
    page = browser(User.objects.get(username="bench-director")).get("/desk/?status=all")
    assert (page.status_code, page.content.count(b"BN-2026-") >= 50) == (200, True)
