"""The JSON forms of transactions: what the original node demands of each kind (morpheus 16.1, ch. 10 and 18).

Facts of the ARK version-2 schemas and of the two layer-2 kinds, as data for `iop.ledger.schema`. Members a form does not name are
dropped by the original before it looks; `MEMBERS` lists the named ones.
"""

from __future__ import annotations

from iop.ledger.schema import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from iop.ledger.params import Params
    from iop.ledger.schema import Schema

_HEX = frozenset("0123456789ABCDEFabcdef")
_BASE58 = frozenset("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
DELEGATE_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!@$&_.")
_EDGE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


def _made_of(letters: frozenset[str]) -> Callable[[str], bool]:
    return lambda text: bool(text) and letters.issuperset(text)


def _is_vote(text: str) -> bool:
    return len(text) == 67 and text[0] in "+|-" and _ALPHANUMERIC.issuperset(text[1:])


def _is_domain(text: str) -> bool:
    """`^(\\.[a-z0-9]+)+|\\.$` binds as (^…)|(…$): an absolute start or a dot at the end will do."""
    return text.endswith(".") or (text[:1] == "." and text[1:2] in _EDGE and len(text) > 1)


def _text(low: int, high: int, ref: str) -> Schema:
    return {"allOf": [{"minLength": low, "maxLength": high}, {"$ref": ref}]}


_DEFINITIONS: dict[str, Schema] = {
    "hex": {"type": "string", "pattern": ("^[0123456789A-Fa-f]+$", _made_of(_HEX))},
    "base58": {
        "type": "string",
        "pattern": (
            "^[123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz]+$",
            _made_of(_BASE58),
        ),
    },
    "alphanumeric": {"type": "string", "pattern": ("^[a-zA-Z0-9]+$", _made_of(_ALPHANUMERIC))},
    "transactionId": _text(64, 64, "hex"),
    "networkByte": {"network": True},
    "address": _text(34, 34, "base58"),
    "publicKey": _text(66, 66, "hex"),
    "walletVote": {"allOf": [{"type": "string", "pattern": ("^[+|-][a-zA-Z0-9]{66}$", _is_vote)}]},
    "delegateUsername": {
        "allOf": [
            {"type": "string", "pattern": ("^[a-z0-9!@$&_.]+$", _made_of(DELEGATE_NAME))},
            {"minLength": 1, "maxLength": 20},
        ]
    },
}

_NULL: Schema = {"type": "null"}
_STRING: Schema = {"type": "string"}
_PART: Schema = {"allOf": [{"minLength": 130, "maxLength": 130}, {"$ref": "alphanumeric"}]}
_VENDOR_FIELD: Schema = {"anyOf": [_NULL, {"type": "string", "format": "vendorField"}]}
_NO_AMOUNT: Schema = {"bignumber": {"minimum": 0, "maximum": 0}}
_SOME: Schema = {"bignumber": {"minimum": 1}}

_BASE: dict[str, Schema] = {
    "id": {"anyOf": [{"$ref": "transactionId"}, _NULL]},
    "version": {"enum": [1, 2]},
    "network": {"$ref": "networkByte"},
    "timestamp": {"type": "integer", "minimum": 0},
    "nonce": {"bignumber": {"minimum": 0}},
    "typeGroup": {"type": "integer", "minimum": 0},
    "amount": _SOME,
    "fee": {"bignumber": {"minimum": 0}},
    "senderPublicKey": {"$ref": "publicKey"},
    "signature": {"$ref": "alphanumeric"},
    "secondSignature": {"$ref": "alphanumeric"},
    "signSignature": {"$ref": "alphanumeric"},
    "signatures": {
        "type": "array",
        "minItems": 1,
        "maxItems": 16,
        "uniqueItems": True,
        "items": _PART,
    },
}

_IS_VERSION_1: Schema = {"properties": {"version": {"anyOf": [_NULL, {"const": 1}]}}}
_WITH_TIMESTAMP: Schema = {"required": ["type", "senderPublicKey", "fee", "amount", "timestamp"]}
_WITH_NONCE: Schema = {"required": ["type", "senderPublicKey", "fee", "amount", "nonce"]}
SIGNED: Schema = {
    "anyOf": [
        {"required": ["id", "signature"]},
        {"required": ["id", "signature", "signatures"]},
        {"required": ["id", "signatures"]},
    ]
}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _form(type_: int, required: list[str], **properties: Schema) -> Schema:
    merged = dict(_BASE)
    for name, more in {"type": {"transactionType": type_}, **properties}.items():
        merged[name] = {**merged.get(name, {}), **more}
    return {
        "type": "object",
        "required": required,
        "properties": merged,
        "if": (_IS_VERSION_1, _WITH_TIMESTAMP, _WITH_NONCE),
    }


def _count(*path: str) -> Callable[[Any], int | None]:
    """How many items a list beside the judged one has; None when there is none."""

    def count(parent: Any) -> int | None:
        for name in path:
            parent = parent.get(name) if isinstance(parent, dict) else None
        return len(parent) if isinstance(parent, list) else None

    return count


def _least_signatures(parent: Any) -> Any:
    asset = parent.get("asset")
    rule = asset.get("multiSignature") if isinstance(asset, dict) else None
    return rule.get("min") if isinstance(rule, dict) else None


def _operation(name: str, *members: str, **more: Schema) -> Schema:
    """A signable of the DID registry, as layer 1 sees it: present, and text."""
    described = {"operation": {"type": "string", "const": name}, "did": _STRING}
    described["lastTxId"] = {"type": ("string", "null")}
    described |= dict.fromkeys(members, _STRING)
    return {"type": "object", "required": list(described), "properties": described | more}


_MORPHEUS_ATTEMPTS: Schema = {
    "type": "array",
    "items": {
        "anyOf": [
            {
                "required": ["operation", "signerPublicKey", "signature", "signables"],
                "properties": {
                    "operation": {"type": "string", "const": "signed"},
                    "signables": {
                        "type": "array",
                        "items": {
                            "anyOf": [
                                _operation("addKey", "auth", expiresAtHeight={"type": "number"}),
                                _operation("revokeKey", "auth"),
                                _operation("addRight", "auth", "right"),
                                _operation("revokeRight", "auth", "right"),
                                _operation("tombstoneDid"),
                            ]
                        },
                    },
                    "signerPublicKey": _STRING,
                    "signature": _STRING,
                },
            },
            {
                "required": ["operation", "contentId"],
                "properties": {
                    "operation": {"type": "string", "const": "registerBeforeProof"},
                    "contentId": _STRING,
                },
            },
        ]
    },
}

_DOMAIN: Schema = {"type": "string", "pattern": ("^(\\.[a-z0-9]+)+|\\.$", _is_domain)}
_DOMAIN_DATA: Schema = {"type": ("object", "array", "string", "number")}
_NUMBER: Schema = {"type": "number"}


def _domain_operation(type_: str, **more: Schema) -> Schema:
    return _object(type={"type": "string", "const": type_}, name=_DOMAIN, **more)


_COEUS_BUNDLE: Schema = {
    "required": ["operations", "nonce", "publicKey", "signature"],
    "properties": {
        "operations": {
            "type": "array",
            "items": {
                "type": "object",
                "oneOf": [
                    _domain_operation(
                        "register",
                        owner=_STRING,
                        subtreePolicies={
                            "type": "object",
                            "properties": {"expiration": _NUMBER, "schema": {"type": "object"}},
                        },
                        registrationPolicy={"type": "string", "enum": ["any", "owner"]},
                        data=_DOMAIN_DATA,
                        expiresAtHeight=_NUMBER,
                    ),
                    _domain_operation("update", data=_DOMAIN_DATA),
                    _domain_operation("renew", expiresAtHeight=_NUMBER),
                    _domain_operation("transfer", toOwner=_STRING),
                    _domain_operation("delete"),
                ],
            },
        },
        "nonce": _NUMBER,
        "publicKey": _STRING,
        "signature": _STRING,
    },
}

_HASH32 = _text(64, 64, "hex")
_TRANSACTION_ID: Schema = {"$ref": "transactionId"}
_ADDRESS: Schema = {"$ref": "address"}

FORMS: dict[str, Schema] = {
    "transfer": _form(
        0,
        ["recipientId"],
        fee=_SOME,
        vendorField=_VENDOR_FIELD,
        recipientId=_ADDRESS,
        expiration={"type": "integer", "minimum": 0},
    ),
    "secondSignature": _form(
        1,
        ["asset"],
        amount=_NO_AMOUNT,
        fee=_SOME,
        secondSignature=_NULL,
        asset=_object(signature=_object(publicKey={"$ref": "publicKey"})),
    ),
    "delegateRegistration": _form(
        2,
        ["asset"],
        amount=_NO_AMOUNT,
        fee=_SOME,
        asset=_object(delegate=_object(username={"$ref": "delegateUsername"})),
    ),
    "vote": _form(
        3,
        ["asset"],
        amount=_NO_AMOUNT,
        fee=_SOME,
        recipientId=_ADDRESS,
        asset=_object(
            votes={"type": "array", "minItems": 1, "maxItems": 1, "items": {"$ref": "walletVote"}}
        ),
    ),
    "multiSignature": _form(
        4,
        ["asset", "signatures"],
        amount=_NO_AMOUNT,
        fee=_SOME,
        asset=_object(
            multiSignature=_object(
                min={"type": "integer", "minimum": 1, "maximum": _count("publicKeys")},
                publicKeys={
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 16,
                    "uniqueItems": True,
                    "items": {"$ref": "publicKey"},
                },
            )
        ),
        signatures={
            "minItems": _least_signatures,
            "maxItems": _count("asset", "multiSignature", "publicKeys"),
        },
    ),
    "ipfs": _form(
        5,
        [],
        amount=_NO_AMOUNT,
        fee=_SOME,
        asset=_object(ipfs=_text(2, 90, "base58")),
    ),
    "multiPayment": _form(
        6,
        [],
        amount=_NO_AMOUNT,
        fee=_SOME,
        vendorField=_VENDOR_FIELD,
        asset=_object(
            payments={
                "type": "array",
                "minItems": 2,
                "items": _object(amount=_SOME, recipientId=_ADDRESS),
            }
        ),
    ),
    "delegateResignation": _form(7, [], amount=_NO_AMOUNT, fee=_SOME),
    "htlcLock": _form(
        8,
        ["recipientId"],
        amount=_SOME,
        fee=_SOME,
        recipientId=_ADDRESS,
        vendorField=_VENDOR_FIELD,
        asset=_object(
            lock=_object(
                secretHash=_HASH32,
                expiration=_object(type={"enum": [1, 2]}, value={"type": "integer", "minimum": 0}),
            )
        ),
    ),
    "htlcClaim": _form(
        9,
        [],
        amount=_NO_AMOUNT,
        fee=_NO_AMOUNT,
        asset=_object(claim=_object(lockTransactionId=_TRANSACTION_ID, unlockSecret=_HASH32)),
    ),
    "htlcRefund": _form(
        10,
        [],
        amount=_NO_AMOUNT,
        fee=_NO_AMOUNT,
        asset=_object(refund=_object(lockTransactionId=_TRANSACTION_ID)),
    ),
    "morpheusTransaction": _form(
        1,
        ["asset", "type", "typeGroup"],
        typeGroup={"const": 4242},
        amount=_NO_AMOUNT,
        asset={
            "required": ["operationAttempts"],
            "properties": {"operationAttempts": _MORPHEUS_ATTEMPTS},
        },
    ),
    "coeusTransaction": _form(
        2,
        ["asset", "type", "typeGroup"],
        typeGroup={"const": 4242},
        amount=_NO_AMOUNT,
        asset={
            "required": ["bundles"],
            "properties": {"bundles": {"type": "array", "items": _COEUS_BUNDLE}},
        },
    ),
    "board": _form(
        1,
        ["asset", "type", "typeGroup"],
        typeGroup={"const": 4244},
        amount=_NO_AMOUNT,
        asset=_object(
            statements={
                "type": "array",
                "minItems": 1,
                "maxItems": 256,
                "items": {"type": "object", "required": ["content", "signature"]},
            }
        ),
    ),
}

STRICT_FORMS: dict[str, Schema] = {key: form | SIGNED for key, form in FORMS.items()}
MEMBERS: dict[str, frozenset[str]] = {
    key: frozenset(form["properties"]) for key, form in FORMS.items()
}


def make_context(params: Params, height: int) -> Context:
    """What the forms look at on a network at a height."""
    rules = params.rules_at(height)
    return Context(params.byte, rules.vendor_length, rules.multi_payment_limit, _DEFINITIONS)
