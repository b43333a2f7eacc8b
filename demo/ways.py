"""How far each matter of the demo has come, and how many days ago it began."""

from collections.abc import Callable

from demo.histories import History
from demo.talks import bargain, judge, propose_blind

Way = Callable[[History], None]


def closed(history: History) -> None:
    """Performed, judged by the applicant, called back, closed."""
    history.performed()
    judge(history)
    history.call_back()


# (how far, how many days ago it began)
WAYS: tuple[tuple[Way, int], ...] = (
    (bargain, 13), (History.submit, 1), (History.submit, 2), (History.submit, 4), (History.submit, 8),
    (History.submit, 12), (History.proposed, 3), (History.draft, 1), (History.draft, 5),
    (History.return_for_supplement, 3), (History.return_for_supplement, 5), (History.return_for_supplement, 4),
    (History.forward, 4), (History.forward, 8), (History.answer, 9), (History.answer, 8), (History.forward, 2),
    (History.invite, 3), (History.invite, 6), (History.invite, 9), (History.invite, 2),
    (History.accept, 4), (History.accept, 5), (History.accept, 9),
    (History.assign, 6), (History.assign, 7), (History.assign, 9),
    (History.submit, 0), (propose_blind, 14), (History.hold, 12), (History.hold, 20), (History.hold, 27), (History.hold, 33),
    (History.suspend, 20), (History.suspend, 15),
    (History.sign_stage, 15), (History.sign_stage, 18), (History.sign_stage, 22),
    (History.perform_stage, 18), (History.perform_stage, 24), (History.part_performed, 34), (History.orally, 16),
    (History.answered, 14), (History.failed, 24), (History.declined, 12), (History.performed, 30), (History.enquiry, 3),
    (closed, 45), (closed, 52), (History.closed_orally, 38), (History.closed_failed, 40),
    (History.rejected, 15), (History.referred, 10), (History.withdrawn, 12),
    (History.archived, 70), (History.archived, 76), (History.archived, 82), (History.archived, 90), (History.archived, 61),
    (History.hold, 10), (History.submit, 3), (History.invite, 4),
    (History.asked, 4), (History.challenged, 12), (History.replaced, 16),
)  # fmt: skip
