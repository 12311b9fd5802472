from __future__ import annotations

import pytest

from iop.codec.json import parse_json
from iop.errors import AccessError, DataError, UsageError
from iop.io.key_record import (
    check_phrase,
    describe_kept,
    describe_public,
    describe_secret,
    encode_fresh,
    stream_fresh,
)
from iop.io.key_text import describe_text, is_secret_text, read_texts
from iop.io.secret import Source
from iop.io.text_cipher import open_text, seal_text
from iop.keys.derivation import derive_master
from iop.keys.extended import encode_xprv, encode_xpub
from iop.keys.multicipher import SecretKey, sign
from iop.keys.network import NETWORKS
from iop.keys.secret import Secret

ED, SECP = SecretKey("e", bytes(range(32))), SecretKey("s", bytes(range(1, 33)))
IOP = NETWORKS["IOP mainnet"]


def test_every_form_leads_to_the_same_key() -> None:
    for secret in (ED, SECP):
        record = describe_public(secret.public())
        for form in ("publicKey", "multikey", "didKey", "publicKeyHex"):
            found = describe_text(record[form], secret=False)
            assert found == {"type": "iop.key/1", "form": form} | record
        for form in ("keyId", "did"):
            found = describe_text(record[form], secret=False)
            assert (found["type"], found["keyId"], found["did"]) == (
                "iop.keyid/1",
                record["keyId"],
                record["did"],
            )


def test_coin_texts() -> None:
    record = describe_secret(SECP, [IOP])
    address = describe_text(record["addresses"]["IOP mainnet"], secret=False)
    assert address["type"] == "iop.address/1" and address["networks"] == ["IOP mainnet"]
    node = derive_master(bytes(16), "secp256k1")
    found = describe_text(encode_xpub(IOP, node), secret=False)
    assert (
        found["form"] == "xpub"
        and found["publicKeyHex"] == node.public().hex()
        and found["depth"] == 0
    )
    assert "secretHex" not in describe_text(encode_xprv(IOP, node), secret=False)
    assert describe_text(encode_xprv(IOP, node), secret=True)["secretHex"] == node.secret.hex()
    assert describe_text(record["wif"]["IOP mainnet"], secret=True)["secretHex"] == SECP.data.hex()


def test_signatures_and_other_kinds() -> None:
    text = str(sign(ED, b"x"))
    assert describe_text(text, secret=False)["signature"] == text
    assert (
        describe_text("z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW", secret=False)["suite"]
        == "X25519"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foo",
        "pez",
        "iez",
        "sez",
        "z6Mk",
        "did:key:z",
        "did:morpheus:",
        "00",
        "02" + "00" * 31,
        "x" * 5000,
        "\ud800",
    ],
)
def test_texts_that_are_none(text: str) -> None:
    with pytest.raises(DataError):
        describe_text(text, secret=True)


def test_secrets_do_not_stand_on_a_command_line() -> None:
    record = describe_secret(SECP, [IOP])
    for text in (
        record["wif"]["IOP mainnet"],
        record["secretMultikey"],
        describe_secret(ED)["secretMultikey"],
    ):
        assert is_secret_text(text)
        with pytest.raises(UsageError, match="command line"):
            list(read_texts((text,), refuse))
    assert list(read_texts((record["publicKey"],), refuse)) == [record["publicKey"]]


def refuse(message: str, _hint: str) -> None:
    raise AssertionError(message)


def test_hex_on_a_command_line_may_be_a_secret() -> None:
    warnings: list[str] = []
    for text in ("ab" * 32, "AB" * 64):
        assert list(read_texts((text,), lambda message, _hint: warnings.append(message))) == [text]
    assert len(warnings) == 2 and not any("ab" * 8 in message for message in warnings)
    for text in ("02" + "ab" * 32, "zz" * 32, "ab" * 20):
        list(read_texts((text,), refuse))


def test_records_show_secrets_only_when_asked() -> None:
    secrets = [
        Secret("seed", bytes(64)),
        Secret("phrase", bytes(16), "en", "pw"),
        Secret("ed25519", ED.data),
    ]
    for secret in secrets:
        hidden, shown = describe_kept(secret, show=False), describe_kept(secret, show=True)
        assert hidden.keys() < shown.keys()
        assert not {"seedHex", "phrase", "bip39Password", "secretHex"} & hidden.keys()
    assert describe_kept(secrets[1], show=True)["bip39Password"] == "pw"


def test_streams_of_fresh_keys() -> None:
    count = iter(range(1, 100))
    made = list(stream_fresh("ed25519", 3, lambda size: bytes([next(count)]) * size))
    records = [parse_json(line) for line in made]
    assert len({record["keyId"] for record in records}) == 3
    full = describe_secret(SecretKey("e", bytes([1]) * 32))
    assert records[0] == {name: full[name] for name in records[0]}
    assert encode_fresh(SecretKey("e", bytes([1]) * 32)) == made[0]
    (phrase,) = stream_fresh("phrase", 1, bytes, words=12)
    assert phrase["phrase"].endswith("about")


def test_verdicts_on_phrases() -> None:
    right = check_phrase("abandon " * 11 + "about", None, "")
    assert right["valid"] is True and right["language"] == "en" and right["words"] == 12
    wrong = check_phrase("abandon " * 12, "en", "")
    assert wrong["valid"] is False and wrong["reason"] == "checksum" and "abandon" not in str(wrong)


@pytest.mark.parametrize("language", [None, "en"])
def test_wrong_words_are_told_by_their_places(language: str | None) -> None:
    phrase = "abandon abandom " + "abandon " * 9 + "abuot"
    found = check_phrase(phrase, language, "")
    assert found["valid"] is False and found["positions"] == [2, 12] and found["language"] == "en"
    assert found["message"] == "words 2, 12 are not in the word list of en"
    assert check_phrase("abandon " * 11 + "abuot", language, "")["positions"] == [12]
    for text in ("qqq", "qqq " * 12):
        none = check_phrase(text, language, "")
        assert none["reason"] == "word" and "positions" not in none and "qqq" not in str(none)
    assert check_phrase("", None, "")["valid"] is False


def test_addresses_of_one_network_and_of_several() -> None:
    hyd, btc = NETWORKS["HYD testnet"], NETWORKS["BTC mainnet"]
    public = SECP.public()
    both = describe_public(public, [hyd, btc])
    assert "address" not in both and list(both["addresses"]) == ["HYD testnet", "BTC mainnet"]
    home = describe_public(public, [hyd, btc], home=btc)
    assert home["address"] == both["addresses"]["BTC mainnet"]
    assert home["addresses"] == both["addresses"]
    assert describe_public(public, [hyd])["address"] == both["addresses"]["HYD testnet"]
    assert "address" not in describe_public(public)


def test_texts_are_sealed(tmp_path) -> None:
    (tmp_path / "pw").write_text("pw\n")
    source = Source(file=str(tmp_path / "pw"))
    sealed = seal_text("é\n\n".encode(), source, bytes)
    assert open_text(f" {sealed}\n".encode(), source) == "é\n"
    for data in (b"", b"\n", b"\xff"):
        with pytest.raises(DataError):
            seal_text(data, source, bytes)
    with pytest.raises(DataError):
        open_text(b"\xff", source)
    (tmp_path / "other").write_text("other\n")
    with pytest.raises(AccessError, match="wrong password"):
        open_text(sealed.encode(), Source(file=str(tmp_path / "other")))
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(AccessError, match="empty"):
        open_text(sealed.encode(), Source(file=str(tmp_path / "empty")))
