from __future__ import annotations

import hashlib
import importlib
import random
from unicodedata import normalize

import pytest

from iop.errors import DataError, DecodeError, LimitError
from iop.keys import mnemonic, phrase24

DEMO = (
    "include pear escape sail spy orange cute despair witness trouble sleep torch wire burst unable brass expose fiction "
    "drift clock duck oxygen aerobic already"
)
# SHA-256 of the lists as published, one word a line.
HASHES = {
    "en": "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda",
    "zh-hans": "5c5942792bd8340cb8b27cd592f1015edf56a8c5b26276ee18a482428e7c5726",
    "zh-hant": "417b26b3d8500a4ae3d59717d7011952db6fc2fb84b807f3f94ac734e89c1b5f",
    "fr": "ebc3959ab7801a1df6bac4fa7d970652f1df76b683cd2f4003c941c63d517e59",
    "it": "d392c49fdb700a24cd1fceb237c1f65dcc128f6b34a8aacb58b59384b5c648c2",
    "ja": "2eed0aef492291e061633d7ad8117f1a2b03eb80a29d0e4e3117ac2528d05ffd",
    "ko": "9e95f86c167de88f450f0aaf89e87f6624a57f973c67b516e338e8e8b8897f60",
    "es": "46846a5a0139d1e3cb77293e521c2865f7bcdb82c44e8d0a06a2cd0ecba48c0b",
    "cs": "7e80e161c3e93d9554c2efb78d4e3cebf8fc727e9c52e03b83b94406bdcc95fc",
    "pt": "2685e9c194c82ae67e10ba59d9ea5345a23dc093e92276fc5361f6667d79cd3f",
    "ru": "07f11af3f07fd13d8d74859f4448d8bca8f1d9d336dc4842531ecea083103a26",
    "tr": "a7dc9c77913726106c7b8baa022b7e17601d118acf40aa60ab1fbc9c91b383ac",
}


@pytest.mark.parametrize("code", mnemonic.LANGUAGES)
def test_word_lists_are_the_published_ones(code: str) -> None:
    words = importlib.import_module(f"iop.keys.wordlists.{mnemonic.LANGUAGES[code]}").WORDS.split()
    assert (
        hashlib.sha256("".join(f"{word}\n" for word in words).encode()).hexdigest() == HASHES[code]
    )
    assert len(set(mnemonic.list_words(code))) == 2048


def test_the_standard_s_first_vector() -> None:
    phrase = "abandon " * 11 + "about"
    assert mnemonic.encode_phrase(bytes(16)) == phrase
    assert mnemonic.parse_phrase(phrase) == bytes(16)
    assert (
        mnemonic.compute_seed(phrase, "TREZOR").hex().startswith("c55257c360c07c72029aebc1b53c05ed")
    )


def test_the_demo_phrase() -> None:
    assert mnemonic.compute_seed(DEMO).hex().startswith("e91376aee55ee3c32e9ecfad0573b579")
    assert (
        mnemonic.compute_seed(DEMO, "morpheus").hex().startswith("0f6dfca851244d8456dd7821887cd7f0")
    )


def test_white_space_and_normal_form_do_not_matter() -> None:
    spanish = mnemonic.encode_phrase(bytes(range(16, 32)), "es")
    for phrase in (
        spanish,
        normalize("NFC", spanish),
        f" {spanish.replace(' ', '  ')}\n",
        spanish.replace(" ", "\t"),
    ):
        assert mnemonic.parse_phrase(phrase, "es") == bytes(range(16, 32))
        assert mnemonic.compute_seed(phrase) == mnemonic.compute_seed(spanish)


def test_japanese_is_printed_with_its_own_space() -> None:
    phrase = mnemonic.encode_phrase(bytes(16), "ja")
    assert phrase.count("\u3000") == 11 and " " not in phrase
    assert mnemonic.compute_seed(phrase) == mnemonic.compute_seed(phrase.replace("\u3000", " "))


def test_password_in_any_normal_form() -> None:
    assert mnemonic.compute_seed(DEMO, "é") == mnemonic.compute_seed(DEMO, "e\u0301")


@pytest.mark.parametrize(
    ("phrase", "reason", "message"),
    [
        ("", "word", "invalid word in phrase"),
        ("abandon " * 11 + "nonesuch", "word", "invalid word in phrase"),
        ("nonesuch", "word", "invalid word in phrase"),
        ("abandon " * 11, "count", "invalid number of words in phrase: 11"),
        ("abandon " * 12, "checksum", "invalid checksum"),
        ("ABANDON " * 11 + "about", "word", "invalid word in phrase"),
    ],
)
def test_three_different_errors(phrase: str, reason: str, message: str) -> None:
    for language in (None, "en"):
        if language and not phrase:
            continue
        with pytest.raises(DecodeError) as caught:
            mnemonic.parse_phrase(phrase, language)
        assert (caught.value.message, caught.value.detail["reason"]) == (message, reason)


