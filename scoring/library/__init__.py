"""The library of formula templates: one readable TOML file each, with params that have units but no values.

A file says ``name``, ``kind``, ``when`` to use it, ``how`` the effect comes about, the typical ``chain``, the
``formula``, its ``assumptions``, and in the order the formula reads them the ``params``. ``{currency}`` in a
unit and ``{target}`` in the chain stand for what the organisation and the model say. Pure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CURRENCY, TARGET = "{currency}", "{target}"


class UnknownTemplateError(LookupError):
    """The library has no such template; the message says so."""


@dataclass(frozen=True)
class Described:
    """What the library says of a param. ``source``: who usually owns the number."""

    label: str
    unit: str
    source: str
    distribution: str
    description: str


@dataclass(frozen=True)
class Template:
    """One formula to start from."""

    slug: str
    name: str
    kind: str
    when: str
    how: str
    chain: tuple[str, ...]
    formula: str
    assumptions: str
    params: Mapping[str, Described]

    def chain_to(self, target: str) -> tuple[str, ...]:
        """Its chain, ending at ``target``; where there is none yet, at what leads to it."""
        links = (target if link == TARGET else link for link in self.chain)
        return tuple(link for link in links if link)

    def unit_of(self, param: str, currency: str) -> str:
        return self.params[param].unit.replace(CURRENCY, currency)


@cache
def templates() -> tuple[Template, ...]:
    """Every template, by kind and name."""
    found = (_read(path) for path in Path(__file__).parent.glob("*.toml"))
    return tuple(sorted(found, key=lambda template: (template.kind, template.name)))


def template(slug: str) -> Template:
    """Raises UnknownTemplateError."""
    for found in templates():
        if found.slug == slug:
            return found
    raise UnknownTemplateError(f"The library has no template “{slug}”.")


def search(text: str) -> list[Template]:
    """The templates that say every word of ``text`` somewhere."""
    words = text.casefold().split()
    return [found for found in templates() if all(word in _all_of(found) for word in words)]


def _read(path: Path) -> Template:
    said = tomllib.loads(path.read_text("utf-8"))
    said["chain"] = tuple(said["chain"])
    said["formula"], said["assumptions"] = said["formula"].strip(), said["assumptions"].strip()
    said["params"] = {name: Described(**described) for name, described in said["params"].items()}
    return Template(slug=path.stem, **said)


def _all_of(template: Template) -> str:
    described = (f"{name} {param.label} {param.description}" for name, param in template.params.items())
    said = (template.name, template.kind, template.when, template.how, *template.chain, *described)
    return " ".join(said).casefold()
