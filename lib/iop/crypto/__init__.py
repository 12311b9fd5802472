"""Primitives over well-kept libraries: hashes, signatures, AEAD, key derivation functions.

One module a primitive: hash ripemd160 kdf aead ed25519 x25519 curve448 secp256k1 nist rsa batch sparse_tree; and what JOSE and the W3C
make of them: jwk jwa jws jwe multikey.
"""
