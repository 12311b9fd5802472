"""Coeus as the text tells it, slowly: the whole state is copied before every change, and nothing is shared with the library.

Assets, blocks and answers are plain JSON values. Signatures are ed25519 only; data have to be ASCII without fractions, for which
canonical JSON is sorted, compact JSON. Schemas are judged by the `jsonschema` package, so only plain keywords may be used.
"""

from __future__ import annotations

import copy
import json

import base58
import jsonschema
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

TWO_YEARS = 5_256_000
GRACE = 216_000
FOREVER = 2**32 - 1


class Refused(Exception):
    pass


def fresh_domain(owner, policies, registration, data, expires):
    return {
        "owner": owner,
        "subtreePolicies": policies,
        "registrationPolicy": registration,
        "data": data,
        "expiresAtHeight": expires,
        "children": {},
    }


def fresh_state():
    root = fresh_domain("system", {"expiration": TWO_YEARS}, "owner", {}, FOREVER)
    schemas = fresh_domain("system", {"schema": "DRAFT 6"}, "any", {}, FOREVER)
    root["children"]["schema"] = schemas
    return {"height": 0, "root": root}


def edges_of(name):
    return name.split(".")[1:]


def parent_of(name):
    return name.rpartition(".")[0]


def find(state, name):
    domain = state["root"]
    for edge in edges_of(name):
        if edge not in domain["children"]:
            raise Refused(f"Cannot find domain with name {name}")
        domain = domain["children"][edge]
    return domain


def signed_text(bundle):
    content = {"nonce": bundle["nonce"], "operations": bundle["operations"]}
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def check_signature(bundle):
    key = base58.b58decode(bundle["publicKey"][3:])
    signature = base58.b58decode(bundle["signature"][3:])[1:]
    try:
        VerifyKey(key).verify(signed_text(bundle).encode(), signature)
    except BadSignatureError:
        raise Refused("Invalid signature or the operations were tampered with") from None


def check_impersonation(owner, signer):
    if owner == "system":
        raise Refused("System principal cannot be impersonated")
    if owner != signer:
        raise Refused(f"PublicKey principal {owner} cannot be impersonated by {signer}")


def authorise(state, operation, signer):
    if operation["type"] == "register":
        check_impersonation(operation["owner"], signer)
    else:
        check_impersonation(find(state, operation["name"])["owner"], signer)


def is_expired(state, domain):
    return domain["expiresAtHeight"] <= state["height"]


def check_policies(state, name):
    domain = find(state, name)
    place, policy_domain = "", state["root"]
    for edge in [*edges_of(name), None]:
        check_expiration(state, place, policy_domain, name, domain)
        check_schema(place, policy_domain, name, domain)
        if edge is not None:
            place += "." + edge
            policy_domain = policy_domain["children"][edge]


def check_expiration(state, place, policy_domain, name, domain):
    longest = policy_domain["subtreePolicies"].get("expiration")
    if longest is None:
        return
    own = domain["subtreePolicies"].get("expiration")
    if own is not None and own < longest:
        raise Refused(f"Cannot make expiration of {place} longer than what {name} defined")
    if is_expired(state, domain):
        raise Refused(f"Domain {name} expired")
    if domain["expiresAtHeight"] > state["height"] + longest:
        raise Refused(f"Domain {name} would expire too late based on policy in {place}")


def check_schema(place, policy_domain, name, domain):
    if "schema" not in policy_domain["subtreePolicies"]:
        return
    schema = policy_domain["subtreePolicies"]["schema"]
    if schema == "DRAFT 6":
        schema = jsonschema.Draft6Validator.META_SCHEMA
    else:
        try:
            jsonschema.Draft6Validator.check_schema(schema)
        except jsonschema.SchemaError:
            raise Refused(f"Domain {place} has invalid schema") from None
    if not jsonschema.Draft6Validator(schema).is_valid(domain["data"]):
        raise Refused(f"Domain {name} data does not match schema of {place}")


