"""Numbers in any radix over an alphabet: base 10, 36 and 58, where the whole text is one big number."""

from __future__ import annotations

from iop.errors import DecodeError, LimitError


class Radix:
    """One alphabet. Leading zero bytes become as many leading zero digits, and back.

    `limit` bounds the text in characters, because conversion takes quadratic time.
    """

    __slots__ = ("_chunk", "_digits", "_power", "_values", "limit", "name", "radix")

    def __init__(self, name: str, digits: str, limit: int, *, any_case: bool = False) -> None:
        self.name = name
        self.radix = len(digits)
        self.limit = limit
        self._digits = digits
        self._values = {digit: index for index, digit in enumerate(digits)}
        if any_case:
            other = digits.upper() if digits != digits.upper() else digits.lower()
            self._values |= {digit: index for index, digit in enumerate(other)}
        # Ten digits at a time keep the inner numbers within one machine word.
        self._chunk = 10
        self._power = self.radix**self._chunk

    def encode(self, data: bytes) -> str:
        """Text of bytes. Raises LimitError when it could exceed the limit."""
        if len(data) > self.limit:
            raise LimitError(f"too long for {self.name}: {len(data)} bytes")
        stripped = data.lstrip(b"\0")
        zeros = len(data) - len(stripped)
        number = int.from_bytes(stripped, "big")
        digits, radix, power = self._digits, self.radix, self._power
        out: list[str] = []
        while number:
            number, part = divmod(number, power)
            for _ in range(self._chunk):
                part, digit = divmod(part, radix)
                out.append(digits[digit])
                if not (part or number):
                    break
        text = digits[0] * zeros + "".join(reversed(out))
        if len(text) > self.limit:
            raise LimitError(
                f"too long for {self.name}: {len(text)} characters, at most {self.limit}"
            )
        return text

    def parse(self, text: str) -> bytes:
        """Bytes of text. Raises DecodeError on a character outside the alphabet, LimitError on long text."""
        if len(text) > self.limit:
            raise LimitError(
                f"too long for {self.name}: {len(text)} characters, at most {self.limit}"
            )
        stripped = text.lstrip(self._digits[0])
        zeros = len(text) - len(stripped)
        values, radix, chunk = self._values, self.radix, self._chunk
        number = 0
        try:
            for start in range(0, len(stripped), chunk):
                piece = stripped[start : start + chunk]
                part = 0
                for digit in piece:
                    part = part * radix + values[digit]
                number = number * radix ** len(piece) + part
        except KeyError as exc:
            raise DecodeError(f"{exc.args[0]!r} is not a {self.name} digit") from exc
        return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
