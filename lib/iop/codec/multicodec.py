"""Multicodec: the varint codes that say what follows, for keys and hashes (multiformats multicodec)."""

from __future__ import annotations

from iop.codec.varint import encode_varint, parse_varint
from iop.errors import DecodeError, UsageError

# Name → code, from the registry; families of many output lengths follow below.
CODES: dict[str, int] = {
    "identity": 0x00,
    "cidv1": 0x01,
    "sha1": 0x11,
    "sha2-256": 0x12,
    "sha2-512": 0x13,
    "sha3-512": 0x14,
    "sha3-384": 0x15,
    "sha3-256": 0x16,
    "sha3-224": 0x17,
    "shake-128": 0x18,
    "shake-256": 0x19,
    "keccak-224": 0x1A,
    "keccak-256": 0x1B,
    "keccak-384": 0x1C,
    "keccak-512": 0x1D,
    "blake3": 0x1E,
    "sha2-384": 0x20,
    "murmur3-x64-64": 0x22,
    "murmur3-32": 0x23,
    "cbor": 0x51,
    "raw": 0x55,
    "dbl-sha2-256": 0x56,
    "dag-pb": 0x70,
    "dag-cbor": 0x71,
    "aes-128": 0xA0,
    "aes-192": 0xA1,
    "aes-256": 0xA2,
    "chacha-128": 0xA3,
    "chacha-256": 0xA4,
    "md4": 0xD4,
    "md5": 0xD5,
    "secp256k1-pub": 0xE7,
    "bls12_381-g1-pub": 0xEA,
    "bls12_381-g2-pub": 0xEB,
    "x25519-pub": 0xEC,
    "ed25519-pub": 0xED,
    "bls12_381-g1g2-pub": 0xEE,
    "sr25519-pub": 0xEF,
    "dag-json": 0x129,
    "crc32": 0x132,
    "crc64-ecma": 0x164,
    "crc64-nvme": 0x165,
    "json": 0x200,
    "fr32-sha256-trunc254-padbintree": 0x1011,
    "sha2-256-trunc254-padded": 0x1012,
    "sha2-224": 0x1013,
    "sha2-512-224": 0x1014,
    "sha2-512-256": 0x1015,
    "murmur3-x64-128": 0x1022,
    "ripemd-128": 0x1052,
    "ripemd-160": 0x1053,
    "ripemd-256": 0x1054,
    "ripemd-320": 0x1055,
    "x11": 0x1100,
    "p256-pub": 0x1200,
    "p384-pub": 0x1201,
    "p521-pub": 0x1202,
    "ed448-pub": 0x1203,
    "x448-pub": 0x1204,
    "rsa-pub": 0x1205,
    "sm2-pub": 0x1206,
    "mlkem-512-pub": 0x120B,
    "mlkem-768-pub": 0x120C,
    "mlkem-1024-pub": 0x120D,
    "mldsa-44-pub": 0x1210,
    "mldsa-65-pub": 0x1211,
    "mldsa-87-pub": 0x1212,
    "slhdsa-sha2-128s-pub": 0x1220,
    "slhdsa-shake-128s-pub": 0x1221,
    "slhdsa-sha2-128f-pub": 0x1222,
    "slhdsa-shake-128f-pub": 0x1223,
    "slhdsa-sha2-192s-pub": 0x1224,
    "slhdsa-shake-192s-pub": 0x1225,
    "slhdsa-sha2-192f-pub": 0x1226,
    "slhdsa-shake-192f-pub": 0x1227,
    "slhdsa-sha2-256s-pub": 0x1228,
    "slhdsa-shake-256s-pub": 0x1229,
    "slhdsa-sha2-256f-pub": 0x122A,
    "slhdsa-shake-256f-pub": 0x122B,
    "ed25519-priv": 0x1300,
    "secp256k1-priv": 0x1301,
    "x25519-priv": 0x1302,
    "sr25519-priv": 0x1303,
    "rsa-priv": 0x1305,
    "p256-priv": 0x1306,
    "p384-priv": 0x1307,
    "p521-priv": 0x1308,
    "bls12_381-g1-priv": 0x1309,
    "bls12_381-g2-priv": 0x130A,
    "bls12_381-g1g2-priv": 0x130B,
    "bls12_381-g1-pub-share": 0x130C,
    "bls12_381-g2-pub-share": 0x130D,
    "bls12_381-g1-priv-share": 0x130E,
    "bls12_381-g2-priv-share": 0x130F,
    "sm2-priv": 0x1310,
    "ed448-priv": 0x1311,
    "x448-priv": 0x1312,
    "mlkem-512-priv": 0x1313,
    "mlkem-768-priv": 0x1314,
    "mlkem-1024-priv": 0x1315,
    "jwk_jcs-priv": 0x1316,
    "mldsa-44-priv": 0x1317,
    "mldsa-65-priv": 0x1318,
    "mldsa-87-priv": 0x1319,
    "mldsa-44-priv-seed": 0x131A,
    "mldsa-65-priv-seed": 0x131B,
    "mldsa-87-priv-seed": 0x131C,
    "bip340-pub": 0x1340,
    "bip340-priv": 0x1341,
    "lamport-sha3-512-pub": 0x1A14,
    "lamport-sha3-384-pub": 0x1A15,
    "lamport-sha3-256-pub": 0x1A16,
    "lamport-sha3-512-priv": 0x1A24,
    "lamport-sha3-384-priv": 0x1A25,
    "lamport-sha3-256-priv": 0x1A26,
    "lamport-sha3-512-priv-share": 0x1A34,
    "lamport-sha3-384-priv-share": 0x1A35,
    "lamport-sha3-256-priv-share": 0x1A36,
    "kt-128": 0x1D01,
    "kt-256": 0x1D02,
    "sm3-256": 0x534D,
    "sha256a": 0x7012,
    "xxh-32": 0xB3E1,
    "xxh-64": 0xB3E2,
    "xxh3-64": 0xB3E3,
    "xxh3-128": 0xB3E4,
    "poseidon-bls12_381-a2-fc1": 0xB401,
    "poseidon-bls12_381-a2-fc1-sc": 0xB402,
    "ssz-sha2-256-bmt": 0xB502,
    "sha2-256-chunked": 0xB510,
    "bittorrent-pieces-root": 0xB702,
    "bcrypt-pbkdf": 0xD00D,
    "jwk_jcs-pub": 0xEB51,
    "ed2k": 0xED20,
}
# Family → code of its shortest output (8 bits) and number of members, 8 bits apart.
_FAMILIES = {
    "blake2b": (0xB201, 64),
    "blake2s": (0xB241, 32),
    "skein256": (0xB301, 32),
    "skein512": (0xB321, 64),
    "skein1024": (0xB361, 128),
}
CODES |= {
    f"{family}-{8 * (index + 1)}": first + index
    for family, (first, count) in _FAMILIES.items()
    for index in range(count)
}
NAMES: dict[int, str] = {code: name for name, code in CODES.items()}


def encode_multicodec(name: str, data: bytes) -> bytes:
    """The data behind the code of `name`. UsageError for a name the table does not have."""
    try:
        code = CODES[name]
    except KeyError as exc:
        raise UsageError(f"no multicodec is named {name!r}") from exc
    return encode_varint(code) + data


def parse_multicodec(data: bytes) -> tuple[str, bytes]:
    """Name of the code in front, and the data behind it. Raises DecodeError: bad varint, code not in the table."""
    code, end = parse_varint(data)
    name = NAMES.get(code)
    if name is None:
        raise DecodeError(f"multicodec {code:#x} is not known")
    return name, data[end:]
