"""Errors and talk on stderr: text for people, one JSON object a line for programs."""

from __future__ import annotations

import os

from iop.io.config import choose_color, is_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.errors import IopError


class Reporter:
    """Writes to descriptor 2. `form` is auto, text or json; auto is text on a terminal."""

    def __init__(self, prog: str, form: str = "auto", color: str = "auto") -> None:
        self.prog = prog
        self._json = form == "json" or (form == "auto" and not is_terminal(2))
        self._color_demand = color

    def error(self, error: IopError) -> None:
        """Report an error with its hint."""
        if self._json:
            self._write(encode_line(error_record(error, self.prog)))
            return
        where = f"line {error.detail['line']}: " if error.detail.get("line") else ""
        self._say("error", where + error.message, "31")
        if error.hint:
            self._say("hint", error.hint, "36")

    def warn(self, message: str, hint: str | None = None) -> None:
        """Report something that does not stop the work."""
        if self._json:
            record: dict[str, object] = {
                "type": "iop.warning/1",
                "prog": self.prog,
                "message": message,
            }
            self._write(encode_line(record | ({"hint": hint} if hint else {})))
            return
        self._say("warning", message, "33")
        if hint:
            self._say("hint", hint, "36")

    def note(self, message: str) -> None:
        """Say something for people who asked with -v."""
        self._write(f"{self.prog}: {message}\n")

    def _say(self, word: str, message: str, colour: str) -> None:
        if choose_color(2, self._color_demand):
            word = f"\x1b[{colour}m{word}\x1b[0m"
        self._write(f"{self.prog}: {word}: {printable(message)}\n")

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        try:
            while data:
                data = data[os.write(2, data) :]
        except OSError:
            return  # nobody left to tell


def error_record(error: IopError, prog: str) -> dict[str, object]:
    """The `iop.error/1` record of an error."""
    record: dict[str, object] = {
        "type": "iop.error/1",
        "code": error.code,
        "exit": error.exit,
        "prog": prog,
        "message": error.message,
    }
    if error.hint:
        record["hint"] = error.hint
    return record | {k: v for k, v in error.detail.items() if k not in record}


def encode_line(record: dict[str, object]) -> str:
    """A record as one JSON line; whatever cannot be written as JSON is shown as text."""
    from iop.codec.json import encode_json

    safe = {
        k: printable(v)
        if isinstance(v, str)
        else v
        if isinstance(v, int) or v is None or _is_plain(v)
        else printable(str(v))
        for k, v in record.items()
    }
    return encode_json(safe) + "\n"


def _is_plain(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, int) for item in value)


def printable(text: str) -> str:
    """Text with control characters and lone surrogates escaped, so that input cannot paint a terminal."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )
