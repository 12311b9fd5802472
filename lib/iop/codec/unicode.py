"""Unicode NFKD with the tables of Unicode 13.0, whatever the interpreter carries.

Content ids and signed bytes depend on normalisation, and every CPython release brings newer tables. The original software
has those of 13.0. Normalisation of assigned characters never changes, so it is enough to treat the later ones as what they
were in 13.0: unassigned, that is, without decomposition and never reordered (combining class 0).
"""

from __future__ import annotations

# Assigned after Unicode 13.0 with a decomposition or a combining class, up to Unicode 18.0: first, last.
_LATE_RANGES = (
    (0x558, 0x558), (0x58B, 0x58C), (0x5C8, 0x5C9), (0x897, 0x89F), (0x8CA, 0x8D2), (0xC3C, 0xC3C),
    (0x1715, 0x1715), (0x1AC1, 0x1AF0), (0x1DFA, 0x1DFA), (0x209D, 0x209F), (0xA7F1, 0xA7F4),
    (0x105C9, 0x105C9), (0x105E4, 0x105E4), (0x10781, 0x10785), (0x10787, 0x107B0),
    (0x107B2, 0x107BF), (0x10D69, 0x10D6D), (0x10ECB, 0x10ECF), (0x10EF0, 0x10EFB),
    (0x10EFD, 0x10EFF), (0x10F82, 0x10F85), (0x11070, 0x11070), (0x11383, 0x11383),
    (0x11385, 0x11385), (0x1138E, 0x1138E), (0x11391, 0x11391), (0x113C5, 0x113C5),
    (0x113C7, 0x113C8), (0x113CE, 0x113D0), (0x11F41, 0x11F42), (0x16121, 0x16128),
    (0x1612F, 0x1612F), (0x16D68, 0x16D6A), (0x1B123, 0x1B126), (0x1CCD6, 0x1CCF9),
    (0x1D127, 0x1D128), (0x1D250, 0x1D252), (0x1D25B, 0x1D25C), (0x1D25F, 0x1D25F),
    (0x1D280, 0x1D281), (0x1D6A6, 0x1D6A6), (0x1DF95, 0x1DF95), (0x1DFCD, 0x1DFFF),
    (0x1E030, 0x1E06D), (0x1E08F, 0x1E08F), (0x1E2AE, 0x1E2AE), (0x1E4EC, 0x1E4EF),
    (0x1E5EE, 0x1E5EF), (0x1E6E3, 0x1E6E3), (0x1E6E6, 0x1E6E6), (0x1E6EE, 0x1E6EF),
    (0x1E6F5, 0x1E6F5),
)  # fmt: skip
_LONG, _RUN = (
    256,
    32,
)  # the interpreter orders a run of marks by insertion: a long one takes the square of its length
_late: frozenset[str] = frozenset()


def normalize_nfkd(text: str) -> str:
    """The text in normal form KD of Unicode 13.0 (morpheus 6.1)."""
    if text.isascii():
        return text
    import unicodedata

    late = _late or _make_late()
    if len(text) > _LONG and _has_long_run(text):
        return _normalize_runs(text, late)
    if late.isdisjoint(text):
        return unicodedata.normalize("NFKD", text)
    # A late character is a starter to Unicode 13.0: nothing is reordered across it.
    parts: list[str] = []
    start = 0
    for index, character in enumerate(text):
        if character in late:
            parts.append(unicodedata.normalize("NFKD", text[start:index]))
            parts.append(character)
            start = index + 1
    parts.append(unicodedata.normalize("NFKD", text[start:]))
    return "".join(parts)


def _has_long_run(text: str) -> bool:
    from unicodedata import combining

    run = 0
    for character in text:
        run = run + 1 if combining(character) else 0
        if run > _RUN:
            return True
    return False


def _normalize_runs(text: str, late: frozenset[str]) -> str:
    """The same by the definition: decompose each character, then sort each run of marks by class, in n log n."""
    from unicodedata import combining, normalize

    parts: list[str] = []
    run: list[str] = []
    for character in text:
        for one in character if character in late else normalize("NFKD", character):
            if one not in late and combining(one):
                run.append(one)
                continue
            if run:
                parts.extend(sorted(run, key=combining))
                run = []
            parts.append(one)
    parts.extend(sorted(run, key=combining))
    return "".join(parts)


def is_nfkd(text: str) -> bool:
    """Whether a text is in normal form KD of Unicode 13.0."""
    return text.isascii() or normalize_nfkd(text) == text


def _make_late() -> frozenset[str]:
    global _late  # noqa: PLW0603 - built at the first text that is not ASCII
    _late = frozenset(chr(c) for first, last in _LATE_RANGES for c in range(first, last + 1))
    return _late
