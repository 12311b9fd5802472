"""Runners for the files about keys recorded from the original software: phrases, key texts, derivation, encryption, vaults."""

from __future__ import annotations

from iop.conform.case import Case, compare
from iop.errors import IopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Document = dict[str, Any]


def attempt(function: Callable[..., object], *args: object, **options: object) -> dict[str, object]:
    """What a call gives, in the form of the files: `{"ok": value}` or `{"error": text}`."""
    try:
        return {"ok": function(*args, **options)}
    except IopError as exc:
        return {"error": exc.message}


def run_multicipher(document: Document) -> Iterator[Case]:
    """Texts of keys, ids, signatures and DIDs, and whether ids match keys."""
    from iop.did.identifier import parse_did
    from iop.keys import multicipher

    parsers: dict[str, Callable[[str], object]] = {
        "KeyId": multicipher.parse_key_id,
        "PublicKey": multicipher.parse_public_key,
        "Signature": multicipher.parse_signature,
        "Did": parse_did,
    }

    def read(kind: str, text: str) -> str:
        return str(parsers[kind](text))

    for number, case in enumerate(document["cases"]):
        label = f"cases[{number}] {case['type']} {case['label']}"
        yield compare(label, attempt(read, case["type"], case["text"]), case["result"])
    for number, case in enumerate(document["dids"]):
        label = f"dids[{number}] {case['label']}"
        yield compare(f"{label} did", attempt(read, "Did", case["text"]), case["did"])
        got = attempt(lambda text: str(parse_did(text).key_id), case["text"])
        yield compare(f"{label} defaultKeyId", got, case["defaultKeyId"])
    for number, case in enumerate(document["match"]):
        key = multicipher.parse_public_key(case["publicKey"])
        key_id = multicipher.parse_key_id(case["keyId"])
        got_match = multicipher.is_same_auth(key, key_id)
        yield compare(f"match[{number}]", got_match, case["validateId"])


def run_bip39(document: Document) -> Iterator[Case]:
    """Phrases of 24 words and shorter ones, refusals, word lists."""
    from iop.keys import mnemonic, phrase24

    for number, case in enumerate(document["cases"]):
        label, language, phrase = f"cases[{number}]", case["language"], case["phrase"]
        entropy = mnemonic.parse_phrase(phrase, language)
        yield compare(f"{label} entropy", entropy.hex(), case.get("entropy", entropy.hex()))
        made = attempt(phrase24.encode_phrase, entropy, language)
        yield compare(f"{label} phrase", made, {"ok": phrase})
        seed = mnemonic.compute_seed(phrase, case["password"]).hex()
        yield compare(f"{label} seed", seed, case["seed"])
    for number, case in enumerate(document["short"]):
        label, phrase = f"short[{number}]", case["phrase"]
        entropy = bytes.fromhex(case["entropy"])
        yield compare(f"{label} phrase", phrase24.encode_phrase(entropy, short=True), phrase)
        yield compare(f"{label} words", len(phrase.split()), case["words"])
        yield compare(f"{label} entropy", mnemonic.parse_phrase(phrase).hex(), case["entropy"])
        seed = mnemonic.compute_seed(phrase, case["password"]).hex()
        yield compare(f"{label} seed", seed, case["seed"])
        expected = {"ok": phrase} if case["words"] == phrase24.WORDS else None
        got = attempt(phrase24.parse_phrase, phrase)
        yield compare(f"{label} phrase_only24", got, case.get("phrase_only24", expected))
    for number, case in enumerate(document["invalid"]):
        yield from _run_refusal(f"invalid[{number}] {case['label']}", case)
    for number, case in enumerate(document["words"]):
        words = mnemonic.list_words("en", case["prefix"])
        yield compare(f"words[{number}] total", len(words), case["total"])
        yield compare(f"words[{number}] words", list(words[:40]), case["words"])


