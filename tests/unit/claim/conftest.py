"""A university, a graduate and an employer, with keys from fixed seeds, and documents of their DIDs at height 100."""

from __future__ import annotations

import hashlib

import pytest

from iop.claim.presentation import build_license, build_presentation
from iop.claim.signed import Signer
from iop.claim.statement import build_claim, build_statement
from iop.did.identifier import compute_did
from iop.keys.multicipher import SecretKey, compute_key_id

PROCESS = "cju" + "A" * 43


class Party:
    def __init__(self, seed):
        self.secret = SecretKey("e", bytes([seed]) * 32)
        self.signer = Signer(self.secret)
        self.key_id = str(compute_key_id(self.signer.public))
        self.did = str(compute_did(self.signer.public))


class Draw:
    """Numbered nonces."""

    def __init__(self):
        self.count = 0

    def __call__(self, size):
        self.count += 1
        return hashlib.shake_128(str(self.count).encode()).digest(size)


class World:
    def __init__(self):
        self.draw = Draw()
        self.university, self.graduate, self.employer, self.clerk = (Party(n) for n in (1, 2, 3, 4))

    def document(self, party, *, keys=(), until=None, tombstone=None, height=100):
        """The default key's document; `keys` are (auth, from, until, ((height, valid), ...)) with the impersonate history."""
        rows = [(party.key_id, None, until, ((None, True),)), *keys]
        return {
            "did": party.did,
            "keys": [
                {
                    "index": i,
                    "auth": auth,
                    "validFromHeight": since,
                    "validUntilHeight": end,
                    "valid": True,
                }
                for i, (auth, since, end, _) in enumerate(rows)
            ],
            "rights": {
                "impersonate": [
                    {
                        "keyLink": f"#{i}",
                        "history": [{"height": h, "valid": v} for h, v in history],
                        "valid": True,
                    }
                    for i, (_, _, _, history) in enumerate(rows)
                ],
                "update": [],
            },
            "tombstonedAtHeight": tombstone,
            "tombstoned": tombstone is not None,
            "queriedAtHeight": height,
        }

    def claim(self, **items):
        return build_claim(self.graduate.did, items or {"name": "Ann", "degree": "MSc"}, self.draw)

    def statement(self, claim=None, *, signer=None, **rest):
        made = build_statement(
            rest.pop("process", PROCESS),
            claim or self.claim(),
            self.university.did,
            rest.pop("witness", f"{self.university.did}#0"),
            self.draw,
            **rest,
        )
        return (signer or self.university).signer.sign_json(made)

    def presentation(self, statements=None, keep=".content.degree", licenses=None, signer=None):
        if licenses is None:
            licenses = [build_license(self.employer.did, "job", "2026-01-01", "2027-01-01")]
        made = build_presentation(statements or [self.statement()], keep, licenses, self.draw)
        return (signer or self.graduate).signer.sign_json(made)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def process_id():
    return PROCESS
