"""Tables of the SQLite ledger file, by version, and how an older file is brought up.

`application_id` tells our files from others; `user_version` is the version below. Version 0 is a file without tables: a
creation that did not finish. Upgrades run inside one transaction, so a file always has exactly one version.
"""

from __future__ import annotations

APPLICATION_ID = 0x694F504C  # "iOPL"
VERSION = 1

CREATE = (
    # The truth. digest = SHA-256(previous digest, height as 8 bytes big endian, data); the first chains to the genesis.
    """CREATE TABLE block (
        height INTEGER PRIMARY KEY,
        digest BLOB NOT NULL,
        data BLOB NOT NULL,
        transactions BLOB NOT NULL
    )""",
    # Derived: every row can be computed from `block`.
    """CREATE TABLE place (
        txid BLOB PRIMARY KEY,
        height INTEGER NOT NULL,
        position INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE pool (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        txid BLOB NOT NULL UNIQUE,
        data BLOB NOT NULL
    )""",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)

# From version n to n + 1: statements to run, keyed by n.
UPGRADES: dict[int, tuple[str, ...]] = {}
