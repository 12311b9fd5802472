"""Results of the original software that iop does not reproduce, each with the reason.

A case that fails and is listed here is counted as a deviation, not as a failure. `file` is the catalogue key, `case` the
whole label or a prefix ending in `*`.
"""

from __future__ import annotations

from iop.value import value


@value
class Deviation:
    """One deliberate difference: catalogue key of the file, label of the case (or `prefix*`), the argument for it."""

    file: str
    case: str
    reason: str


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "jose/jose_cookbook",
        "contradiction *",
        "published intermediate values that do not lead to the example's own output (a public key that is not its secret's, a "
        "content key that opens nothing, a header that is no JSON); the output itself is reproduced",
    ),
    Deviation(
        "vaults",
        "0.0.14 Vault.create dirty_before_save *",
        "the flag is in memory only; the releases disagree on a vault just made, and iop follows the later, 0.0.16",
    ),
    Deviation(
        "core_api_questions",
        "javascript *",
        "an order that is no text makes the original's own code fail, and the client is told so in the words of its JavaScript engine; "
        "iop says that the format does not match",
    ),
)


def find_deviation(file: str, label: str) -> Deviation | None:
    """The deviation that covers a case, or None."""
    for entry in DEVIATIONS:
        if entry.file != file:
            continue
        if entry.case == label or (entry.case.endswith("*") and label.startswith(entry.case[:-1])):
            return entry
    return None