def execute(state, operation):
    kind, name = operation["type"], operation["name"]
    if kind == "register":
        if name == "":
            raise Refused("Cannot register root domain")
        parent = find(state, parent_of(name))
        edge = edges_of(name)[-1]
        if parent["registrationPolicy"] == "owner" and operation["owner"] != parent["owner"]:
            raise Refused(f"Only {parent['owner']} can register a child of {parent_of(name)}")
        old = parent["children"].get(edge)
        if old is not None and not is_expired(state, old):
            raise Refused(f"Valid domain {name} exists")
        if old is not None and state["height"] < old["expiresAtHeight"] + GRACE:
            raise Refused(f"Expired domain {name} in grace period exists")
        parent["children"][edge] = fresh_domain(
            operation["owner"],
            operation["subtreePolicies"],
            operation["registrationPolicy"],
            operation["data"],
            operation["expiresAtHeight"],
        )
        check_policies(state, name)
    elif kind == "update":
        domain = find(state, name)
        if is_expired(state, domain):
            raise Refused(f"Domain {name} expired")
        domain["data"] = operation["data"]
        check_policies(state, name)
    elif kind == "renew":
        find(state, name)["expiresAtHeight"] = operation["expiresAtHeight"]
    elif kind == "transfer":
        if operation["toOwner"] == "system":
            raise Refused("Cannot transfer a domain to 'system'")
        domain = find(state, name)
        if domain["owner"] == "system":
            raise Refused("Cannot transfer a system domain")
        if is_expired(state, domain):
            raise Refused(f"Domain {name} expired")
        domain["owner"] = operation["toOwner"]
    else:
        if name == "":
            raise Refused("Cannot delete root domain")
        parent = find(state, parent_of(name))
        edge = edges_of(name)[-1]
        if edge not in parent["children"]:
            raise Refused(f"Attempt to delete nonexisting child: {edge}")
        del parent["children"][edge]


class CoeusReference:
    """Every change of the state is kept as a whole copy, so that taking one back is taking the copy before it."""

    def __init__(self):
        self.copies = [fresh_state()]
        self.nonces = {}
        self.statuses = {}
        self.corrupted = False

    @property
    def state(self):
        return self.copies[-1]

    @property
    def version(self):
        return len(self.copies) - 1

    def check_sound(self):
        if self.corrupted:
            raise Refused("Coeus state is corrupt. All incoming changes will be ignored.")

    def apply_block(self, height):
        self.check_sound()
        last = self.state["height"]
        if height <= last:
            raise Refused(f"Already seen height {last}, cannot set it to {height}")
        self.copies.append({**self.state, "height": height})

    def revert_block(self, height):
        self.check_sound()
        last = self.state["height"]
        self.corrupted = True
        if height != last:
            raise Refused(
                f"Cannot revert block at height {height}, because currently the state is at height {last}"
            )
        if len(self.copies) == 1:
            raise Refused(f"Cannot undo to version {2**64 - 1} anymore")
        self.copies.pop()
        if self.state["height"] >= last:
            raise Refused(
                f"Cannot revert block at height {height}, "
                "because the operation undone was not reducing the block height."
            )
        self.corrupted = False

    def apply_transaction(self, txid, asset):
        self.check_sound()
        before = list(self.copies)
        try:
            for bundle in asset["bundles"]:
                self.apply_bundle(bundle)
        except Refused:
            self.copies = before
            self.statuses[txid] = (len(before) - 1, False)
            raise
        self.statuses[txid] = (len(before) - 1, True)

    def apply_bundle(self, bundle):
        signer = bundle["publicKey"]
        check_signature(bundle)
        for operation in bundle["operations"]:
            authorise(self.state, operation, signer)
        expected = self.nonces.get(signer, 0) + 1
        if bundle["nonce"] != expected:
            raise Refused(f"Invalid nonce {bundle['nonce']}, expected {expected}")
        for operation in bundle["operations"]:
            changed = copy.deepcopy(self.state)
            execute(changed, operation)
            self.copies.append(changed)
        self.nonces[signer] = expected

    def revert_transaction(self, txid, asset):
        self.check_sound()
        if txid not in self.statuses:
            self.corrupted = True
            raise Refused("Transaction has not been applied previously.")
        before, _ = self.statuses.pop(txid)
        count = sum(len(bundle["operations"]) for bundle in asset["bundles"])
        if before + count != self.version:
            self.corrupted = True
            raise Refused("Number of operations in transaction do not match our previous records.")
        del self.copies[before + 1 :]

    def resolve(self, name):
        domain = self.state["root"]
        for edge in edges_of(name):
            if edge not in domain["children"]:
                raise Refused(f"Edge {edge} was not found for domain {name}")
            domain = domain["children"][edge]
            if is_expired(self.state, domain):
                raise Refused(f"Edge {edge} in domain {name} expired")
        return domain["data"]

    def metadata(self, name):
        domain = find(self.state, name)
        members = ("owner", "subtreePolicies", "registrationPolicy", "expiresAtHeight")
        return {member: domain[member] for member in members}

    def children(self, name):
        return sorted(find(self.state, name)["children"])
