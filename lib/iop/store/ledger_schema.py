"""Tables of a ledger store by version, for SQLite and PostgreSQL, and how an older one is brought up.

Version 1 was SQLite's alone: no index but ids, no pruning. A SQLite file tells itself from others by `application_id` and has
its version in `user_version`; version 0 is a file without tables, a creation that did not finish. In PostgreSQL both stand
in `meta`, and there are no tables before it is finished. Upgrades run inside one transaction, so a store always has exactly
one version.
"""

from __future__ import annotations

APPLICATION_ID = 0x694F504C  # "iOPL"
VERSION = 2

# The truth. digest = SHA-256(previous digest, height as 8 bytes big endian, data); the first chains to the genesis. Of a pruned
# block, data holds header and signature only, and the digest is that of the whole.
_LOG = (
    "CREATE TABLE block (height {number} PRIMARY KEY, digest {bytes} NOT NULL, data {bytes} NOT NULL)",
)
# Derived: every row can be computed from `block`. Transactions and statements are numbered through the whole log, from 0; the
# *_end columns count them up to and including a block, so that a range of heights is a range of numbers.
_INDEX = (
    """CREATE TABLE block_index (
        height {number} PRIMARY KEY,
        id {bytes} NOT NULL UNIQUE,
        previous {bytes} NOT NULL,
        timestamp {number} NOT NULL,
        producer {bytes} NOT NULL,
        transactions {number} NOT NULL,
        amount {number} NOT NULL,
        fee {number} NOT NULL,
        reward {number} NOT NULL,
        payload_length {number} NOT NULL,
        transactions_end {number} NOT NULL,
        statements_end {number} NOT NULL
    )""",
    "CREATE INDEX block_by_time ON block_index (timestamp, height)",
    "CREATE INDEX block_by_producer ON block_index (producer, height)",
    """CREATE TABLE transaction_index (
        number {number} PRIMARY KEY,
        id {bytes} NOT NULL UNIQUE,
        height {number} NOT NULL,
        position {number} NOT NULL,
        sender {bytes} NOT NULL,
        sender_name {bytes} NOT NULL,
        recipient {bytes},
        type_group {number} NOT NULL,
        type {number} NOT NULL,
        amount {number} NOT NULL,
        fee {number} NOT NULL,
        nonce {number} NOT NULL,
        vendor_field {text},
        subject {bytes}
    )""",
    "CREATE INDEX transaction_by_group ON transaction_index (type_group, number)",
    "CREATE INDEX transaction_by_type ON transaction_index (type_group, type, number)",
    "CREATE INDEX transaction_by_subject ON transaction_index (subject, number) WHERE subject IS NOT NULL",
    """CREATE TABLE party_index (
        account {bytes} NOT NULL,
        number {number} NOT NULL,
        part {number} NOT NULL,
        PRIMARY KEY (account, number)
    ){keyed}""",
    """CREATE TABLE statement_index (
        number {number} PRIMARY KEY,
        id {bytes} NOT NULL,
        height {number} NOT NULL,
        position {number} NOT NULL,
        ordinal {number} NOT NULL,
        type {text} NOT NULL,
        issuer {text} NOT NULL,
        data {bytes} NOT NULL
    )""",
    "CREATE INDEX statement_by_id ON statement_index (id, number)",
    "CREATE INDEX statement_by_type ON statement_index (type, number)",
    "CREATE INDEX statement_by_issuer ON statement_index (issuer, number)",
)
_POOL = (
    """CREATE TABLE pool (
        sequence {serial},
        txid {bytes} NOT NULL UNIQUE,
        data {bytes} NOT NULL
    )""",
)
_META = ("CREATE TABLE meta (name {text} PRIMARY KEY, data {bytes} NOT NULL){keyed}",)

_SQLITE = {
    "number": "INTEGER",
    "bytes": "BLOB",
    "text": "TEXT",
    "serial": "INTEGER PRIMARY KEY",  # the highest there is and one: all that the order of what waits needs
    "keyed": " WITHOUT ROWID",
}
_POSTGRES = {
    "number": "bigint",
    "bytes": "bytea",
    "text": 'text COLLATE "C"',  # the same order and the same prefixes everywhere
    "serial": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "keyed": "",
}


def _for(dialect: dict[str, str], *parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(statement.format_map(dialect) for part in parts for statement in part)


CREATE_SQLITE = (
    *_for(_SQLITE, _LOG, _INDEX, _POOL, _META),
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)
CREATE_POSTGRES = _for(_POSTGRES, _LOG, _INDEX, _POOL, _META)

# SQLite files from version n to n + 1: statements to run, keyed by n. The index is filled after the last step.
UPGRADES: dict[int, tuple[str, ...]] = {
    1: (
        "DROP TABLE place",
        "ALTER TABLE block DROP COLUMN transactions",
        "ALTER TABLE pool RENAME TO old_pool",
        *_for(_SQLITE, _INDEX, _POOL),
        "INSERT INTO pool SELECT sequence, txid, data FROM old_pool",
        "DROP TABLE old_pool",
    ),
}
