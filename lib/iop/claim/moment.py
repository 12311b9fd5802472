"""Date-times and durations of ISO 8601, as constraints, licences and scenarios write them (morpheus 8).

A moment is an integer: milliseconds since 1970-01-01T00:00:00Z on the proleptic Gregorian calendar, leap seconds not counted.
Both writings of the original occur: `20200206T130419Z` and `2030-01-01T00:00:00.000Z`.
"""

from __future__ import annotations

from iop.errors import DecodeError
from iop.value import value

LONGEST = 64  # characters
MILLISECOND = 1
SECOND = 1000 * MILLISECOND
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_TO_1970 = 719162  # from 0001-01-01


@value
class Duration:
    """A span: months depend on where it starts, the rest does not."""

    months: int
    milliseconds: int


def parse_moment(text: str) -> int:
    """The moment of a date, or of a date-time with `Z` or an offset, basic or extended; a date alone is its midnight UTC.

    Seconds may be left out and may have a fraction, of which milliseconds count. Raises DecodeError: other writings, no zone,
    years outside 0001 … 9999, an hour of 24, a second of 60.
    """
    if len(text) > LONGEST or not text.isascii():
        raise _refuse(text)
    day, mark, clock = text.partition("T")
    moment = _parse_date(day, text)
    if mark:
        moment += _parse_clock(clock, text, extended="-" in day)
    return moment


def encode_moment(moment: int) -> str:
    """`2030-01-01T00:00:00Z`, with `.fff` when there are milliseconds. Raises DecodeError outside years 0001 … 9999."""
    days, rest = divmod(moment, DAY)
    year, month, day = _compute_date(days)
    hour, rest = divmod(rest, HOUR)
    minute, rest = divmod(rest, MINUTE)
    second, millis = divmod(rest, SECOND)
    fraction = f".{millis:03d}" if millis else ""
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{fraction}Z"


def complete_moment(text: str) -> str:
    """The same text, or the date-time of its midnight where it is a date alone. Raises DecodeError."""
    moment = parse_moment(text)
    return text if "T" in text else encode_moment(moment)


def parse_duration(text: str) -> Duration:
    """The span of `PnYnMnWnDTnHnMnS` (any part left out, whole numbers). Raises DecodeError."""
    if len(text) > LONGEST or not text.isascii() or not text.startswith("P"):
        raise _refuse_duration(text)
    date, mark, clock = text[1:].partition("T")
    if (mark and not clock) or not (date or clock):
        raise _refuse_duration(text)
    years, months, weeks, days = _parse_parts(date, "YMWD", text)
    hours, minutes, seconds = _parse_parts(clock, "HMS", text)
    span = (weeks * 7 + days) * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND
    return Duration(years * 12 + months, span)


def add_duration(moment: int, duration: Duration) -> int:
    """The moment a span later: months first (the day cut to the month's length), then the rest."""
    if duration.months:
        days, rest = divmod(moment, DAY)
        year, month, day = _compute_date(days)
        year, month = divmod(year * 12 + month - 1 + duration.months, 12)
        month += 1
        if year > 9999:
            raise DecodeError("a duration leads beyond the year 9999")
        moment = _compute_days(year, month, min(day, _compute_length(year, month))) * DAY + rest
    return moment + duration.milliseconds


def _refuse(text: str) -> DecodeError:
    return DecodeError(f"expected a date-time of ISO 8601 with a zone, got {text[:LONGEST]!r}")


def _refuse_duration(text: str) -> DecodeError:
    return DecodeError(f"expected a duration of ISO 8601, as P1Y6M, got {text[:LONGEST]!r}")


def _parse_digits(text: str, size: int, whole: str) -> int:
    if len(text) != size or not text.isdigit():
        raise _refuse(whole)
    return int(text)


def _parse_date(text: str, whole: str) -> int:
    if len(text) == 10 and text[4] == text[7] == "-":
        text = text[:4] + text[5:7] + text[8:]
    digits = _parse_digits(text, 8, whole)
    year, month, day = digits // 10000, digits // 100 % 100, digits % 100
    if not (year and 1 <= month <= 12 and 1 <= day <= _compute_length(year, month)):
        raise _refuse(whole)
    return _compute_days(year, month, day) * DAY


def _parse_clock(text: str, whole: str, *, extended: bool) -> int:
    cut = max(text.find("+"), text.find("-"))
    if text.endswith("Z"):
        text, offset = text[:-1], 0
    elif cut > 0:
        zone = text[cut + 1 :]
        hours, minutes = _parse_fields(zone, whole, extended=extended, least=1)[:2]
        offset = (hours * HOUR + minutes * MINUTE) * (1 if text[cut] == "+" else -1)
        text = text[:cut]
    else:
        raise _refuse(whole)
    text, point, fraction = text.replace(",", ".").partition(".")
    hour, minute, second = _parse_fields(text, whole, extended=extended, least=3 if point else 2)
    millis = 0
    if point:
        if not fraction.isdigit():
            raise _refuse(whole)
        millis = int(fraction[:3].ljust(3, "0"))
    return hour * HOUR + minute * MINUTE + second * SECOND + millis - offset


def _parse_fields(text: str, whole: str, *, extended: bool, least: int) -> tuple[int, int, int]:
    """Hour, minute, second; `least` of them must be there."""
    parts = text.split(":") if extended else [text[i : i + 2] for i in range(0, len(text), 2)]
    if not least <= len(parts) <= 3:
        raise _refuse(whole)
    fields = [_parse_digits(part, 2, whole) for part in parts] + [0] * (3 - len(parts))
    hour, minute, second = fields
    if hour > 23 or minute > 59 or second > 59:
        raise _refuse(whole)
    return hour, minute, second


def _parse_parts(text: str, letters: str, whole: str) -> list[int]:
    """The numbers before the letters, each at most once and in order."""
    found = [0] * len(letters)
    next_letter = 0
    start = 0
    for index, char in enumerate(text):
        if char.isdigit():
            continue
        place = letters.find(char, next_letter)
        digits = text[start:index]
        if place < 0 or not digits or len(digits) > 9:
            raise _refuse_duration(whole)
        found[place] = int(digits)
        next_letter, start = place + 1, index + 1
    if start != len(text):
        raise _refuse_duration(whole)
    return found


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _compute_length(year: int, month: int) -> int:
    return 29 if month == 2 and _is_leap(year) else _MONTH_DAYS[month - 1]


def _compute_days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01."""
    past = year - 1
    days = past * 365 + past // 4 - past // 100 + past // 400
    days += sum(_compute_length(year, earlier) for earlier in range(1, month))
    return days + day - 1 - _DAYS_TO_1970


def _compute_date(days: int) -> tuple[int, int, int]:
    """Year, month and day of a number of days from 1970-01-01."""
    left = days + _DAYS_TO_1970
    if not 0 <= left < 3652059:
        raise DecodeError("a moment lies outside the years 0001 to 9999")
    centuries, left = divmod(left, 146097)
    hundreds = min(left // 36524, 3)
    left -= hundreds * 36524
    fours, left = divmod(left, 1461)
    ones = min(left // 365, 3)
    left -= ones * 365
    year = centuries * 400 + hundreds * 100 + fours * 4 + ones + 1
    month = 1
    while left >= _compute_length(year, month):
        left -= _compute_length(year, month)
        month += 1
    return year, month, left + 1
