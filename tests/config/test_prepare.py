"""What stands between a version and serving it."""

import pytest
from django.core.management.base import CommandError

from config.management.commands.prepare import refuse_half_replaced

FIRST, LAST = ("accounts", "0001_first"), ("members", "0001_first")


def test_an_empty_database_and_one_that_is_up_to_date_are_taken() -> None:
    refuse_half_replaced(set())
    refuse_half_replaced({LAST})
    refuse_half_replaced({("accounts", "0001_schema"), FIRST})


def test_a_database_that_stopped_halfway_is_refused_with_the_way_on() -> None:
    with pytest.raises(CommandError, match="accounts.0009_mediators"):
        refuse_half_replaced({FIRST, ("accounts", "0002_memberships")})
