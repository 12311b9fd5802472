"""Which runner reads which conformance file.

Key: the file's `name` member (files recorded from the original software), or `area/stem` where `area` is the file's member
and `stem` its file name without the extension (files of public standards). Value: `module:function`; the function takes the
decoded document and yields `iop.conform.case.Case` values, one for every result the file states.
"""

from __future__ import annotations

CATALOGUE: dict[str, str] = {}
