"""Texts sealed under a password in the original software's way (morpheus 4), from and to streams."""

from __future__ import annotations

from iop.errors import AccessError, DataError, DecodeError
from iop.io.secret import Source, read_text
from iop.keys.encryption import NONCE_SIZE, decrypt_text, encrypt_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def seal_text(data: bytes, source: Source, random: Callable[[int], bytes]) -> str:
    """The cipher text (`u…`) of UTF-8 text; one last newline is left out. An empty text is refused: nobody could open it."""
    try:
        text = data.decode()
    except UnicodeDecodeError as exc:
        raise DecodeError("text to encrypt is not UTF-8") from exc
    text = text.removesuffix("\n")
    if not text:
        raise DataError(
            "text to encrypt is empty", hint="the original software cannot open such a cipher"
        )
    return encrypt_text(read_text(source, "new password", new=True), random(NONCE_SIZE), text)


def open_text(data: bytes, source: Source) -> str:
    """The text inside a cipher text; white space around it is ignored. Raises AccessError for a wrong password."""
    try:
        sealed = data.decode("ascii").strip()
    except UnicodeDecodeError as exc:
        raise DecodeError("cipher text is ASCII") from exc
    password = read_text(source, "password")
    if not password:
        raise AccessError("password is empty")
    try:
        return decrypt_text(password, sealed)
    except AccessError as exc:
        raise AccessError("wrong password, or the text was changed") from exc
