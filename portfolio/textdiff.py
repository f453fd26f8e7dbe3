"""What was changed in a text: a long one word by word, a script line by line. Pure."""

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
LONGEST_LINE = 300  # characters; of a longer line only the whole is compared
SAME, GONE, NEW = "same", "gone", "new"


@dataclass(frozen=True)
class Piece:
    """``kind``: same, gone or new."""

    kind: str
    text: str


@dataclass(frozen=True)
class Line:
    """``kind``: same, gone or new. Its pieces say which part of it is gone or new."""

    kind: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


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


def lines(old: str, new: str) -> tuple[Line, ...]:
    """All lines of both scripts: what both have, what only ``old`` has (gone), what only ``new`` has."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Line] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += (_whole(SAME, text) for text in after[j1:j2])
        else:
            found += _replaced(before[i1:i2], after[j1:j2])
    return tuple(found)


def _replaced(before: list[str], after: list[str]) -> list[Line]:
    """Gone lines, then new ones; a line that was only edited is marked where it was."""
    gone = [_whole(GONE, text) for text in before]
    new = [_whole(NEW, text) for text in after]
    for at, (old_line, new_line) in enumerate(zip(before, after, strict=False)):
        gone[at], new[at] = _edited(old_line, new_line)
    return [*gone, *new]


def _edited(old: str, new: str) -> tuple[Line, Line]:
    if max(len(old), len(new)) > LONGEST_LINE:
        return _whole(GONE, old), _whole(NEW, new)
    before, after = _tokens(old), _tokens(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < ALIKE:
        return _whole(GONE, old), _whole(NEW, new)
    codes = matcher.get_opcodes()
    gone = (_piece(tag, GONE, before[i1:i2]) for tag, i1, i2, _, _ in codes)
    fresh = (_piece(tag, NEW, after[j1:j2]) for tag, _, _, j1, j2 in codes)
    return Line(GONE, _filled(gone)), Line(NEW, _filled(fresh))


def _tokens(line: str) -> list[str]:
    return re.findall(r"\w+\s*|[^\w\s]\s*|\s+", line)


def _piece(tag: str, kind: str, tokens: list[str]) -> Piece:
    return Piece(SAME if tag == "equal" else kind, "".join(tokens))


def _filled(found: Iterator[Piece]) -> tuple[Piece, ...]:
    return tuple(piece for piece in found if piece.text)


def _whole(kind: str, text: str) -> Line:
    return Line(kind, (Piece(kind, text),))
