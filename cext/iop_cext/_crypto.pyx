# cython: language_level=3, boundscheck=False, wraparound=False
"""Python's edge of kernels/sparse_tree, kernels/sha256 and kernels/verify.

Calls on trees keep the interpreter's lock, which guards their counts; checking signatures gives it up.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_Next
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.ref cimport PyObject
from libc.stdint cimport uint8_t, uintptr_t

from iop.errors import DataError


cdef extern from "sha256.h":
    const char *iop_sha256_choose(const char *)
    void iop_sha256(const uint8_t *, size_t, uint8_t *) nogil


cdef extern from "sparse_tree.h":
    struct iop_tree_node:
        pass
    struct iop_tree:
        iop_tree_node *top
        size_t count
        uint8_t root[32]
    struct iop_tree_change:
        const uint8_t *key
        const uint8_t *value
    struct iop_tree_proof:
        size_t count
        uint8_t siblings[256][32]
        const uint8_t *other_key
        const uint8_t *other_value
    int iop_tree_update(const iop_tree *, iop_tree_change *, size_t, iop_tree *)
    void iop_tree_release(iop_tree *)
    const uint8_t *iop_tree_get(const iop_tree *, const uint8_t *)
    void iop_tree_prove(const iop_tree *, const uint8_t *, iop_tree_proof *)


cdef extern from "verify.h":
    enum:
        IOP_UNHANDLED
        IOP_GOOD
        IOP_ED25519
        IOP_ECDSA
        IOP_ECDSA_DER
        IOP_SCHNORR_ARK
    struct iop_check:
        const uint8_t *public_key
        const uint8_t *message
        const uint8_t *signature
        size_t public_size
        size_t message_size
        size_t signature_size
        uint8_t rule
        uint8_t verdict
    struct iop_libraries: # functions, which are addresses here
        void *crypto_sign_open
        const void *context
        void *ec_pubkey_parse
        void *ec_pubkey_serialize
        void *ec_pubkey_tweak_mul
        void *ec_pubkey_tweak_add
        void *ec_seckey_negate
        void *ecdsa_signature_parse_compact
        void *ecdsa_signature_normalize
        void *ecdsa_verify
    int iop_verify_many(const iop_libraries *, iop_check *, size_t, unsigned) nogil


def choose_sha256(bytes name=None):
    """Name of the SHA-256 that runs from now on, None when it is not to be had here; with None the best."""
    cdef const char *found = iop_sha256_choose(NULL if name is None else PyBytes_AS_STRING(name))
    return None if found == NULL else found.decode("ascii")


choose_sha256()


def sha256(bytes data not None):
    """SHA-256, 32 bytes."""
    cdef uint8_t digest[32]
    iop_sha256(<const uint8_t *>PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data), digest)
    return digest[:32]


cdef const uint8_t *_read(object data, str what) except NULL:
    """The 32 bytes of a key or a value; DataError for anything else."""
    if not PyBytes_CheckExact(data) or PyBytes_GET_SIZE(data) != 32:
        raise DataError(f"a tree's {what} is 32 bytes, got {_tell(data)}")
    return <const uint8_t *>PyBytes_AS_STRING(data)


cdef str _tell(object data):
    return str(len(data)) if isinstance(data, bytes) else type(data).__name__


cdef bytes _cut(const uint8_t *data):
    return PyBytes_FromStringAndSize(<const char *>data, 32)


cdef class SparseTree:
    """A tree that never changes; called without arguments, the empty one."""

    cdef iop_tree tree

    def __dealloc__(self):
        iop_tree_release(&self.tree)

    def __len__(self):
        return self.tree.count

    @property
    def root(self):
        return _cut(self.tree.root)

    def get(self, key):
        cdef const uint8_t *found = iop_tree_get(&self.tree, _read(key, "key"))
        return None if found == NULL else _cut(found)

    def update(self, dict changes not None):
        cdef size_t count = len(changes), place = 0
        cdef Py_ssize_t at = 0
        cdef PyObject *key
        cdef PyObject *value
        cdef SparseTree made = SparseTree.__new__(SparseTree)
        cdef iop_tree_change *items = <iop_tree_change *>PyMem_Malloc(count * sizeof(iop_tree_change))
        if items == NULL:
            raise MemoryError
        try:
            # No Python code runs between here and the update but on the way to an error, so the bytes stay where they are.
            while place < count and PyDict_Next(changes, &at, &key, &value):
                items[place].key = _read(<object>key, "key")
                items[place].value = NULL
                if <object>value is not None:
                    items[place].value = _read(<object>value, "value")
                place += 1
            if iop_tree_update(&self.tree, items, place, &made.tree):
                raise MemoryError
        finally:
            PyMem_Free(items)
        return made

    def prove(self, key):
        """Siblings from the root down, and the other leaf at the end of the way or None."""
        cdef iop_tree_proof proof
        iop_tree_prove(&self.tree, _read(key, "key"), &proof)
        siblings = tuple([_cut(proof.siblings[i]) for i in range(proof.count)])
        if proof.other_key == NULL:
            return siblings, None
        return siblings, (_cut(proof.other_key), _cut(proof.other_value))


cdef iop_libraries libraries
RULES = {"ed25519": IOP_ED25519, "ecdsa": IOP_ECDSA, "ecdsa-der": IOP_ECDSA_DER, "schnorr-ark": IOP_SCHNORR_ARK}


cdef void *_address(dict found, str name) except NULL:
    return <void *><uintptr_t>found[name]


def bind_sodium(dict found not None):
    """Takes the address of libsodium's function."""
    libraries.crypto_sign_open = _address(found, "crypto_sign_open")


