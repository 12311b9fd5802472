"""Documents that an option names: one JSON text in a file, or a process by file or content id."""

from __future__ import annotations

from iop.errors import DataError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.claim.process import Process
    from iop_cli._shell import Shell

LIMIT = 16 << 20  # bytes of a document


def read_document(shell: Shell, path: str) -> Any:
    """The JSON value in a file; of equal member names none is allowed. The error names the file."""
    from iop.codec.json import parse_json

    try:
        return parse_json(shell.read_bytes(path, LIMIT), unique_names=True)
    except DataError as exc:
        exc.detail.setdefault("file", path)
        raise


class ChosenProcess:
    """A process by its id alone, or with its document, whose schemas are then held against records."""

    def __init__(self, process_id: str, process: Process | None) -> None:
        self.process_id = process_id
        self.process = process

    def demand(self, record: dict[str, Any]) -> None:
        """Nothing if the record follows the process, as far as it is known. Raises SchemaError."""
        if self.process is not None:
            from iop.claim.check import demand_process

            demand_process(record, self.process)


def load_process(shell: Shell, text: str, blobs: tuple[str, ...] = ()) -> ChosenProcess:
    """The process that an option names: a content id, or the file of its document. `blobs`: files of schemas named by id."""
    from iop.claim.signed import is_content_id

    if is_content_id(text):
        if blobs:
            raise UsageError("--blob goes with a process document, not with its id")
        return ChosenProcess(text, None)
    from iop.claim.process import Process
    from iop.codec.digest import compute_content_id

    held = {
        compute_content_id(blob): blob for blob in (read_document(shell, path) for path in blobs)
    }
    process = Process(read_document(shell, text), held)
    return ChosenProcess(process.process_id, process)
