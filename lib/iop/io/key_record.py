"""Records about keys (`iop.key/1`): every public form of one key, and its secret forms when they are asked for."""

from __future__ import annotations

from iop.errors import DataError, DecodeError
from iop.keys.multicipher import SECP256K1, SUITES, PublicKey, SecretKey, compute_key_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iop.codec.json import Json
    from iop.keys.network import Network
    from iop.keys.secret import Secret

TYPE = "iop.key/1"
_KINDS = {"ed25519": "Ed25519", "secp256k1": "secp256k1"}


def describe_public(
    public: PublicKey,
    networks: Iterable[Network] = (),
    /,
    *,
    home: Network | None = None,
    **more: Json,
) -> dict[str, Json]:
    """The record of a public key; `more` members follow the type. Networks add addresses, for secp256k1 only.

    `address` is that on the network `home`, or on the only one.
    """
    from iop.crypto.multikey import Multikey
    from iop.did.identifier import compute_did

    multikey = str(Multikey(_KINDS[SUITES[public.suite]], public.data))
    record: dict[str, Json] = {"type": TYPE} | more
    record |= {
        "suite": SUITES[public.suite],
        "publicKey": str(public),
        "keyId": str(compute_key_id(public)),
        "did": str(compute_did(public)),
        "multikey": multikey,
        "didKey": f"did:key:{multikey}",
        "publicKeyHex": public.data.hex(),
    }
    wanted = _join(home, networks)
    if wanted:
        from iop.keys.address import compute_address

        check_coin(public.suite)
        if home is not None or len(wanted) == 1:
            record["address"] = compute_address(wanted[0], public.data)
        record["addresses"] = {
            network.name: compute_address(network, public.data) for network in wanted
        }
    return record


def _join(home: Network | None, networks: Iterable[Network]) -> list[Network]:
    others = [network for network in networks if network != home]
    return others if home is None else [home, *others]


def describe_secret(
    secret: SecretKey,
    networks: Iterable[Network] = (),
    /,
    *,
    home: Network | None = None,
    **more: Json,
) -> dict[str, Json]:
    """The record of a key with its secret: hex, Multikey, and WIF for the networks."""
    from iop.crypto.multikey import encode_secret_multikey

    wanted = _join(home, networks)
    record = describe_public(secret.public(), wanted, home=home, **more)
    record["secretHex"] = secret.data.hex()
    record["secretMultikey"] = encode_secret_multikey(_KINDS[SUITES[secret.suite]], secret.data)
    if wanted:
        from iop.keys.address import encode_wif

        record["wif"] = {network.name: encode_wif(network, secret.data) for network in wanted}
    return record


def describe_kept(secret: Secret, *, show: bool, **more: Json) -> dict[str, Json]:
    """The record of what a key file keeps; with `show` also of the secret itself: phrase and password, seed, or key."""
    if not show:
        return describe_public(secret.public(), **more)
    if not secret.is_tree():
        return describe_secret(secret.key(), **more)
    record = describe_public(secret.public(), **more)
    if secret.kind == "phrase":
        from iop.keys.mnemonic import encode_phrase

        record["language"] = secret.language
        record["phrase"] = encode_phrase(secret.data, secret.language)
        if secret.password:
            record["bip39Password"] = secret.password
    else:
        record["seedHex"] = secret.data.hex()
    return record


def encode_fresh(secret: SecretKey) -> bytes:
    """A short record of a key with its secret, as the JSON text of one line: what a stream of many keys is made of."""
    public = secret.public()
    key_id = str(compute_key_id(public))
    return (
        f'{{"type":"{TYPE}","suite":"{SUITES[secret.suite]}","publicKey":"{public}","keyId":"{key_id}",'
        f'"did":"did:morpheus:{key_id[1:]}","secretHex":"{secret.data.hex()}"}}'
    ).encode()


def stream_fresh(
    kind: str, count: int, random: Callable[[int], bytes], *, words: int = 24, language: str = "en"
) -> Iterator[dict[str, Json] | bytes]:
    """Records of fresh secrets that are kept nowhere: short JSON texts of single keys, full records of seeds and phrases."""
    from iop.keys.secret import make_secret

    for _ in range(count):
        secret = make_secret(kind, random, words=words, language=language)
        if secret.is_tree():
            yield describe_kept(secret, show=True, kind=kind)
        else:
            yield encode_fresh(secret.key())


def check_phrase(phrase: str, language: str | None, password: str) -> dict[str, Json]:
    """The verdict on a BIP39 phrase (`iop.phrase/1`): whether it is right, else why not, and at which places.

    Never one of its words.
    """
    from iop.keys.mnemonic import split_phrase
    from iop.keys.secret import import_phrase

    record: dict[str, Json] = {"type": "iop.phrase/1", "words": len(split_phrase(phrase))}
    try:
        secret = import_phrase(phrase, language, password)
    except DecodeError as error:
        return record | {"valid": False, "message": error.message} | error.detail
    record |= {"valid": True, "language": secret.language}
    return record | {"keyId": str(compute_key_id(secret.public()))}


def check_coin(suite: str) -> None:
    """Nothing for secp256k1, else DataError: other keys have no addresses."""
    if suite != SECP256K1:
        raise DataError(f"coin networks take secp256k1 keys, got {SUITES[suite]}")
