"""Record streams out: a descriptor or a file that appears only when all is well.

`Output` gathers bytes and writes large pieces. A closed or full descriptor raises HostError; a reader that went away
raises BrokenPipeError, which only the entry point handles.
"""

from __future__ import annotations

import os

from iop.errors import CreateError, HostError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.store.atomic import AtomicFile

BUFFER = 1 << 16  # bytes gathered before one write


class Output:
    """Bytes to a descriptor. `eager`: every record leaves at once (terminals, --unbuffered)."""

    def __init__(self, fd: int, *, eager: bool = False) -> None:
        self._fd = fd
        self._eager = eager
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Take bytes; they leave now or with the next large piece."""
        self._parts.append(data)
        self._size += len(data)
        if self._eager or self._size >= BUFFER:
            self.flush()

    def flush(self) -> None:
        """Hand everything gathered to the system."""
        if not self._size:
            return
        data = memoryview(b"".join(self._parts))
        self._parts = []
        self._size = 0
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                import select

                select.select([], [self._fd], [])
            except BrokenPipeError:
                raise
            except OSError as exc:
                raise HostError(f"cannot write output: {exc.strerror}") from exc

    def commit(self) -> None:
        """End well."""
        self.flush()

    def abort(self) -> None:
        """End badly: what was gathered and is whole still goes out."""
        self.flush()


class FileOutput(Output):
    """Bytes to a file that exists, under its name, only after `commit`."""

    def __init__(self, path: bytes, *, force: bool = False) -> None:
        super().__init__(-1)
        self._path = path
        self._force = force
        self._file: AtomicFile | None = None
        if not force and os.path.lexists(path):
            raise CreateError(f"{os.fsdecode(path)} exists", hint="add --force to replace it")

    def flush(self) -> None:
        """Hand everything gathered to the temporary file, made when first needed."""
        from iop.store.atomic import AtomicFile

        if self._file is None:
            self._file = AtomicFile(self._path, force=self._force)
        if self._size:
            data = b"".join(self._parts)
            self._parts = []
            self._size = 0
            self._file.write(data)

    def commit(self) -> None:
        """Make the file appear. Raises HostError and leaves nothing when the disk refuses."""
        self.flush()
        assert self._file is not None
        self._file.commit()

    def abort(self) -> None:
        """Leave nothing behind."""
        if self._file is not None:
            self._file.abort()
