"""BACKUP in iop-keyfile(5) is what the transcript does, command by command."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_command_of_the_page_is_in_the_transcript_in_its_order() -> None:
    page = (ROOT / "man/man5/iop-keyfile.5").read_text(encoding="utf-8").replace("\\-", "-")
    section = page.split(".SH BACKUP\n", 1)[1].split("\n.SH ", 1)[0]
    told = [line for line in section.split("\n") if line.startswith("$ ")]
    done = (ROOT / "tests/cli/backup.txt").read_text(encoding="utf-8").split("\n")
    assert len(told) > 7
    places = [done.index(line) for line in told]
    assert places == sorted(places)
