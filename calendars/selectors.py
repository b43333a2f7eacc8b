"""What the calendar holds."""

from calendars.services import load_calendar


def loaded_years() -> frozenset[int]:
    """Return the years that periods can be counted in."""
    return load_calendar().years


def provisional_years() -> frozenset[int]:
    """Return the loaded years whose State Council notice is not in yet."""
    return load_calendar().provisional_years