def test_errors_never_quote_a_word() -> None:
    with pytest.raises(DecodeError) as caught:
        mnemonic.parse_phrase("abandon " * 5 + "secretword", "en")
    assert "secretword" not in repr((caught.value.args, caught.value.hint, caught.value.detail))
    assert caught.value.detail["position"] == 6


@pytest.mark.parametrize("size", [0, 15, 17, 31, 33, 64])
def test_sizes_of_entropy(size: int) -> None:
    with pytest.raises(DataError, match=f"invalid keysize: {size * 8}"):
        mnemonic.encode_phrase(bytes(size))


def test_detection_by_all_words() -> None:
    for code in mnemonic.LANGUAGES:
        assert mnemonic.detect_language(mnemonic.encode_phrase(bytes(range(1, 33)), code)) == code


def _find_shared(first: str, second: str, right: int) -> str:
    """A phrase of words that two languages share, with a right checksum in one of them or in both."""
    shared = sorted(set(mnemonic.list_words(first)) & set(mnemonic.list_words(second)))
    rng = random.Random(1)
    for _ in range(10_000):
        words = rng.choices(shared, k=12)
        found = [code for code in (first, second) if mnemonic._try_words(words, code)]
        if len(found) == right and mnemonic.detect_languages(words) == [first, second]:
            return " ".join(words)
    raise AssertionError("no such phrase")


def test_words_shared_by_english_and_french() -> None:
    assert len(set(mnemonic.list_words("en")) & set(mnemonic.list_words("fr"))) == 100
    assert mnemonic.detect_language(_find_shared("en", "fr", 1)) in ("en", "fr")
    phrase = _find_shared("en", "fr", 2)
    with pytest.raises(DecodeError) as caught:
        mnemonic.parse_phrase(phrase)
    assert caught.value.detail["languages"] == ["en", "fr"]
    assert mnemonic.parse_phrase(phrase, "en") != mnemonic.parse_phrase(phrase, "fr")


def test_words_shared_by_the_chinese_lists_mean_the_same() -> None:
    first, second = (mnemonic._number_words(code) for code in ("zh-hans", "zh-hant"))
    shared = first.keys() & second.keys()
    assert len(shared) == 1275 and all(first[word] == second[word] for word in shared)
    phrase = _find_shared("zh-hans", "zh-hant", 2)
    assert mnemonic.detect_language(phrase) == "zh-hans"
    assert mnemonic.parse_phrase(phrase) == mnemonic.parse_phrase(phrase, "zh-hant")


def test_limits() -> None:
    with pytest.raises(LimitError):
        mnemonic.parse_phrase("abandon " * 5000)
    with pytest.raises(LimitError):
        mnemonic.compute_seed(DEMO, "x" * 5000)
    with pytest.raises(DecodeError):
        mnemonic.compute_seed(DEMO, "\ud800")


def test_language_codes() -> None:
    assert mnemonic.parse_language("ZH-Hans") == "zh-hans"
    for code in ("english", "", "zh"):
        with pytest.raises(DataError, match="Invalid BIP39 language code"):
            mnemonic.parse_language(code)
    for code in ("pt", "cs", "ru", "tr"):
        with pytest.raises(DataError, match="Invalid BIP39 language code"):
            phrase24.parse_language(code)


def test_the_original_s_restrictions() -> None:
    twelve = "abandon " * 11 + "about"
    assert phrase24.parse_phrase(DEMO) == DEMO
    assert phrase24.parse_phrase(twelve, short=True) == twelve
    phrase24.check_phrase(twelve)
    for phrase in (twelve, DEMO + " ", DEMO.replace(" ", "\t")):
        with pytest.raises(DataError, match="Only 24-word mnemonics are supported"):
            phrase24.parse_phrase(phrase)
    with pytest.raises(DecodeError, match="invalid word in phrase"):
        phrase24.check_phrase(DEMO + " ")
    with pytest.raises(DataError, match="Only 256-bit entropy is supported"):
        phrase24.encode_phrase(bytes(16))
    assert " " in phrase24.encode_phrase(bytes(32), "ja")


def test_the_original_takes_an_empty_phrase_for_a_wrong_word() -> None:
    with pytest.raises(DecodeError, match="invalid word in phrase"):
        phrase24.parse_phrase("", short=True)
    with pytest.raises(DecodeError, match="invalid word in phrase"):
        phrase24.check_phrase("")
