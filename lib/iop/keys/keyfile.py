"""Our own key files: one secret, sealed under a passphrase, its public part in clear; see iop-keyfile(5).

A file is one JSON object of type `iop.keyfile/1`. The secret is sealed with XChaCha20-Poly1305 under an argon2id key; every
other member but the label is associated data, so none can be changed unnoticed. Files for machines without anybody who could
type a passphrase say so: `"encryption": "none"`.
"""

from __future__ import annotations

from iop.codec.hex import parse_hex
from iop.codec.json import encode_json, parse_json
from iop.codec.multibase import encode_multibase, parse_multibase
from iop.crypto.aead import open_xchacha, seal_xchacha
from iop.crypto.kdf import compute_argon2id
from iop.errors import AccessError, DataError, LimitError, SchemaError, VerifyError
from iop.keys.multicipher import PublicKey, parse_public_key
from iop.keys.secret import KINDS, Secret, decode_secret, encode_secret
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

TYPE = "iop.keyfile/1"
CIPHER = "xchacha20-poly1305"
KDF = "argon2id"
SIZE_LIMIT = 16 * 1024  # bytes of a file
LABEL_LIMIT = 256  # characters
SALT_SIZE = 16
NONCE_SIZE = 24

# What a hostile file can make us spend: one gibibyte, and passes over memory of 8 GiB in all.
MIN_KIB = 8
MAX_KIB = 1 << 20
MAX_PASSES = 64
MAX_WORK = 8 << 20  # passes x KiB


@value
class Cost:
    """Cost of argon2id: passes over `kib` KiB in one lane. Raises LimitError outside the stated limits."""

    passes: int = 3
    kib: int = 64 * 1024

    def __check__(self) -> None:
        if not (1 <= self.passes <= MAX_PASSES and MIN_KIB <= self.kib <= MAX_KIB):
            raise LimitError(
                f"argon2id takes 1 to {MAX_PASSES} passes over {MIN_KIB} to {MAX_KIB} KiB, "
                f"got {self.passes} over {self.kib}"
            )
        if self.passes * self.kib > MAX_WORK:
            raise LimitError(f"argon2id passes times KiB are at most {MAX_WORK}")


COSTS = {"strong": Cost(), "fast": Cost(1, 256)}


@value
class Encryption:
    """How a secret is sealed: cost, 16 bytes of salt and 24 of nonce, both random."""

    cost: Cost
    salt: bytes
    nonce: bytes


@value
class KeyFile:
    """A key file: what is in clear, and the secret sealed, or as it is when `encryption` is None.

    kind: one of KINDS. `created`: seconds since 1970. `public`: the key itself, or persona 0 of a seed or phrase. `language` is
    that of a phrase, else empty.
    """

    kind: str
    public: PublicKey
    created: int
    label: str
    language: str
    encryption: Encryption | None
    body: bytes

    def __check__(self) -> None:
        if self.kind not in KINDS:
            raise SchemaError(f"kind of key file is one of {', '.join(KINDS)}")
        if not 0 <= self.created < 1 << 53:
            raise SchemaError("created is a number of seconds since 1970")
        if len(self.label) > LABEL_LIMIT or not self.label.isprintable():
            raise SchemaError(f"label has at most {LABEL_LIMIT} printable characters")

    def __repr__(self) -> str:
        return f"KeyFile({self.kind}, {self.public}, {len(self.body)} bytes)"


def seal_keyfile(
    secret: Secret,
    passphrase: bytes,
    *,
    salt: bytes,
    nonce: bytes,
    created: int,
    label: str = "",
    cost: Cost = COSTS["strong"],
) -> KeyFile:
    """The key file of a secret under a passphrase; salt (16 bytes) and nonce (24) are random."""
    if not passphrase:
        raise AccessError("passphrase is empty")
    if len(salt) != SALT_SIZE or len(nonce) != NONCE_SIZE:
        raise DataError(f"salt has {SALT_SIZE} bytes and nonce {NONCE_SIZE}")
    encryption = Encryption(cost, salt, nonce)
    header = KeyFile(secret.kind, secret.public(), created, label, secret.language, encryption, b"")
    key = _compute_key(passphrase, encryption)
    body = seal_xchacha(key, nonce, encode_secret(secret), _encode_associated(header))
    return _with_body(header, body)


def make_open_keyfile(secret: Secret, *, created: int, label: str = "") -> KeyFile:
    """The key file of a secret that is not encrypted."""
    return KeyFile(
        secret.kind,
        secret.public(),
        created,
        label,
        secret.language,
        None,
        encode_secret(secret),
    )


