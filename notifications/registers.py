"""Where else somebody is reached who left no mobile: by the number of the body for which they act, for notices only.

The floors above know the bodies. What comes this way never signs and never signs in: those ask the account itself.
"""

from collections.abc import Callable, Collection, Iterable

from accounts.models import User
from accounts.phones import is_mobile

Register = Callable[[Collection[int]], dict[int, str]]

_registers: list[Register] = []


def look_up_in(register: Register) -> None:
    """Say how the number of a body is found for its contacts: the floors above call it in AppConfig.ready."""
    _registers.append(register)


def registered_mobiles(people: Iterable[User]) -> dict[int, str]:
    """Return the mobile (E.164) of the body for which each of these people acts, for those who have none."""
    without = {person.pk for person in people if not person.is_guest and not is_mobile(person.phone)}
    found: dict[int, str] = {}
    for register in _registers if without else ():
        found |= {key: phone for key, phone in register(without - found.keys()).items() if is_mobile(phone)}
    return found
