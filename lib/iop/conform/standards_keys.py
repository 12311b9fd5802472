"""Runners for the public files about phrases and key trees: BIP39, BIP32, SLIP-10."""

from __future__ import annotations

from iop.conform.case import Case, compare
from iop.errors import DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Document = dict[str, Any]


def _find_language(name: str) -> str:
    """The code of a language that a file calls by its English name."""
    from iop.keys.mnemonic import LANGUAGES

    return next(code for code, module in LANGUAGES.items() if module == name)


def run_bip39_all_languages(document: Document) -> Iterator[Case]:
    """Entropy to phrase to seed to root key, and back, in twelve languages."""
    for number, case in enumerate(document["cases"]):
        yield from _run_phrase(f"cases[{number}] {case['language']}", case, case["xprv"])


def run_bip39_japanese_passphrase(document: Document) -> Iterator[Case]:
    """The same in Japanese, with a password that NFKD changes."""
    for number, case in enumerate(document["cases"]):
        yield from _run_phrase(f"cases[{number}]", case, case["bip32_xprv"])


def _run_phrase(label: str, case: Document, xprv: str) -> Iterator[Case]:
    from unicodedata import normalize

    from iop.keys import mnemonic
    from iop.keys.derivation import derive_master
    from iop.keys.extended import encode_xprv
    from iop.keys.network import NETWORKS

    language, phrase = _find_language(case["language"]), case["mnemonic"]
    made = mnemonic.encode_phrase(bytes.fromhex(case["entropy"]), language)
    # Some recorded Japanese phrases are in another normal form; the words are the same, and so is what stands between.
    spaces = mnemonic.IDEOGRAPHIC_SPACE in made, mnemonic.IDEOGRAPHIC_SPACE in phrase
    same = normalize("NFKD", made) == normalize("NFKD", phrase) and spaces[0] == spaces[1]
    yield compare(f"{label} mnemonic", same, True)
    entropy = mnemonic.parse_phrase(phrase, language).hex()
    yield compare(f"{label} entropy", entropy, case["entropy"])
    try:
        told = mnemonic.parse_phrase(phrase).hex() == case["entropy"]
    except DecodeError as exc:  # it fits several languages, this one among them
        several = exc.detail.get("languages")
        told = isinstance(several, list) and language in several
    yield compare(f"{label} language", told, True)
    seed = mnemonic.compute_seed(phrase, case["passphrase"])
    yield compare(f"{label} seed", seed.hex(), case["seed"])
    root = encode_xprv(NETWORKS["BTC mainnet"], derive_master(seed, "secp256k1"))
    yield compare(f"{label} xprv", root, xprv)


def run_bip39_validity(document: Document) -> Iterator[Case]:
    """Phrases to take or to refuse, each refusal for its own reason."""
    from iop.keys import mnemonic

    for number, case in enumerate(document["cases"]):
        label = f"cases[{number}] {case['language']} {case['reason']}"
        reason = None
        try:
            mnemonic.parse_phrase(case["mnemonic"], _find_language(case["language"]))
        except DecodeError as exc:
            reason = exc.detail.get("reason")
        yield compare(f"{label} valid", reason is None, case["valid"])
        if not case["valid"]:
            expected = {"checksum": "checksum", "unknown word": "word"}.get(case["reason"])
            if case["reason"].startswith("word count "):
                expected = "count"
            yield compare(f"{label} reason", reason, expected)
        if "seed_no_passphrase" in case:
            seed = mnemonic.compute_seed(case["mnemonic"]).hex()
            yield compare(f"{label} seed", seed, case["seed_no_passphrase"])


def run_bip32_derivation(document: Document) -> Iterator[Case]:
    """Seed and path to xprv and xpub, and reading both back."""
    from iop.keys.derivation import compute_public_node, derive_master, derive_path
    from iop.keys.extended import encode_xprv, encode_xpub, parse_xprv, parse_xpub
    from iop.keys.network import NETWORKS

    network = NETWORKS["BTC mainnet"]
    for number, case in enumerate(document["cases"]):
        label = f"cases[{number}] vector {case['vector']} {case['path']}"
        root = derive_master(bytes.fromhex(case["seed"]), "secp256k1", retry=False)
        node = derive_path(root, case["path"], retry=False)
        yield compare(f"{label} xprv", encode_xprv(network, node), case["xprv"])
        yield compare(f"{label} xpub", encode_xpub(network, node), case["xpub"])
        yield compare(f"{label} xprv read", parse_xprv(network, case["xprv"]), node)
        public = parse_xpub(network, case["xpub"])
        yield compare(f"{label} xpub read", public, compute_public_node(node))


def run_bip32_invalid(document: Document) -> Iterator[Case]:
    """Extended keys that must be refused, as secret and as public ones."""
    from iop.keys.extended import parse_xprv, parse_xpub
    from iop.keys.network import NETWORKS

    network = NETWORKS["BTC mainnet"]
    for number, case in enumerate(document["cases"]):
        taken = []
        for parse in (parse_xprv, parse_xpub):
            try:
                parse(network, case["xkey"])
            except DecodeError:
                continue
            taken.append(parse.__name__)
        yield compare(f"cases[{number}] {case['reason']}", bool(taken), case["valid"])


def run_slip10(document: Document) -> Iterator[Case]:
    """Trees on four curves, with the two places where a hash is no key."""
    from iop.keys.derivation import derive_master, derive_path

    for number, case in enumerate(document["cases"]):
        label = f"cases[{number}] {case['title']} {case['path']}"
        node = derive_path(derive_master(bytes.fromhex(case["seed"]), case["curve"]), case["path"])
        yield compare(f"{label} fingerprint", node.parent.hex(), case["fingerprint"])
        yield compare(f"{label} chain_code", node.chain.hex(), case["chain_code"])
        yield compare(f"{label} private", node.secret.hex(), case["private"])
        yield compare(f"{label} public", node.public().hex(), case["public"])
