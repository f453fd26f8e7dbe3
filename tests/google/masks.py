"""Field masks: ``sheets(properties(sheetId,title),data.rowData.values.note)``, ``*``, ``a/b``."""

from __future__ import annotations

import re
from typing import Any

from tests.google.errors import PayloadError

Mask = dict[str, Any]
"""Wanted names; an empty mask wants everything below."""

TOKEN = re.compile(r"[\w$*]+|[.,/()]")


def parse(text: str) -> Mask:
    """Raises: GoogleError 400 for a mask that cannot be read."""
    tokens = TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise unreadable(text)
    mask, rest = _list(tokens, text)
    if rest:
        raise unreadable(text)
    return mask


def unreadable(text: str) -> PayloadError:
    problem = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{text}'."
    return PayloadError("fields", problem, "Request contains an invalid argument.")


def _list(tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        path, below, tokens = _path(tokens, text)
        _add(mask, path, below)
        if not tokens or tokens[0] != ",":
            return ({} if "*" in mask else mask), tokens
        tokens = tokens[1:]


def _path(tokens: list[str], text: str) -> tuple[list[str], Mask, list[str]]:
    path: list[str] = []
    while tokens and tokens[0] not in ".,/()":
        path.append(tokens[0])
        tokens = tokens[1:]
        if tokens and tokens[0] == "(":
            below, tokens = _list(tokens[1:], text)
            if not tokens or tokens[0] != ")":
                raise unreadable(text)
            return path, below, tokens[1:]
        if not tokens or tokens[0] not in "./":
            return path, {}, tokens
        tokens = tokens[1:]
    raise unreadable(text)


def _add(mask: Mask, path: list[str], below: Mask) -> None:
    *parents, last = path
    for name in parents:
        if name in mask and not mask[name]:
            return  # everything below is wanted already
        mask = mask.setdefault(name, {})
    mask[last] = merged(mask[last], below) if last in mask else below


def merged(one: Mask, other: Mask) -> Mask:
    if not one or not other:
        return {}
    both = {name: merged(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **both}


def wants(mask: Mask | None, *path: str) -> bool:
    """Whether ``mask`` (None: no mask) asks for what is at ``path`` or below."""
    for name in path:
        if not mask:
            return True
        if name not in mask:
            return False
        mask = mask[name]
    return True


def below(mask: Mask | None, *path: str) -> Mask:
    """The mask for what is at ``path``; only where ``wants`` says so."""
    for name in path:
        if not mask:
            return {}
        mask = mask[name]
    return mask or {}


def picked(resource: Any, mask: Mask | None) -> Any:
    """``resource`` with only what ``mask`` wants, in the resource's own order."""
    if not mask:
        return resource
    if isinstance(resource, list):
        return [picked(each, mask) for each in resource]
    if not isinstance(resource, dict):
        return resource
    return {name: picked(each, mask[name]) for name, each in resource.items() if name in mask}


def written(target: dict[str, Any], source: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """``target`` with what ``mask`` names taken from ``source``; what the source lacks is cleared."""
    if not mask:
        return {name: each for name, each in source.items() if each is not None}
    result = dict(target)
    for name, rest in mask.items():
        each = source.get(name)
        if rest:
            each = written(target.get(name) or {}, each or {}, rest)
        if each is None or each == {}:
            result.pop(name, None)
        else:
            result[name] = each
    return result