def _run_refusal(label: str, case: Document) -> Iterator[Case]:
    from iop.keys import phrase24

    if "phrase" in case:
        phrase = case["phrase"]
        checked = attempt(phrase24.check_phrase, phrase)
        if "ok" in checked:
            checked = {"ok": True}
        yield compare(f"{label} validate", checked, case["validate"])
        yield compare(f"{label} phrase24", attempt(phrase24.parse_phrase, phrase), case["phrase24"])
        short = attempt(phrase24.parse_phrase, phrase, short=True)
        yield compare(f"{label} shortPhrase", short, case["shortPhrase"])
    elif "entropy_len" in case:
        # The recorded sizes hold zeros, as the one accepted phrase shows.
        entropy = bytes(case["entropy_len"])
        yield compare(f"{label} entropy", attempt(phrase24.encode_phrase, entropy), case["entropy"])
        short = attempt(phrase24.encode_phrase, entropy, short=True)
        yield compare(f"{label} shortEntropy", short, case["shortEntropy"])
    elif "code" in case:
        got = attempt(lambda: bool(phrase24.parse_language(case["code"])))
        yield compare(f"{label} {case['code']}", got, case["result"])
    else:
        yield Case(label, False, "case of unknown shape")


def run_morpheus_keys(document: Document) -> Iterator[Case]:
    """Paths, keys, ids, DIDs and signatures of identities."""
    from iop.did.identifier import compute_did
    from iop.keys import morpheus
    from iop.keys.derivation import encode_path
    from iop.keys.multicipher import compute_key_id, is_valid, sign

    message = document["message"].encode()
    for number, case in enumerate(document["cases"]):
        label, kind = f"cases[{number}]", case["kind"]
        secret = morpheus.derive_key(bytes.fromhex(case["seed"]), kind, case["idx"])
        public = secret.public()
        signature = sign(secret, message)
        got = {
            "kind_name": morpheus.parse_kind(kind).capitalize(),
            "root_path": encode_path(morpheus.compute_path()),
            "kind_path": encode_path(morpheus.compute_path(kind)),
            "path": encode_path(morpheus.compute_path(kind, case["idx"])),
            "publicKey": str(public),
            "keyId": str(compute_key_id(public)),
            "did": str(compute_did(public)),
            "signature": str(signature),
        }
        yield from compare_members(label, got, case, {"seed", "kind", "idx"})
        yield compare(f"{label} verify", is_valid(public, message, signature), True)
    seed = bytes(64)
    for number, case in enumerate(document["errors"]):
        kind = case["kind"]
        if "idx" in case:
            result = attempt(
                lambda case=case: bool(morpheus.derive_key(seed, case["kind"], case["idx"]))
            )
        else:
            result = attempt(lambda kind=kind: encode_path(morpheus.compute_path(kind)))
        yield compare(f"errors[{number}] {kind}", result, case["result"])


def compare_members(label: str, got: Document, case: Document, given: set[str]) -> Iterator[Case]:
    """One verdict a member; a member of the file that nobody computes is a failure."""
    for name in case:
        if name in given:
            continue
        if name not in got:
            yield Case(f"{label} {name}", False, "member of unknown meaning")
        else:
            yield compare(f"{label} {name}", got[name], case[name])


def run_encryption(document: Document) -> Iterator[Case]:
    """Encryption under a password with known nonces, refusals, texts."""
    from iop.codec.multibase import parse_multibase
    from iop.keys import encryption

    def open_hex(password: str, cipher: str) -> str:
        return encryption.decrypt(password, bytes.fromhex(cipher)).hex()

    for number, case in enumerate(document["cases"]):
        label, password = f"cases[{number}]", case["password"]
        nonce, plain = bytes.fromhex(case["nonce"]), bytes.fromhex(case["plaintext"])
        cipher = encryption.encrypt(password, nonce, plain).hex()
        yield compare(f"{label} ciphertext", cipher, case["ciphertext"])
        yield compare(
            f"{label} decrypt", attempt(open_hex, password, case["ciphertext"]), case["decrypt"]
        )
    for number, case in enumerate(document["negative"]):
        label = f"negative[{number}] {case['label']}"
        if "ciphertext" in case:
            result = attempt(open_hex, case["password"], case["ciphertext"])
        elif case["label"] == "encrypt with empty password":
            result = attempt(encryption.encrypt, "", bytes(24), b"")
        else:
            yield Case(label, False, "case of unknown shape")
            continue
        yield compare(label, result, case["result"])
    for number, case in enumerate(document["strings"]):
        label, password = f"strings[{number}]", case["password"]
        got = attempt(encryption.decrypt_text, password, case["encrypted"])
        yield compare(f"{label} decrypted", got, {"ok": case["decrypted"]})
        nonce = parse_multibase(case["encrypted"])[: encryption.NONCE_SIZE]
        made = encryption.encrypt_text(password, nonce, case["text"])
        yield compare(f"{label} encrypted", made, case["encrypted"])
