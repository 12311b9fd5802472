"""What a key file keeps: a seed, a phrase, or one secret key."""

from __future__ import annotations

from iop.crypto.secp256k1 import is_secret
from iop.errors import DataError, DecodeError, SchemaError
from iop.keys.multicipher import ED25519, SECP256K1, PublicKey, SecretKey
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("seed", "phrase", "ed25519", "secp256k1")
_SUITES = {"ed25519": ED25519, "secp256k1": SECP256K1}


@value
class Secret:
    """One secret. kind `seed`: 64 bytes; `phrase`: BIP39 entropy with its language and password; the suites: 32 bytes."""

    kind: str
    data: bytes
    language: str = ""
    password: str = ""

    def __check__(self) -> None:
        if self.kind == "phrase":
            from iop.keys.mnemonic import ENTROPY_SIZES, parse_language

            if (
                len(self.data) not in ENTROPY_SIZES
                or parse_language(self.language) != self.language
            ):
                raise SchemaError("phrase has 16 to 32 bytes of entropy and a language code")
        elif self.language or self.password:
            raise SchemaError("only a phrase has a language and a password")
        elif self.kind == "seed":
            from iop.keys.morpheus import check_seed

            check_seed(self.data)
        elif self.kind in _SUITES:
            SecretKey(_SUITES[self.kind], self.data)
            if self.kind == "secp256k1" and not is_secret(self.data):
                raise SchemaError("secp256k1 secret is a number in 1..n-1, got one outside")
        else:
            raise SchemaError(f"kind of secret is one of {', '.join(KINDS)}")

    def __repr__(self) -> str:
        return f"Secret({self.kind}, {len(self.data)} bytes)"

    def is_tree(self) -> bool:
        """True if many keys can be derived from it."""
        return self.kind in ("seed", "phrase")

    def seed(self) -> bytes:
        """The 64-byte seed. Raises DataError for a single key."""
        if self.kind == "seed":
            return self.data
        if self.kind == "phrase":
            from iop.keys.mnemonic import compute_seed, encode_phrase

            return compute_seed(encode_phrase(self.data, self.language), self.password)
        raise DataError(f"nothing is derived from a single {self.kind} key")

    def key(self) -> SecretKey:
        """The key itself, or persona 0 of a tree."""
        if self.is_tree():
            from iop.keys.morpheus import derive_key

            return derive_key(self.seed(), "persona", 0)
        return SecretKey(_SUITES[self.kind], self.data)

    def public(self) -> PublicKey:
        """The public key of `key`."""
        return self.key().public()


def encode_secret(secret: Secret) -> bytes:
    """The bytes to seal: the secret as it is; of a phrase one byte of length, entropy, UTF-8 of the password."""
    if secret.kind != "phrase":
        return secret.data
    return bytes([len(secret.data)]) + secret.data + secret.password.encode()


def decode_secret(kind: str, data: bytes, language: str) -> Secret:
    """The secret of some bytes that were sealed. Raises SchemaError or DataError."""
    if kind != "phrase":
        return Secret(kind, data, language)
    size = data[0] if data else 0
    if len(data) < 1 + size:
        raise SchemaError("sealed phrase is cut short")
    try:
        password = data[1 + size :].decode()
    except UnicodeDecodeError as exc:
        raise SchemaError("password of a sealed phrase is not UTF-8") from exc
    return Secret(kind, data[1 : 1 + size], language, password)


def make_secret(
    kind: str,
    random: Callable[[int], bytes],
    *,
    words: int = 24,
    language: str = "en",
    password: str = "",
) -> Secret:
    """A fresh secret of a kind; `random` gives so many random bytes."""
    if kind == "phrase":
        from iop.keys.mnemonic import WORD_COUNTS, parse_language

        if words not in WORD_COUNTS:
            raise DataError(f"phrase has {', '.join(map(str, WORD_COUNTS))} words, got {words}")
        return Secret(kind, random(words * 4 // 3), parse_language(language), password)
    if kind == "seed":
        from iop.keys.morpheus import SEED_SIZE

        return Secret(kind, random(SEED_SIZE))
    data = random(32)
    while kind == "secp256k1" and not is_secret(data):
        data = random(32)
    return Secret(kind, data)


def import_phrase(phrase: str, language: str | None, password: str) -> Secret:
    """The secret of an existing phrase; its language is detected when not given.

    Raises DecodeError, whose `positions` tell which words (counted from 1) are in no list; never the words themselves.
    """
    from iop.keys.mnemonic import detect_language, parse_language, parse_phrase

    try:
        found = detect_language(phrase) if language is None else parse_language(language)
        return Secret("phrase", parse_phrase(phrase, found), found, password)
    except DecodeError as exc:
        if exc.detail.get("reason") != "word":
            raise
        raise _tell_words(phrase, language) from exc


def _tell_words(phrase: str, language: str | None) -> DecodeError:
    from iop.keys.mnemonic import find_unknown_words, split_phrase

    words = split_phrase(phrase)
    nearest, places = find_unknown_words(words, language)
    if len(places) == len(words):
        what = "no word list" if language is None else f"the word list of {nearest}"
        has = "has any of the words" if language is None else "has none of the words"
        return DecodeError(f"{what} {has}" if words else "phrase is empty", reason="word")
    listed = ", ".join(map(str, places))
    noun = f"word {listed} is" if len(places) == 1 else f"words {listed} are"
    return DecodeError(
        f"{noun} not in the word list of {nearest}",
        hint=None if language else "--language names another list",
        reason="word",
        positions=places,
        language=nearest,
    )
