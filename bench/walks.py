"""Walk a thousand cases at random and ask every check after each step: `python -m bench.walks [how many] [first seed]`.

On clean walks the checks name nothing. Works in a test database of its own, which it removes, with the steps of
`tests.workflows.test_random_walks`; each walk is rolled back. Prints what was named, by check, and the seeds.
"""

import os
import sys
import time
from collections import defaultdict
from datetime import timedelta
from random import Random

import django

WALKS, STEPS = 1_000, 20


def main() -> None:
    from django.conf import settings
    from django.db import connection

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        numbers = [int(word) for word in sys.argv[1:]]
        walk(numbers[0] if numbers else WALKS, first=numbers[1] if len(numbers) > 1 else 0)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def walk(many: int, *, first: int) -> None:
    """Print what the checks named on these walks, how many steps they took and how long."""
    from django.db import transaction

    from tests.cast import make_world

    named: dict[str, list[str]] = defaultdict(list)
    steps, began = 0, time.monotonic()
    with transaction.atomic():
        world = make_world()
        for seed in range(first, first + many):
            with transaction.atomic():
                steps += one(world, Random(seed), seed, named)
                transaction.set_rollback(True)
        transaction.set_rollback(True)
    print(f"{many} walks, {steps} steps, {time.monotonic() - began:.0f} s, {sum(map(len, named.values()))} named")
    for check, where in sorted(named.items()):
        print(f"{check}: {len(where)}  {' '.join(where[:6])}")


def one(world: object, dice: Random, seed: int, named: dict[str, list[str]]) -> int:
    """Walk along one case; stop at the first step after which something is named."""
    from tests.workflows import test_random_walks as walks
    from tests.workflows.invariants import broken

    walking = walks.start(world, dice)  # type: ignore[arg-type]
    for step in range(STEPS):
        before = walking.case.status
        walking.at += timedelta(days=walking.draw(walks.PAUSES), minutes=1)
        taken = walking.draw(walks.STEPS)
        taken(walking)
        walking.fresh()
        if found := broken(walking.case.pk, walking.at):
            for check in found:
                named[check].append(f"{seed}/{step}:{taken.__name__}:{before}→{walking.case.status}")
            return step + 1
    return STEPS


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
