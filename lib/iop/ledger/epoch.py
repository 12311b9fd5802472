"""Points in time as the original writes them: RFC 3339 in UTC with milliseconds, `2019-09-01T08:00:00.000Z`."""

from __future__ import annotations

from iop.errors import DecodeError

_DAY = 86_400  # seconds
_MIN_YEAR, _MAX_YEAR = 1970, 9999


def format_instant(unix: int) -> str:
    """The text of a unix time in whole seconds, 1970 to 9999 (morpheus ch. 13, `human`)."""
    days, second = divmod(unix, _DAY)
    year, month, day = _civil_date(days)
    hour, minute = second // 3600, second // 60 % 60
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second % 60:02}.000Z"


def parse_instant(text: str) -> int:
    """The unix time of such a text, with or without the milliseconds (which must be zero). Raises DecodeError."""
    whole = text[:-5] if text.endswith(".000Z") else text[:-1] if text.endswith("Z") else ""
    numbers = (whole[0:4], whole[5:7], whole[8:10], whole[11:13], whole[14:16], whole[17:19])
    if not all(n.isascii() and n.isdigit() for n in numbers):
        raise DecodeError(f"time must look like 2019-09-01T08:00:00.000Z, got {text[:40]!r}")
    year, month, day, hour, minute, second = (int(n) for n in numbers)
    in_range = _MIN_YEAR <= year <= _MAX_YEAR and 1 <= month <= 12 and 1 <= day <= 31
    unix = _days(year, month, day) * _DAY + hour * 3600 + minute * 60 + second if in_range else -1
    # writing it again catches day 31 of short months, hour 24, second 60 and odd separators at once
    if unix < 0 or format_instant(unix)[:19] != whole:
        raise DecodeError(f"no such point in time: {text[:40]!r}")
    return unix


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar; the year is taken to start in March."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


def _civil_date(days: int) -> tuple[int, int, int]:
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month <= 2), month, day
