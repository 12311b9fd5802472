"""Mnemonic phrases: entropy as words of one of twelve languages, and the seed made from the words (BIP39, standards 1).

Words are compared in NFKD. A phrase is read with any white space between its words and written with single spaces, Japanese
with U+3000. Errors never quote a word.
"""

from __future__ import annotations

from unicodedata import normalize

from iop.crypto.hash import sha256
from iop.crypto.kdf import compute_pbkdf2_sha512
from iop.errors import DataError, DecodeError, LimitError

# Code -> module of the word list. The first eight are those of the original software (morpheus 3), the next two complete the
# standard, the last two are used by other wallets only.
LANGUAGES = {
    "en": "english",
    "zh-hans": "chinese_simplified",
    "zh-hant": "chinese_traditional",
    "fr": "french",
    "it": "italian",
    "ja": "japanese",
    "ko": "korean",
    "es": "spanish",
    "cs": "czech",
    "pt": "portuguese",
    "ru": "russian",
    "tr": "turkish",
}
ENTROPY_SIZES = (16, 20, 24, 28, 32)  # bytes; 12, 15, 18, 21, 24 words
WORD_COUNTS = tuple(size * 3 // 4 for size in ENTROPY_SIZES)
WORD_BITS = 11
ROUNDS = 2048
TEXT_LIMIT = 4096  # characters of a phrase or password

IDEOGRAPHIC_SPACE = "\N{IDEOGRAPHIC SPACE}"

_words: dict[str, tuple[str, ...]] = {}
_numbers: dict[str, dict[str, int]] = {}


def parse_language(code: str) -> str:
    """The code of a known language, in lower case."""
    found = code.lower()
    if found not in LANGUAGES:
        raise DataError("Invalid BIP39 language code", hint=f"one of {' '.join(LANGUAGES)}")
    return found


def list_words(language: str = "en", prefix: str = "") -> tuple[str, ...]:
    """The 2048 words of a language in NFKD and in the order of their numbers, or those of them that start with `prefix`."""
    language = parse_language(language)
    if language not in _words:
        from importlib import import_module

        module = import_module(f"iop.keys.wordlists.{LANGUAGES[language]}")
        _words[language] = tuple(normalize("NFKD", module.WORDS).split())
    words = _words[language]
    return tuple(word for word in words if word.startswith(prefix)) if prefix else words


def _number_words(language: str) -> dict[str, int]:
    if language not in _numbers:
        _numbers[language] = {word: number for number, word in enumerate(list_words(language))}
    return _numbers[language]


def split_phrase(phrase: str) -> list[str]:
    """The words of a phrase in NFKD, whatever white space stands between them."""
    if len(phrase) > TEXT_LIMIT:
        raise LimitError(f"phrase of {len(phrase)} characters, at most {TEXT_LIMIT}")
    return normalize("NFKD", phrase).split()


def encode_phrase(entropy: bytes, language: str = "en") -> str:
    """The phrase of 16, 20, 24, 28 or 32 bytes of entropy: 12 to 24 words in NFKD."""
    language = parse_language(language)
    words = encode_words(entropy, language)
    return (IDEOGRAPHIC_SPACE if language == "ja" else " ").join(words)


def encode_words(entropy: bytes, language: str) -> list[str]:
    """The words of some entropy; see `encode_phrase`."""
    if len(entropy) not in ENTROPY_SIZES:
        raise DataError(f"invalid keysize: {len(entropy) * 8}")
    words = list_words(language)
    checksum_bits = len(entropy) // 4
    checksum = sha256(entropy)[0] >> (8 - checksum_bits)
    number = int.from_bytes(entropy) << checksum_bits | checksum
    count = len(entropy) * 3 // 4
    return [words[number >> WORD_BITS * place & 2047] for place in range(count - 1, -1, -1)]


def decode_words(words: list[str], language: str) -> bytes:
    """The entropy of NFKD words of one language. Raises DecodeError: unknown word, then bad count, then bad checksum.

    `detail` of the error has `reason` ("word", "count", "checksum") and, for a word, its `position` counted from 1.
    """
    numbers = _number_words(language)
    number = 0
    for position, word in enumerate(words, 1):
        if word not in numbers:
            raise DecodeError("invalid word in phrase", reason="word", position=position)
        number = number << WORD_BITS | numbers[word]
    if len(words) not in WORD_COUNTS:
        raise DecodeError(f"invalid number of words in phrase: {len(words)}", reason="count")
    checksum_bits = len(words) // 3
    entropy = (number >> checksum_bits).to_bytes(checksum_bits * 4)
    if sha256(entropy)[0] >> (8 - checksum_bits) != number & (1 << checksum_bits) - 1:
        raise DecodeError("invalid checksum", reason="checksum")
    return entropy


def detect_languages(words: list[str]) -> list[str]:
    """The codes of all languages that have every one of the words (NFKD)."""
    return [code for code in LANGUAGES if _number_words(code).keys() >= set(words)]


def find_unknown_words(words: list[str], language: str | None = None) -> tuple[str, list[int]]:
    """Which of some NFKD words are not in the list of a language, as positions from 1; and that language.

    Without one it is the language that has most of the words.
    """
    codes = LANGUAGES if language is None else (parse_language(language),)
    found = {
        code: [place for place, word in enumerate(words, 1) if word not in _number_words(code)]
        for code in codes
    }
    nearest = min(found, key=lambda code: len(found[code]))
    return nearest, found[nearest]


def detect_language(phrase: str) -> str:
    """The one language a phrase is written in.

    All words decide, then the checksum. Raises DecodeError when no language fits, and when several do with different entropy
    (`detail` lists them as `languages`): the caller has to ask. The words that both Chinese lists have stand at the same
    places, so a phrase of only those means the same in both.
    """
    words = split_phrase(phrase)
    candidates = detect_languages(words) if words else []
    if not candidates:
        raise DecodeError(
            "invalid word in phrase", reason="word", hint="no language has all these words"
        )
    if len(words) not in WORD_COUNTS:
        raise DecodeError(f"invalid number of words in phrase: {len(words)}", reason="count")
    fitting = {code: entropy for code in candidates if (entropy := _try_words(words, code))}
    if not fitting:
        raise DecodeError("invalid checksum", reason="checksum")
    if len(set(fitting.values())) > 1:
        raise DecodeError(
            f"phrase fits several languages: {', '.join(fitting)}",
            reason="language",
            languages=list(fitting),
            hint="name one with --language",
        )
    return next(iter(fitting))


def _try_words(words: list[str], language: str) -> bytes | None:
    try:
        return decode_words(words, language)
    except DecodeError:
        return None


def parse_phrase(phrase: str, language: str | None = None) -> bytes:
    """The entropy of a phrase; its language is detected when not given. Raises DecodeError."""
    language = detect_language(phrase) if language is None else parse_language(language)
    return decode_words(split_phrase(phrase), language)


def compute_seed(phrase: str, password: str = "") -> bytes:
    """The 64-byte seed of a phrase and its optional password ("25th word"); the words are not checked.

    PBKDF2-HMAC-SHA512 over the NFKD words with single spaces, salt `mnemonic` + NFKD password, 2048 rounds.
    """
    if len(password) > TEXT_LIMIT:
        raise LimitError(f"password of {len(password)} characters, at most {TEXT_LIMIT}")
    text = " ".join(split_phrase(phrase))
    salt = "mnemonic" + normalize("NFKD", password)
    try:
        return compute_pbkdf2_sha512(text.encode(), salt.encode(), ROUNDS, 64)
    except UnicodeEncodeError as exc:
        raise DecodeError("phrase or password is not valid Unicode") from exc
