"""What can be wrong with a step of mediation."""

from accounts.errors import DomainError


class MediationError(DomainError):
    """This step of mediation is not possible as asked."""
