# cython: language_level=3, boundscheck=False, wraparound=False
"""Python's edge of kernels/morpheus_json and kernels/base58: None for what a kernel leaves to the reference."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport uint8_t


cdef extern from "Python.h":
    bint PyUnicode_CheckExact(object)
    bint PyUnicode_IS_ASCII(object)
    uint8_t *PyUnicode_1BYTE_DATA(object)
    Py_ssize_t PyUnicode_GET_LENGTH(object)
    str PyUnicode_DecodeASCII(const char *, Py_ssize_t, const char *)


cdef extern from "base58.h" nogil:
    enum:
        IOP_BASE58_OK
        IOP_BASE58_CHARACTERS
    int iop_base58_encode(const uint8_t *, size_t, char *, size_t *)
    int iop_base58_parse(const char *, size_t, uint8_t *, size_t *)


cdef extern from "morpheus_json.h" nogil:
    int IOP_OK
    size_t IOP_LONGEST
    struct iop_entry:
        pass
    struct iop_work:
        uint8_t *arena
        size_t arena_size
        iop_entry *entries
        size_t entry_count
    size_t IOP_ARENA_SIZE(size_t size)
    size_t IOP_ENTRY_COUNT(size_t size)
    int iop_compute_content_id(const uint8_t *, size_t, iop_work *, uint8_t *)
    int iop_encode_canonical(const uint8_t *, size_t, iop_work *, size_t *)
    int iop_apply_mask(const uint8_t *, size_t, const uint8_t *, size_t, iop_work *, size_t *)


cdef int _open(iop_work *work, size_t size) noexcept:
    """Work space for a text; 0 when the text is too long or there is no memory."""
    if size > IOP_LONGEST:
        return 0
    work.arena_size = IOP_ARENA_SIZE(size)
    work.entry_count = IOP_ENTRY_COUNT(size)
    # One block: the entries first, for their alignment.
    work.entries = <iop_entry *>PyMem_Malloc(work.entry_count * sizeof(iop_entry) + work.arena_size)
    work.arena = <uint8_t *>(work.entries + work.entry_count)
    return work.entries != NULL


cdef void _close(iop_work *work) noexcept:
    PyMem_Free(work.entries)


def compute_content_id(bytes data not None):
    """Content id of an object or array, or None."""
    cdef const uint8_t *text = <const uint8_t *>PyBytes_AS_STRING(data)
    cdef size_t size = PyBytes_GET_SIZE(data)
    cdef uint8_t found[46]
    cdef iop_work work
    cdef int status
    if not _open(&work, size):
        return None
    with nogil:
        status = iop_compute_content_id(text, size, &work, found)
    _close(&work)
    return found[:46].decode("ascii") if status == IOP_OK else None


def encode_canonical(bytes data not None):
    """Canonical text, or None."""
    cdef const uint8_t *text = <const uint8_t *>PyBytes_AS_STRING(data)
    cdef size_t size = PyBytes_GET_SIZE(data)
    cdef size_t out = 0
    cdef iop_work work
    cdef int status
    if not _open(&work, size):
        return None
    try:
        with nogil:
            status = iop_encode_canonical(text, size, &work, &out)
        return work.arena[:out] if status == IOP_OK else None
    finally:
        _close(&work)


def apply_mask(bytes data not None, bytes keep not None):
    """Masked object in canonical text or the bare content id, or None."""
    cdef const uint8_t *text = <const uint8_t *>PyBytes_AS_STRING(data)
    cdef const uint8_t *paths = <const uint8_t *>PyBytes_AS_STRING(keep)
    cdef size_t size = PyBytes_GET_SIZE(data)
    cdef size_t paths_size = PyBytes_GET_SIZE(keep)
    cdef size_t out = 0
    cdef iop_work work
    cdef int status
    if not _open(&work, size):
        return None
    try:
        with nogil:
            status = iop_apply_mask(text, size, paths, paths_size, &work, &out)
        return work.arena[:out] if status == IOP_OK else None
    finally:
        _close(&work)


def encode_base58(data):
    """Base58 text of bytes, or None."""
    cdef char text[IOP_BASE58_CHARACTERS]
    cdef size_t size = 0
    if not PyBytes_CheckExact(data):
        return None
    if iop_base58_encode(<const uint8_t *>PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data), text, &size) != IOP_BASE58_OK:
        return None
    return PyUnicode_DecodeASCII(text, size, NULL)


def parse_base58(text):
    """Bytes of base58 text, or None."""
    cdef uint8_t data[IOP_BASE58_CHARACTERS]
    cdef size_t size = 0
    if not PyUnicode_CheckExact(text) or not PyUnicode_IS_ASCII(text):
        return None
    if iop_base58_parse(<const char *>PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text), data, &size) != IOP_BASE58_OK:
        return None
    return PyBytes_FromStringAndSize(<const char *>data, size)
