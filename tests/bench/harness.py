"""Interleaved rounds, medians of ratios: a figure counts only beside its limit or peer in the same run."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

ROUNDS = 15


class Row(NamedTuple):
    """One line of the table. ratio: ours over theirs, or theirs over ours, as `goal` reads."""

    area: str
    what: str
    ours: str
    against: str
    ratio: float
    goal: str
    met: bool


def cpu_seconds(argv: list[str], stdin: bytes = b"") -> float:
    """CPU time, user and system, of one process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        argv, input=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{argv}: status {done.returncode}: {done.stderr.decode()[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cpu_ratio(
    ours: list[str], theirs: list[str], stdin: bytes = b"", rounds: int = ROUNDS
) -> tuple[float, float]:
    """Median of per-round ratios ours/theirs, and our median in seconds."""
    pairs = [(cpu_seconds(ours, stdin), cpu_seconds(theirs)) for _ in range(rounds)]
    return statistics.median(a / b for a, b in pairs), statistics.median(a for a, _ in pairs)


def rate(work: Callable[[], int], seconds: float = 0.3) -> float:
    """Items per second of a callable that returns how many it did."""
    done = 0
    start = time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        done += work()
    return done / spent


def rate_ratio(
    ours: Callable[[], int], theirs: Callable[[], int], rounds: int = 5
) -> tuple[float, float, float]:
    """Median ratio of rates, and both medians."""
    pairs = [(rate(ours), rate(theirs)) for _ in range(rounds)]
    return (
        statistics.median(a / b for a, b in pairs),
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
    )


def machine() -> str:
    """One line that says what ran this."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next(
                line.split(":", 1)[1].strip() for line in file if line.startswith("model name")
            )
    except (OSError, StopIteration):
        pass
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def show(rows: list[Row]) -> str:
    """The table as text."""
    cells = [("area", "what", "ours", "against", "ratio", "goal", "")]
    cells += [
        (r.area, r.what, r.ours, r.against, f"{r.ratio:.2f}", r.goal, "ok" if r.met else "missed")
        for r in rows
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(7)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


BIN = os.path.dirname(sys.executable)
