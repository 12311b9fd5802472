"""One transaction's work on the registry, done beside the state and carried into it only as a whole (morpheus 11)."""

from __future__ import annotations

from iop.codec.base58 import parse_base58
from iop.crypto.batch import ECDSA, ED25519_DALEK
from iop.crypto.hash import sha256
from iop.did.draft import Draft, Signer, apply_signable, revert_signable
from iop.did.entry import implicit_state
from iop.did.operation import BASE58, BeforeProof, encode_signables
from iop.errors import DataError, IopError, VerifyError
from iop.keys.multicipher import (
    ED25519,
    PUBLIC_SIZES,
    PublicKey,
    compute_key_id,
    is_valid,
    parse_public_key,
    parse_signature,
)
from iop.value import remember

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from iop.crypto.batch import Item
    from iop.did.entry import DidState
    from iop.did.operation import Signable, Signed
    from iop.did.state import State
    from iop.keys.multicipher import Signature

    Verifier = Callable[[PublicKey, bytes, Signature], bool]

KEY_LONGEST = 64  # characters, more than base58 of 32 bytes takes


def is_valid_lenient(public: PublicKey, message: bytes, signature: Signature) -> bool:
    """The original's verdict on a signature, which consensus must share (morpheus 2)."""
    return is_valid(public, message, signature, strict=False)


class Claim:
    """A signed block read: key (perhaps no point of its curve, which only a bad signature asks), message, signature, signer."""

    __slots__ = ("message", "public", "signature", "signer")

    def __init__(
        self, public: PublicKey, message: bytes, signature: Signature, signer: Signer
    ) -> None:
        self.public = public
        self.message = message
        self.signature = signature
        self.signer = signer


class Trial:
    """One transaction's work on drafts, carried into the state only by `commit`."""

    __slots__ = ("_drafts", "_height", "_proofs", "_state", "_txid", "_verifier")

    def __init__(
        self, state: State, txid: str, verifier: Verifier, height: int | None = None
    ) -> None:
        self._state = state
        self._height = state.height if height is None else height
        self._txid = txid
        self._verifier = verifier
        self._drafts: dict[str, Draft] = {}
        self._proofs: dict[str, tuple[int, str] | None] = {}

    def apply(self, attempt: BeforeProof | Signed) -> None:
        height = self._height
        if isinstance(attempt, BeforeProof):
            found = self._find_proof(attempt.content_id)
            if found is not None:
                raise VerifyError(
                    f"Before proof {attempt.content_id} is already registered at {found[0]} by txn {found[1]}"
                )
            self._proofs[attempt.content_id] = (height, self._txid)
            return
        signer = self._check_signature(attempt)
        for signable in attempt.signables:
            apply_signable(self._open(signable), signable, signer, height)

    def revert(self, attempt: BeforeProof | Signed) -> None:
        height = self._height
        if isinstance(attempt, BeforeProof):
            self._revert_proof(attempt.content_id, height)
            return
        signer = self._check_signature(attempt)
        for signable in reversed(attempt.signables):
            revert_signable(self._open(signable), signable, signer, height)

    def commit(self) -> None:
        state = self._state
        for content_id, proof in self._proofs.items():
            state.put_proof(content_id, proof)
        for did, draft in self._drafts.items():
            made = draft.close()
            if made.is_implicit():
                state.dids.pop(did, None)
            else:
                state.dids[did] = made

    def _find_proof(self, content_id: str) -> tuple[int, str] | None:
        if content_id in self._proofs:
            return self._proofs[content_id]
        return self._state.proofs.get(content_id)

    def _revert_proof(self, content_id: str, height: int) -> None:
        found = self._find_proof(content_id)
        if found is None:
            raise VerifyError(
                f"Before proof {content_id} was not registered, therefore cannot be reverted"
            )
        if found[0] != height:
            raise VerifyError(
                f"Before proof {content_id} was registered at {found[0]}, cannot be reverted at {height}"
            )
        if found[1] != self._txid:
            raise VerifyError(
                f"Before proof {content_id} was registered by txn {found[1]}, cannot be reverted by txn {self._txid}"
            )
        self._proofs[content_id] = None

    def _check_signature(self, block: Signed) -> Signer:
        claim = read_claim(block)
        if self._verifier is is_valid_lenient:
            verdict = judge_claim(block)
        else:
            verdict = self._verifier(claim.public, claim.message, claim.signature)
        if not verdict:
            parse_public_key(block.signer)  # a flaw of the key is named first
            raise VerifyError("Invalid signature")
        return claim.signer

    def _open(self, signable: Signable) -> Draft:
        """The draft of a signable's identifier, if the signable builds on its last confirmed transaction."""
        did = signable.did
        found = self._state.find_confirmed(did)
        last = found and found[0]
        if signable.last_txid != last:
            named = signable.last_txid
            tried = "on an implicit document" if named is None else f"after txn {named}"
            fact = (
                f"it last changed at height {found[1]} by txn {found[0]}"
                if found
                else "it never changed yet"
            )
            raise VerifyError(
                f"Operation on {did} at height {self._height} was attempted {tried}, but {fact}"
            )
        draft = self._drafts.get(did)
        if draft is None:
            state: DidState = self._state.dids.get(did) or implicit_state(did)
            draft = self._drafts[did] = Draft(did, state)
        return draft


def read_claim(block: Signed) -> Claim:
    """What is to be verified of a signed block. Raises DecodeError for a key or signature that is none, flaws of the key first."""
    found: Claim | None = getattr(block, "claim", None)
    if found is not None:
        return found
    public = _guess_key(block.signer) or parse_public_key(block.signer)
    try:
        signature = parse_signature(block.signature)
    except IopError:
        parse_public_key(block.signer)
        raise
    text = block.signer if block.signer[2] == BASE58 else str(public)
    signer = Signer(text, str(compute_key_id(public)))
    claim = Claim(public, encode_signables(block.signables), signature, signer)
    remember(block, "claim", claim)
    return claim


def judge_claim(block: Signed) -> bool:
    """Whether the signature of a signed block is right, by the original's verdict. Raises as `read_claim`."""
    verdict: bool | None = getattr(block, "is_signed", None)
    if verdict is None:
        claim = read_claim(block)
        verdict = is_valid_lenient(claim.public, claim.message, claim.signature)
        remember(block, "is_signed", verdict)
    return verdict


def make_check(block: Signed) -> Item:
    """What `iop.crypto.batch` is asked for the verdict of `judge_claim`. Raises as `read_claim`, DataError for two suites in one."""
    claim = read_claim(block)
    public, signature = claim.public, claim.signature
    if public.suite != signature.suite:
        raise DataError("a signature of another suite than the key")
    if public.suite == ED25519:
        return ED25519_DALEK, public.data, claim.message, signature.data
    return ECDSA, public.data, sha256(claim.message), signature.data


def _guess_key(text: str) -> PublicKey | None:
    """An ed25519 key without the proof that it is a point, which a good signature gives again; None for other texts."""
    if not text.startswith("p" + ED25519 + BASE58) or len(text) > KEY_LONGEST:
        return None
    try:
        data = parse_base58(text[3:])
    except DataError:
        return None
    return PublicKey(ED25519, data) if len(data) == PUBLIC_SIZES[ED25519] else None
