"""The C kernel alone: warnings, sanitizers, and answers equal to the reference's on hostile bytes."""

from __future__ import annotations

import glob
import json
import os
import random
import shutil
import subprocess

import pytest

from iop.codec.canonical import encode_canonical
from iop.codec.digest import compute_content_id
from iop.codec.json import parse_json
from iop.codec.mask import encode_mask
from iop.errors import DataError

HERE = os.path.dirname(os.path.abspath(__file__))
KERNELS = os.path.join(HERE, "..", "..", "..", "cext", "iop_cext", "kernels")
KEEP = ".a.b,.c , .a.b.c,.x y,."
HARNESS = r"""
#include "morpheus_json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads: 4-byte little-endian length, text; again until the end. Exact buffers, so that a sanitizer sees every slip. */
static void answer(int status, const uint8_t *data, size_t size)
{
    if (status)
        printf("-\n");
    else {
        for (size_t i = 0; i < size; i++)
            printf("%02x", data[i]);
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    unsigned char head[4];
    size_t room_shift = argc > 2 ? (size_t)atoi(argv[2]) : 0;
    while (fread(head, 1, 4, stdin) == 4) {
        size_t size = head[0] | head[1] << 8 | head[2] << 16, out = 0;
        uint8_t *text = malloc(size ? size : 1), id[IOP_CONTENT_ID_SIZE];
        struct iop_work work;
        if (fread(text, 1, size, stdin) != size)
            return 3;
        work.arena_size = IOP_ARENA_SIZE(size) >> room_shift;
        work.entry_count = IOP_ENTRY_COUNT(size) >> room_shift;
        work.arena = malloc(work.arena_size ? work.arena_size : 1);
        work.entries = malloc((work.entry_count ? work.entry_count : 1) * sizeof *work.entries);
        int status = iop_compute_content_id(text, size, &work, id);
        answer(status, id, sizeof id);
        status = iop_encode_canonical(text, size, &work, &out);
        answer(status, work.arena, out);
        status = iop_apply_mask(text, size, (const uint8_t *)argv[1], strlen(argv[1]), &work, &out);
        answer(status, work.arena, out);
        free(text);
        free(work.arena);
        free(work.entries);
    }
    return 0;
}
"""


def make_texts() -> list[bytes]:
    """Random documents, cut and damaged ones, and the shapes at the limits."""
    rnd = random.Random(7)
    names = ["a", "b", "c", "", "x y", '"', "\n", "long name " * 3]
    good = [
        "0", "-0", "1", "-1", "1.5", "1e15", "1e16", "1e-5", "1e-6", "123456789012345e22", "1e-22", "18446744073709551615",
        "-9223372036854775808", "0.000", "1.10", "-0e0", "true", "false", "null", '"\\n\\/\\u001f"', '"\x7f"', '"\\"\\\\"', '""', "[]",
        "{}", "[[]]", '"\\u0041\\b\\f"',
    ]  # fmt: skip
    odd = [
        "1234567890123456.5", "18446744073709551616", "-9223372036854775809", "00", "1.", ".5", "1e", "-", "tru", '"é"', '"\\u00e9"',
        '"\\ud83d\\ude00"', '"\\ud800"', '"', "0.1e1000", "1e-999", "100000000000000000000.5", '{"é":1}',
    ]  # fmt: skip

    def value(depth: int) -> str:
        kind = rnd.randrange(4)
        if not depth or kind < 2:
            return rnd.choice(good if rnd.random() < 0.97 else odd)
        blank = rnd.choice(["", "", " ", "\n\t"])
        if kind == 2:
            return (
                "["
                + f"{blank},".join(blank + value(depth - 1) for _ in range(rnd.randrange(5)))
                + "]"
            )
        members = (
            json.dumps(rnd.choice(names)) + blank + ":" + value(depth - 1)
            for _ in range(rnd.randrange(20))
        )
        return "{" + f",{blank}".join(members) + "}"

    texts = [value(4).encode() for _ in range(1500)]
    for text in list(texts[:700]):
        cut = rnd.randrange(len(text) + 1)
        texts += [text[:cut], text[:cut] + bytes([rnd.randrange(256)]) + text[cut:]]
    texts += [b"[" * n + b"]" * n for n in (126, 127, 128, 3000)]
    texts += [b'{"a":' * n + b"1" + b"}" * n for n in (126, 127, 128)]
    texts += [
        b'{"":1e9}',
        b'{"":{},"":{},"":{}}',
        b"[" + b"1e9," * 500 + b"1]",
        b'{"a":{"b":{"c":[{}]}}}',
        b"",
    ]
    texts += [b"{" + b",".join(b'"%x":{}' % (i * 7919 % 65536) for i in range(3000)) + b"}"]
    return texts


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler here to build the harness with")
    folder = tmp_path_factory.mktemp("kernel")
    source, program = str(folder / "harness.c"), str(folder / "harness")
    with open(source, "w", encoding="utf-8") as file:
        file.write(HARNESS)
    words = [
        compiler,
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Wshadow",
        "-Werror",
        "-g",
        "-O1",
        "-pthread",
        "-fno-sanitize-recover=all",
    ]
    done = subprocess.run(
        [*words, "-fsanitize=address,undefined", f"-I{KERNELS}", source, *sorted(glob.glob(f"{KERNELS}/*.c")), "-o", program],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return program


def run(program: str, texts: list[bytes], shift: int) -> list[str]:
    data = b"".join(len(text).to_bytes(4, "little") + text for text in texts)
    done = subprocess.run([program, KEEP, str(shift)], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def compute(text: bytes) -> list[str]:
    answers = []
    for function in (compute_content_id, encode_canonical, lambda value: encode_mask(value, KEEP)):
        try:
            answers.append(function(parse_json(text)).encode().hex())
        except DataError:
            answers.append("error")
    return answers


def test_under_sanitizers(harness: str) -> None:
    texts = make_texts()
    answers = run(harness, texts, 0)
    assert len(answers) == 3 * len(texts)
    handled = 0
    for index, text in enumerate(texts):
        for got, expected in zip(answers[3 * index : 3 * index + 3], compute(text), strict=True):
            assert got in ("-", expected), text
            handled += got != "-"
    assert handled > len(texts) // 2


@pytest.mark.parametrize("shift", [2, 4, 7])
def test_with_too_little_room(harness: str, shift: int) -> None:
    texts = make_texts()
    full, scarce = run(harness, texts, 0), run(harness, texts, shift)
    assert all(b in ("-", a) for a, b in zip(full, scarce, strict=True))
