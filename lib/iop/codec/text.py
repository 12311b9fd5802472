"""Digest, mask and canonical text straight from JSON text (morpheus 6).

The kernel answers for what it covers; the reference is imported only for the rest, so that a filter starts without it.
"""

from __future__ import annotations

from iop.codec import kernel


def compute_content_id_text(data: bytes, *, unique_names: bool = False) -> str:
    """What `compute_content_id` gives for a JSON text; errors also those of `parse_json`.

    With `unique_names` a name that occurs twice in one object is an error; the kernel answers for no text with such a name.
    """
    if kernel.active is not None:
        found: str | None = kernel.active.compute_content_id(data)
        if found is not None:
            return found
    from iop.codec.digest import compute_content_id
    from iop.codec.json import parse_json

    return compute_content_id(parse_json(data, unique_names=unique_names))


def encode_canonical_text(data: bytes) -> bytes:
    """What `encode_canonical` gives for a JSON text, in UTF-8; errors also those of `parse_json`."""
    if kernel.active is not None:
        found: bytes | None = kernel.active.encode_canonical(data)
        if found is not None:
            return found
    from iop.codec.canonical import encode_canonical
    from iop.codec.json import parse_json

    return encode_canonical(parse_json(data)).encode()


def apply_mask_text(data: bytes, keep: str) -> bytes:
    """What `encode_mask` gives for a JSON text, in UTF-8; errors also those of `parse_json`."""
    if kernel.active is not None:
        found: bytes | None = kernel.active.apply_mask(data, keep.encode("utf-8", "surrogatepass"))
        if found is not None:
            return found
    from iop.codec.json import parse_json
    from iop.codec.mask import encode_mask

    return encode_mask(parse_json(data), keep).encode()
