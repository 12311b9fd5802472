"""Figures of a daemon in the Prometheus text format, version 0.0.4."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Labels = tuple[tuple[str, str], ...]
    Figure = tuple[str, str, str, Mapping[Labels, int | float]]


def encode_metrics(figures: Iterable[Figure]) -> bytes:
    """The text of figures: (name, kind, help, value by labels). Label values are ours and need no escapes."""
    lines: list[str] = []
    for name, kind, text, samples in figures:
        lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
        for labels, number in samples.items():
            shown = ",".join(f'{label}="{item}"' for label, item in labels)
            lines.append(f"{name}{{{shown}}} {number}" if shown else f"{name} {number}")
    return ("\n".join(lines) + "\n").encode()
