"""What iop-sign and iop-digest say about texts that are not in Unicode NFKD, and about paths that open nothing."""

from __future__ import annotations

from iop.errors import DataError, SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from iop.codec.json import Json
    from iop.io.stream import Item
    from iop_cli._shell import Shell


def watch(shell: Shell, hint: str) -> Callable[[Item], None]:
    """A look at one record after another: the first that holds a text not in NFKD is warned of, the rest are not read."""
    waiting = not shell.quiet

    def look(item: Item) -> None:
        nonlocal waiting
        text = item.text
        # Said here too, as a call for every record of ASCII would cost more than the question.
        if not waiting or (text.isascii() and b"\\u" not in text):
            return
        from iop.claim.normal import find_unnormal_text

        path = find_unnormal_text(text)
        if path is not None:
            waiting = False
            shell.warn(
                f"record {item.number}: {path[:200]} is not in Unicode NFKD: a mask that shows it changes the content id",
                hint,
            )

    return look


def check_unchanged(text: bytes, masked: bytes) -> None:
    """Nothing if a masked record has the content id of the open one. Raises DataError that names the text to blame."""
    if text.isascii() and b"\\u" not in text:
        return
    from iop.claim.normal import find_unnormal_text
    from iop.codec.text import compute_content_id_text

    path = find_unnormal_text(text)
    if path is None or masked[:1] != b"{":
        return
    try:
        if compute_content_id_text(masked) == compute_content_id_text(text):
            return
    except DataError:
        pass  # normalisation can yield a bare quote (morpheus 6.1), and then it is no JSON at all
    raise DataError(
        f"the masked record has another content id, for {path[:200]} is not in Unicode NFKD",
        hint="bring it to NFKD before it is signed (iop-digest normalize); --allow-changed prints it all the same",
        path=path[:200],
    )


class Opening:
    """The paths of a keep list, and which of them have led somewhere so far."""

    def __init__(self, keep: str) -> None:
        from iop.codec.mask import parse_keep

        # What stood in the place of a path at its first failure.
        self._left: dict[str, list[str] | None] = dict.fromkeys(parse_keep(keep))

    def note(self, value: Json) -> bool:
        """Take notice of a value, open or masked by these paths; True if every path has led somewhere."""
        from iop.claim.normal import find_members

        for path, before in list(self._left.items()):
            members = find_members(value, path)
            if members is None:
                del self._left[path]
            elif before is None:
                self._left[path] = members
        return not self._left

    def demand(self) -> None:
        """Nothing if every path led somewhere. Raises SchemaError with the path, and with what stands in its place."""
        if not self._left:
            return
        path, members = next(iter(self._left.items()))
        nearby = " ".join(members or ())[:400]
        raise SchemaError(
            f"the path {path[:200]} of --keep opens nothing",
            hint=f"{f'members there: {nearby}; ' if nearby else ''}--keep-missing allows it",
            path=path[:200],
        )
