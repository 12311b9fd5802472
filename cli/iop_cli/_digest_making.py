"""What iop-digest prints besides ids: masked, wrapped and normalised records."""

from __future__ import annotations

from iop_cli._command import Line, transform
from iop_cli._normal import Opening, check_unchanged
from iop_cli._option import option, seed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from iop.io.stream import Item
    from iop_cli._shell import Shell


def mask(keep: str, *, missing: bool, changed: bool) -> Callable[[Item], Iterable[Any]]:
    """The step of `iop-digest --keep`. `missing`: paths may lead nowhere; `changed`: the mask may change the content id."""
    from iop.codec.json import parse_json
    from iop.codec.text import apply_mask_text

    def whole(found: bytes) -> bool:
        return found[:1] == b"{" and not changed  # else it may be no JSON

    def step(item: Item) -> Iterable[Any]:
        found = apply_mask_text(item.text, keep)
        if not changed:
            check_unchanged(item.text, found)
        # The mask has the members that were opened, and is shorter to read; but what it hides the hint would not name.
        if not missing and not (whole(found) and Opening(keep).note(parse_json(found))):
            opening = Opening(keep)
            opening.note(item.value)
            opening.demand()
        return (found if found[:1] == b"{" else Line(found.decode()),)

    return step


@transform
@seed
@option("--members", kind="flag", help="Wrap every member of the record instead of the record.")
def wrap(shell: Shell, members: bool, **_given: Any) -> Callable[[Any], Iterator[Any]]:
    """Put a value beside a fresh nonce: {"nonce": …, "value": …}."""
    from iop.codec.nonce import SIZE, wrap_nonce
    from iop.errors import SchemaError

    def step(record: Any) -> Iterator[Any]:
        if not members:
            yield wrap_nonce(record, shell.random(SIZE))
        elif isinstance(record, dict):
            yield {name: wrap_nonce(value, shell.random(SIZE)) for name, value in record.items()}
        else:
            raise SchemaError(f"--members takes objects, got {type(record).__name__}")

    return step


@transform(raw=True)
def normalize(_shell: Shell) -> Callable[[Item], Iterator[Any]]:
    """Print each record with its strings and member names in Unicode NFKD; all else stays as it is."""
    from iop.claim.normal import normalize_texts

    def step(item: Item) -> Iterator[Any]:
        yield normalize_texts(item.strict_value)

    return step