def open_keyfile(file: KeyFile, passphrase: bytes | None) -> Secret:
    """The secret of a key file. Raises AccessError for a wrong passphrase or a changed file, which look alike."""
    if file.encryption is None:
        data = file.body
    elif not passphrase:
        raise AccessError("key file is encrypted, and the passphrase is empty")
    else:
        key = _compute_key(passphrase, file.encryption)
        try:
            data = open_xchacha(key, file.encryption.nonce, file.body, _encode_associated(file))
        except VerifyError as exc:
            raise AccessError("wrong passphrase, or the key file was changed") from exc
    secret = decode_secret(file.kind, data, file.language)
    if secret.public() != file.public:
        raise SchemaError("public key of the key file does not belong to its secret")
    return secret


def _compute_key(passphrase: bytes, encryption: Encryption) -> bytes:
    cost = encryption.cost
    return compute_argon2id(
        bytes(passphrase),
        encryption.salt,
        passes=cost.passes,
        kib=cost.kib,
        lanes=1,
        size=32,
    )


def _with_body(file: KeyFile, body: bytes) -> KeyFile:
    return KeyFile(
        file.kind, file.public, file.created, file.label, file.language, file.encryption, body
    )


def _to_header(file: KeyFile) -> dict[str, Json]:
    """The members that are associated data, in the order in which they count."""
    encryption: Json = "none"
    if file.encryption is not None:
        encryption = {
            "cipher": CIPHER,
            "kdf": KDF,
            "passes": file.encryption.cost.passes,
            "kib": file.encryption.cost.kib,
            "lanes": 1,
            "salt": file.encryption.salt.hex(),
            "nonce": file.encryption.nonce.hex(),
        }
    return {
        "type": TYPE,
        "kind": file.kind,
        "publicKey": str(file.public),
        "created": file.created,
        "language": file.language,
        "encryption": encryption,
    }


def _encode_associated(file: KeyFile) -> bytes:
    return encode_json(_to_header(file)).encode()


def encode_keyfile(file: KeyFile) -> bytes:
    """The text of a key file, one member a line."""
    members = _to_header(file) | {
        "label": file.label,
        "secret": encode_multibase(file.body, "base64url"),
    }
    lines = (f"  {encode_json(name)}: {encode_json(member)}" for name, member in members.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def check_size(data: bytes) -> None:
    """Nothing if so many bytes can be a key file, else LimitError."""
    if len(data) > SIZE_LIMIT:
        raise LimitError(f"key file of {len(data)} bytes, at most {SIZE_LIMIT}")


def parse_keyfile(data: bytes) -> KeyFile:
    """The key file of a text. Raises DecodeError, SchemaError or LimitError; costs are checked before anything is spent."""
    check_size(data)
    return from_record(parse_json(data, unique_names=True))


_MEMBERS = ("type", "kind", "publicKey", "created", "language", "encryption", "label", "secret")
_ENCRYPTION_MEMBERS = ("cipher", "kdf", "passes", "kib", "lanes", "salt", "nonce")


def from_record(record: Json) -> KeyFile:
    """The key file of a record. Every member is required, none other is allowed."""
    found = _read_object(record, "key file", _MEMBERS)
    if found["type"] != TYPE:
        raise SchemaError(f"key file has type {TYPE}, got {found['type']!r}")
    sealed = found["encryption"]
    return KeyFile(
        _read_text(found, "kind"),
        parse_public_key(_read_text(found, "publicKey")),
        _read_number(found, "created"),
        _read_text(found, "label"),
        _read_text(found, "language"),
        None if sealed == "none" else _read_encryption(sealed),
        parse_multibase(_read_text(found, "secret")),
    )


def _read_encryption(record: Json) -> Encryption:
    found = _read_object(record, "encryption", _ENCRYPTION_MEMBERS)
    if (found["cipher"], found["kdf"]) != (CIPHER, KDF):
        raise SchemaError(f"encryption is {CIPHER} with {KDF}")
    if found["lanes"] != 1:
        raise SchemaError("argon2id of a key file has 1 lane")
    cost = Cost(_read_number(found, "passes"), _read_number(found, "kib"))
    salt, nonce = parse_hex(_read_text(found, "salt")), parse_hex(_read_text(found, "nonce"))
    if len(salt) != SALT_SIZE or len(nonce) != NONCE_SIZE:
        raise SchemaError(f"salt has {SALT_SIZE} bytes and nonce {NONCE_SIZE}")
    return Encryption(cost, salt, nonce)


def _read_object(record: Json, noun: str, members: tuple[str, ...]) -> dict[str, Json]:
    if not isinstance(record, dict):
        raise SchemaError(f"{noun} is an object")
    missing = [name for name in members if name not in record]
    unknown = [name for name in record if name not in members]
    if missing or unknown:
        what = f"lacks {missing[0]}" if missing else "has a member of unknown meaning"
        raise SchemaError(f"{noun} {what}")
    return record


def _read_text(found: dict[str, Json], name: str) -> str:
    member = found[name]
    if not isinstance(member, str):
        raise SchemaError(f"{name} is a text")
    return member


def _read_number(found: dict[str, Json], name: str) -> int:
    member = found[name]
    if not isinstance(member, int) or isinstance(member, bool):
        raise SchemaError(f"{name} is an integer")
    return member
