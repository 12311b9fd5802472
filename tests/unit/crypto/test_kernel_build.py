"""The C kernels of trees, SHA-256 and base58 alone, under sanitizers: answers equal to the references', also when memory runs out."""

from __future__ import annotations

import glob
import hashlib
import os
import random
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from iop.codec import kernel
from iop.codec.base58 import encode_base58
from iop.crypto.sparse_tree import EMPTY, Tree

HERE = os.path.dirname(os.path.abspath(__file__))
KERNELS = os.path.join(HERE, "..", "..", "..", "cext", "iop_cext", "kernels")
VERSIONS = 64
HARNESS = r"""
#include "base58.h"
#include "sha256.h"
#include "sparse_tree.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Linked with --wrap=malloc: the allocation after `left` more fails once; none does while it is negative. */
static long left = -1;
void *__real_malloc(size_t);
void *__wrap_malloc(size_t size) { return left >= 0 && left-- == 0 ? NULL : __real_malloc(size); }

static size_t number(void)
{
    int low = getchar(), high = getchar();
    return high == EOF ? 0 : (size_t)(low | high << 8);
}

/* Exact buffers, so that a sanitizer sees every slip. */
static uint8_t *block(size_t size)
{
    uint8_t *data = malloc(size ? size : 1);
    if (fread(data, 1, size, stdin) != size)
        exit(3);
    return data;
}

static void show(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        printf("%02x", data[i]);
    putchar(' ');
}

static void step(struct iop_tree *versions)
{
    struct iop_tree *old = &versions[number()], *made = &versions[number()], tree;
    long fail = (long)number() - 1;
    size_t count = number();
    uint8_t *rows = block(64 * count), *gone = block(count), *key = block(32);
    struct iop_tree_change *changes = malloc((count ? count : 1) * sizeof *changes);
    struct iop_tree_proof *proof = malloc(sizeof *proof);
    for (size_t i = 0; i < count; i++)
        changes[i] = (struct iop_tree_change){.key = rows + 64 * i, .value = gone[i] ? NULL : rows + 64 * i + 32};
    left = fail;
    int status = iop_tree_update(old, changes, count, &tree);
    left = -1;
    if (status) {
        printf("-\n");
    } else {
        iop_tree_release(made);
        *made = tree;
        const uint8_t *value = iop_tree_get(made, key);
        iop_tree_prove(made, key, proof);
        printf("%zu ", made->count);
        show(made->root, 32);
        show(value ? value : key, value ? 32 : 0);
        show(proof->siblings[0], 32 * proof->count);
        show(proof->other_key ? proof->other_key : key, proof->other_key ? 32 : 0);
        show(proof->other_value ? proof->other_value : key, proof->other_value ? 32 : 0);
        printf("\n");
    }
    free(rows);
    free(gone);
    free(key);
    free(changes);
    free(proof);
}

int main(void)
{
    struct iop_tree versions[64] = {0};
    char *text = malloc(IOP_BASE58_CHARACTERS);
    uint8_t *bytes = malloc(IOP_BASE58_CHARACTERS), digest[32];
    for (int operation; (operation = getchar()) != EOF;) {
        if (operation == 'T') {
            step(versions);
            continue;
        }
        size_t size = number(), made = 0;
        uint8_t *data = block(size);
        if (operation == 'E') {
            int status = iop_base58_encode(data, size, text, &made);
            printf("%.*s\n", status ? 1 : (int)made, status ? "-" : text);
        } else if (operation == 'P') {
            if (iop_base58_parse((char *)data, size, bytes, &made))
                printf("-\n");
            else {
                show(bytes, made);
                printf("\n");
            }
        } else {
            if (!iop_sha256_choose(operation == 'H' ? NULL : "portable"))
                return 4;
            iop_sha256(data, size, digest);
            show(digest, 32);
            if (size == 64)
                iop_sha256_64(data, digest);
            if (size == 65)
                iop_sha256_65(data[0], data + 1, data + 33, digest);
            show(digest, 32);
            printf("\n");
        }
        free(data);
    }
    for (size_t i = 0; i < 64; i++)
        iop_tree_release(&versions[i]);
    free(text);
    free(bytes);
    return 0;
}
"""


