"""What was changed in a text, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

SHORTEST = 60  # characters; a shorter text is read faster than its differences
LONGEST = 4_000  # characters; comparing takes more than linear time
ALIKE = 0.4  # texts that share less were written anew
AROUND = 6  # unchanged words kept on both sides of a change
FEWEST = 4  # words worth leaving out
SAME, GONE, NEW = "same", "gone", "new"


@dataclass(frozen=True)
class Piece:
    """``kind``: same, gone or new."""

    kind: str
    text: str


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """``new`` told by how it differs from ``old``; nothing where reading it whole is better."""
    longest = max(len(old), len(new))
    if not old or not new or not SHORTEST <= longest <= LONGEST:
        return ()
    before, after = _words(old), _words(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < ALIKE:
        return ()
    return tuple(_told(matcher, before, after))


def _words(text: str) -> list[str]:
    return re.findall(r"\S+\s*|\s+", text)


def _told(matcher: SequenceMatcher[str], before: list[str], after: list[str]) -> Iterator[Piece]:
    codes = matcher.get_opcodes()
    for place, (tag, i1, i2, j1, j2) in enumerate(codes):
        if tag == "equal":
            yield Piece(SAME, _shortened(after[j1:j2], first=place == 0, last=place == len(codes) - 1))
            continue
        if i2 > i1:
            yield Piece(GONE, "".join(before[i1:i2]))
        if j2 > j1:
            yield Piece(NEW, "".join(after[j1:j2]))


def _shortened(words: list[str], first: bool, last: bool) -> str:
    head, tail = ([] if first else words[:AROUND]), ([] if last else words[-AROUND:])
    if len(words) - len(head) - len(tail) < FEWEST:
        return "".join(words)
    return f"{''.join(head)}… {''.join(tail)}"
