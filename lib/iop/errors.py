"""The whole error taxonomy. One class for each decision a caller can take; `exit` follows sysexits.

The core raises these and nothing else; it never prints and never exits. `code` is stable API, the message is not:
lower case, no full stop, got and expected, never a secret. Texts copied from the original software keep its spelling.
"""

from __future__ import annotations


class IopError(Exception):
    """Base of the family. `hint` names the next thing to type; `detail` goes into the error record."""

    code = "bug"
    exit = 70

    def __init__(self, message: str, *, hint: str | None = None, **detail: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail


class VerifyError(IopError):
    """Well-formed, and the answer is no: bad proof, rule violated, quorum missed."""

    code = "verify"
    exit = 1


class UsageError(IopError):
    """The command line is wrong."""

    code = "usage"
    exit = 2


class DataError(IopError):
    """Input malformed, of the wrong type or too large."""

    code = "data"
    exit = 65


class DecodeError(DataError):
    """Bytes or text do not parse, or are not canonical where that is required."""

    code = "decode"


class SchemaError(DataError):
    """Parsed, but not the shape that was asked for."""

    code = "schema"


class LimitError(DataError):
    """Larger or deeper than a stated limit."""

    code = "limit"


class MissingError(IopError):
    """No such file, key, DID or block."""

    code = "missing"
    exit = 66


class NetError(IopError):
    """A peer, relay or daemon cannot be reached."""

    code = "net"
    exit = 69


class CreateError(IopError):
    """Output exists already or cannot be created."""

    code = "create"
    exit = 73


class HostError(IopError):
    """Disk full, closed output, device error."""

    code = "host"
    exit = 74


class BusyError(IopError):
    """Lock held, syncing, rate limited or timed out: try again."""

    code = "busy"
    exit = 75


class PeerError(IopError):
    """The other side broke the protocol."""

    code = "peer"
    exit = 76


class AccessError(IopError):
    """Wrong passphrase, file mode too open, permission or licence absent."""

    code = "access"
    exit = 77


class ConfigError(IopError):
    """Configuration file or environment wrong."""

    code = "config"
    exit = 78
