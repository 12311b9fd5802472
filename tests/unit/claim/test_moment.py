from __future__ import annotations

import pytest

from iop.claim.moment import (
    DAY,
    Duration,
    add_duration,
    complete_moment,
    encode_moment,
    parse_duration,
    parse_moment,
)
from iop.errors import DecodeError


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:00Z", 0),
        ("20200206T130419Z", 1580994259000),
        ("2030-01-01T00:00:00.000Z", 1893456000000),
        ("2030-01-01T00:00:00,0419Z", 1893456000041),
        ("2030-01-01T02:00:00+02:00", 1893456000000),
        ("20300101T0200+02", 1893456000000),
        ("2029-12-31T22:00-02", 1893456000000),
        ("2000-02-29", 951782400000),
        ("0001-01-01", -62135596800000),
        ("9999-12-31T23:59:59.999Z", 253402300799999),
    ],
)
def test_moments(text, moment):
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "", "T", "2020", "2020-13-01", "2020-02-30", "1900-02-29", "2020-1-1", "0000-01-01", "2020-01-01T",
        "2020-01-01T10Z", "2020-01-01T24:00Z", "2020-01-01T10:60Z", "2020-01-01T10:00:60Z", "2020-01-01T10:00",
        "20200101T10:00Z", "2020-01-01T1000Z", "2020-01-01T10:00:00.Z", "2020-01-01T10:00.5Z",
        "2020-01-01T10:00+", "2020-01-01T+02:00", "2020-01-01T10:00+25:00", "2020-01-01T10:00:00:00Z",
        "2020-01-01 10:00Z", "-2020-01-01", "٢٠٢٠-01-01", "2020-01-01T10:00Z" + " " * 60,
    ],
)  # fmt: skip
def test_what_is_no_moment(text):
    with pytest.raises(DecodeError):
        parse_moment(text)


def test_moments_are_written_in_full():
    assert encode_moment(0) == "1970-01-01T00:00:00Z"
    assert encode_moment(-1) == "1969-12-31T23:59:59.999Z"
    assert complete_moment("2030-01-01") == "2030-01-01T00:00:00Z"
    assert complete_moment("20200206T130419Z") == "20200206T130419Z"
    for moment in (-62135596800001, 253402300800000):
        with pytest.raises(DecodeError):
            encode_moment(moment)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("P5M", Duration(5, 0)),
        ("P1Y2M3W4DT5H6M7S", Duration(14, 25 * DAY + ((5 * 60 + 6) * 60 + 7) * 1000)),
        ("PT0S", Duration(0, 0)),
        ("P1W", Duration(0, 7 * DAY)),
    ],
)
def test_durations(text, span):
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1", "5M", "P1S", "PT1D", "P1M1Y", "P1Y1Y", "P-1Y", "P1.5Y", "P1YT", "P1234567890Y", "P²Y", "P" + "1" * 99],
)  # fmt: skip
def test_what_is_no_duration(text):
    with pytest.raises(DecodeError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2020-01-31", "P1M", "2020-02-29T00:00:00Z"),
        ("2019-01-31T10:00Z", "P1M", "2019-02-28T10:00:00Z"),
        ("2020-02-29", "P1Y", "2021-02-28T00:00:00Z"),
        ("2020-12-31", "P1DT1S", "2021-01-01T00:00:01Z"),
        ("2020-11-30", "P14M", "2022-01-30T00:00:00Z"),
    ],
)
def test_adding(start, span, end):
    assert encode_moment(add_duration(parse_moment(start), parse_duration(span))) == end


def test_adding_beyond_the_calendar():
    with pytest.raises(DecodeError):
        add_duration(parse_moment("9999-12-01"), parse_duration("P1M"))