def bind_secp256k1(dict found not None):
    """Takes the addresses of libsecp256k1's functions and of a context that outlives every call."""
    libraries.context = _address(found, "context")
    libraries.ec_pubkey_parse = _address(found, "ec_pubkey_parse")
    libraries.ec_pubkey_serialize = _address(found, "ec_pubkey_serialize")
    libraries.ec_pubkey_tweak_mul = _address(found, "ec_pubkey_tweak_mul")
    libraries.ec_pubkey_tweak_add = _address(found, "ec_pubkey_tweak_add")
    libraries.ec_seckey_negate = _address(found, "ec_seckey_negate")
    libraries.ecdsa_signature_parse_compact = _address(found, "ecdsa_signature_parse_compact")
    libraries.ecdsa_signature_normalize = _address(found, "ecdsa_signature_normalize")
    libraries.ecdsa_verify = _address(found, "ecdsa_verify")


def verify_many(list items not None, unsigned threads):
    """Verdicts on tuples of rule, public key, message, signature; None where the reference has to answer.

    The libraries of all rules have to be bound. No other thread may change the list meanwhile.
    """
    cdef size_t count = len(items), i
    cdef int status, rule
    cdef bytes public, message, signature
    cdef iop_check *checks = <iop_check *>PyMem_Malloc(count * sizeof(iop_check))
    if checks == NULL:
        raise MemoryError
    try:
        for i in range(count):
            name, public, message, signature = <tuple?>items[i]
            rule = RULES[name]
            if public is None or message is None or signature is None:
                raise TypeError("keys, messages and signatures are bytes")
            if libraries.crypto_sign_open == NULL if rule == IOP_ED25519 else libraries.context == NULL:
                raise RuntimeError("the library of a rule is not bound")
            checks[i].rule = rule
            checks[i].public_key = <const uint8_t *>PyBytes_AS_STRING(public)
            checks[i].public_size = PyBytes_GET_SIZE(public)
            checks[i].message = <const uint8_t *>PyBytes_AS_STRING(message)
            checks[i].message_size = PyBytes_GET_SIZE(message)
            checks[i].signature = <const uint8_t *>PyBytes_AS_STRING(signature)
            checks[i].signature_size = PyBytes_GET_SIZE(signature)
        with nogil:
            status = iop_verify_many(&libraries, checks, count, threads)
        if status:
            raise MemoryError
        return [None if checks[i].verdict == IOP_UNHANDLED else checks[i].verdict == IOP_GOOD for i in range(count)]
    finally:
        PyMem_Free(checks)
