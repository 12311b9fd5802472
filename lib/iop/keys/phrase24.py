"""Phrases as the original software takes them: exactly 24 words, eight languages, single spaces (morpheus 3).

The texts of all refusals are the original's. Everything else about phrases is in `mnemonic`.
"""

from __future__ import annotations

from unicodedata import normalize

from iop.errors import DataError
from iop.keys.mnemonic import decode_words, encode_words, split_phrase

LANGUAGES = ("en", "zh-hans", "zh-hant", "fr", "it", "ja", "ko", "es")
WORDS = 24
ENTROPY_SIZE = 32  # bytes


def parse_language(code: str) -> str:
    """The code of one of the original's languages, in lower case."""
    found = code.lower()
    if found not in LANGUAGES:
        raise DataError("Invalid BIP39 language code")
    return found


def encode_phrase(entropy: bytes, language: str = "en", *, short: bool = False) -> str:
    """The phrase of 32 bytes of entropy, or with `short` of every BIP39 size; single spaces in all languages."""
    language = parse_language(language)
    if not short and len(entropy) != ENTROPY_SIZE:
        raise DataError("Only 256-bit entropy is supported")
    return " ".join(encode_words(entropy, language))


def check_phrase(phrase: str, language: str = "en") -> None:
    """Nothing if the phrase is right to the letter: words in NFKD, single spaces, any BIP39 length."""
    language = parse_language(language)
    split_phrase(phrase)  # its length limit
    decode_words(phrase.split(" "), language)


def parse_phrase(phrase: str, language: str = "en", *, short: bool = False) -> str:
    """The phrase as the original keeps it: NFKD, single spaces. Counting goes by single spaces, reading by white space."""
    language = parse_language(language)
    words = [normalize("NFKD", word) for word in phrase.split()] if split_phrase(phrase) else [""]
    if not short and phrase.count(" ") != WORDS - 1:
        raise DataError("Only 24-word mnemonics are supported")
    decode_words(words, language)
    return " ".join(words)
