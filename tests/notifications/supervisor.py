"""Keep workers alive that are killed again and again, until nothing is open; say how many died.

Run as a process of its own: Django starts once, each worker is a fork with a database connection of its own.
"""

import os
import signal
import sys
import time
from datetime import datetime, timedelta

WORKERS = 2
FASTER = 3600  # one second of the test is an hour of its day
LONGEST_DAY = 11 * 3600  # from ten in the morning: nobody waits for the next one


def work(began: float, morning: datetime) -> None:
    """Deliver until nothing is open."""
    from notifications.delivering import deliver_due
    from notifications.models import Delivery

    while True:
        deliver_due(morning + timedelta(seconds=min((time.time() - began) * FASTER, LONGEST_DAY)))
        if not Delivery.objects.filter(status__in=["PENDING", "SENDING", "FAILED"]).exists():
            return
        time.sleep(0.02)


def fork(began: float, morning: datetime) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work(began, morning)
    except BaseException:
        os._exit(1)
    os._exit(0)


def supervise(morning: datetime, patience: float) -> int:
    began, deaths = time.time(), 0
    alive = {fork(began, morning) for _ in range(WORKERS)}
    while alive:
        if time.time() - began > patience:
            for child in alive:
                os.kill(child, signal.SIGKILL)
            raise SystemExit("still not settled")
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            time.sleep(0.01)
            continue
        alive.remove(child)
        if os.WIFSIGNALED(status):
            deaths += 1
            alive.add(fork(began, morning))
        elif os.WEXITSTATUS(status):
            raise SystemExit("a worker broke")
    return deaths


if __name__ == "__main__":
    import django

    django.setup()
    print(supervise(datetime.fromisoformat(sys.argv[1]), float(sys.argv[2])))