@pytest.fixture(autouse=True)
def reference() -> Iterator[None]:
    kernel.choose("py")
    yield
    kernel.choose(None)


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler here to build the harness with")
    folder = tmp_path_factory.mktemp("kernel")
    source, program = str(folder / "harness.c"), str(folder / "harness")
    with open(source, "w", encoding="utf-8") as file:
        file.write(HARNESS)
    words = "-std=c11 -Wall -Wextra -Wshadow -Werror -g -O1 -pthread -fno-sanitize-recover=all"
    done = subprocess.run(
        [compiler, *words.split(), "-fsanitize=address,undefined", "-Wl,--wrap=malloc", f"-I{KERNELS}", source,
         *sorted(glob.glob(f"{KERNELS}/*.c")), "-o", program],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return program


def run(program: str, operations: list[bytes]) -> list[str]:
    done = subprocess.run([program], input=b"".join(operations), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return [line.rstrip(" ") for line in done.stdout.decode().split("\n")[:-1]]


def number(value: int) -> bytes:
    return value.to_bytes(2, "little")


def block(letter: bytes, data: bytes) -> bytes:
    return letter + number(len(data)) + data


class History:
    """Steps on a ring of versions, and the line that each should print."""

    def __init__(self, seed: int, kind: str) -> None:
        self.random = random.Random(seed)
        self.kind = kind
        self.trees: list[Tree] = [EMPTY] * VERSIONS
        self.held: list[list[bytes]] = [[]] * VERSIONS
        self.operations: list[bytes] = []
        self.expected: list[str] = []

    def draw_key(self, held: list[bytes]) -> bytes:
        rnd = self.random
        if held and rnd.random() < 0.5:
            return rnd.choice(held)
        if self.kind == "random":
            return rnd.randbytes(32)
        if self.kind == "near":
            return (
                bytes([rnd.randrange(4)])
                + bytes(15)
                + bytes([rnd.randrange(4)])
                + bytes(14)
                + bytes([rnd.randrange(4)])
            )
        return (1 << rnd.randrange(256)).to_bytes(32, "big")

    def step(self, old: int, made: int, fail: int = 0) -> None:
        rnd, held = self.random, self.held[old]
        size = rnd.choice([0, 1, 1, 2, 5, 12, 60])
        changes: dict[bytes, bytes | None] = {
            self.draw_key(held): rnd.choice([None, bytes([rnd.randrange(3)]) * 32])
            for _ in range(size)
        }
        tree = self.trees[old].update(changes)
        now = [key for key in {*held, *changes} if tree.get(key) is not None]
        probe = self.draw_key(now)
        proof = tree.prove(probe)
        parts = (tree.get(probe) or b"", b"".join(proof.siblings), *(proof.other or (b"", b"")))
        self.expected.append(
            " ".join((str(len(tree)), tree.root.hex(), *(p.hex() for p in parts))).rstrip(" ")
        )
        self.operations.append(
            b"T" + number(old) + number(made) + number(fail) + number(len(changes))
            + b"".join(key + (found or bytes(32)) for key, found in changes.items())
            + bytes(found is None for found in changes.values()) + probe
        )  # fmt: skip
        if not fail:
            self.trees[made] = tree
            self.held[made] = now


@pytest.mark.parametrize("kind", ["random", "near", "comb"])
def test_trees_of_many_versions(harness: str, kind: str) -> None:
    history = History(5, kind)
    for at in range(300):
        old = history.random.randrange(VERSIONS) if at % 10 == 0 else at % VERSIONS
        history.step(old, (at + 1) % VERSIONS)
    assert run(harness, history.operations) == history.expected


@pytest.mark.parametrize("kind", ["random", "near", "comb"])
def test_trees_when_memory_runs_out(harness: str, kind: str) -> None:
    """A failed update prints nothing but "-", loses nothing and leaves the old version as it was."""
    history = History(6, kind)
    for at in range(12):
        history.step(at, at + 1)
    for at in range(120):
        history.step(at % 13, 20, at % 17 + 1)
        history.step(at % 13, 21)
    answers = run(harness, history.operations)
    failed = 0
    for got, expected, operation in zip(answers, history.expected, history.operations, strict=True):
        assert got == expected or (got == "-" and operation[5:7] != b"\0\0")
        failed += got == "-"
    assert failed > 20


def test_sha256(harness: str) -> None:
    data = [bytes([size & 255]) * size for size in range(200)] + [b"a" * 60000]
    operations = [block(letter, text) for text in data for letter in (b"H", b"h")]
    expected = [" ".join([hashlib.sha256(text).hexdigest()] * 2) for text in data for _ in "Hh"]
    assert run(harness, operations) == expected


def test_base58(harness: str) -> None:
    rnd = random.Random(8)
    data = [bytes(rnd.randrange(30)) + rnd.randbytes(rnd.randrange(227)) for _ in range(300)]
    data += [b"\xff" * size for size in range(257)] + [bytes(size) for size in range(257)]
    texts = [encode_base58(item) for item in data]
    assert run(harness, [block(b"E", item) for item in data]) == texts
    assert run(harness, [block(b"P", text.encode()) for text in texts]) == [
        item.hex() for item in data
    ]
    refused = (
        [b"E", bytes(257)],
        [b"P", b"1" * 351],
        [b"P", b"0"],
        [b"P", b"z\xff"],
        [b"P", b"1 "],
        [b"P", b"1\0"],
    )
    assert run(harness, [block(*item) for item in refused]) == ["-"] * len(refused)
    any_text = [bytes(rnd.choices(b"1zZ9abc", k=rnd.randrange(352))) for _ in range(300)]
    run(harness, [block(b"P", text) for text in any_text])
