"""The problem file as plain data: what a run is asked, exactly as it was entered.

One set of classes is the file format, its JSON Schema and what the solver reads. Keys keep the spelling
they were entered with; `fold` is how two spellings are compared.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

ALL = "all"
LARGEST = 1e15  # beyond this a float no longer holds every whole number
SMALLEST = 1e-12  # need that a weighted KPI can be measured against
TOLERANCE = Fraction(1, 10**9)  # "met" means within this times max(1, |need|)

Key = Annotated[
    str,
    StringConstraints(
        strict=True, strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
Name = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=200)]
Value = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, max_length=200)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-LARGEST, le=LARGEST)]
Tokens = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=LARGEST)]
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
Seconds = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=LARGEST)]
Limits = dict[Name, dict[Name, Tokens]]
Scope = Literal["full", "mvp"]


def fold(text: str) -> str:
    """The form in which two spellings of a key or dimension value are the same."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def exact(number: float) -> Fraction:
    """The decimal a person typed, as an exact fraction (0.1 is one tenth, not its binary neighbour)."""
    if number == int(number):
        return Fraction(int(number))
    return Fraction(Decimal(repr(number)))


def plain(number: Fraction | float) -> int | float:
    """A number for JSON: whole numbers without `.0`."""
    return int(number) if number == int(number) else float(number)


def spoken(number: Fraction | Decimal | float) -> str:
    """A number as people read it and may type it: `1,497,938`, `0.25`; at most twelve digits that count."""
    text = f"{float(number):,.{decimals(float(number))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals(number: float) -> int:
    whole = len(str(int(abs(number)))) if abs(number) >= 1 else 0
    return max(0, 12 - whole)


class Part(BaseModel):
    """Base of every object in the file: unknown fields are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Candidate(Part):
    """An initiative that may be chosen; contributions in native KPI units, positive = better."""

    key: Key
    tokens: Tokens | None
    contributions: dict[Name, Number] = {}
    dimensions: dict[Name, Value | None] = {}
    scope_mode: Literal["full", "mvp", "auto"] = "full"
    tokens_mvp: Tokens | None = None
    mvp_value_share: Share | None = None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The variants the optimizer may take, at most one of them."""
        if self.scope_mode == "mvp":
            return ("mvp",)
        if self.scope_mode == "full" or self.tokens_mvp is None:
            return ("full",)
        return ("full", "mvp") if self.tokens is not None else ("mvp",)

    def tokens_for(self, scope: Scope) -> Fraction:
        """Tokens this candidate costs in that scope."""
        return exact((self.tokens if scope == "full" else self.tokens_mvp) or 0)

    def share_for(self, scope: Scope) -> Fraction:
        """The part of each contribution that this scope keeps."""
        return Fraction(1) if scope == "full" else exact(self.mvp_value_share or 0)


class Kpi(Part):
    """A KPI of the organisation; `unit` is only shown."""

    key: Name
    level: Literal["north_star", "strategic", "operational"] = "strategic"
    unit: str | None = None


class Objective(Part):
    """What is maximised; `scope` is `all` or `dimension:key`."""

    mode: Literal["north_star", "weighted_kpis", "lexicographic"] = "north_star"
    scope: Name = ALL
    weights: dict[Name, Tokens] = {}
    lexicographic_order: list[Name] = []

    @property
    def place(self) -> tuple[str, str]:
        """(dimension, dimension key) of the scope, folded."""
        if fold(self.scope) == ALL:
            return ALL, ALL
        dimension, _, key = self.scope.partition(":")
        return fold(dimension), fold(key)


class Bundle(Part):
    """All members or none."""

    key: Name | None = None
    members: list[Name] = Field(min_length=1)


class Synergy(Part):
    """Extra contribution to one KPI when all members (or at least `min_members`) are in."""

    key: Name | None = None
    members: list[Name] = Field(min_length=1)
    min_members: Annotated[int, Field(strict=True, ge=1)] | None = None
    kpi: Name
    bonus: Number


class Constraints(Part):
    """Caps and floors are `{dimension: {dimension key: tokens}}`; prerequisites `{dependent: [required]}`."""

    caps: Limits = {}
    floors: Limits = {}
    mandatory: list[Name] = []
    excluded: list[Name] = []
    exclusion_pairs: list[Annotated[list[Name], Field(min_length=2, max_length=2)]] = []
    bundles: list[Bundle] = []
    prerequisites: dict[Name, list[Name]] = {}
    synergies: list[Synergy] = []


class Target(Part):
    """With a baseline the target is absolute and the need is the difference."""

    dimension: Name = ALL
    dimension_key: Name = ALL
    kpi: Name
    target: Number
    baseline: Number | None = None
    type: Literal["floor", "goal"] = "floor"

    @property
    def need(self) -> Fraction:
        """The required increment, in the KPI's unit."""
        return exact(self.target) - exact(self.baseline or 0)

    @property
    def slack(self) -> Fraction:
        """How far below the need still counts as met."""
        return TOLERANCE * max(Fraction(1), abs(self.need))

    @property
    def place(self) -> tuple[str, str]:
        """(dimension, dimension key), folded."""
        return fold(self.dimension), fold(self.dimension_key)


class Options(Part):
    """Budgets. Only the deterministic one may decide an answer; the wall clock is a safety stop."""

    deterministic_seconds: Seconds = 30
    wall_seconds: Seconds = 120
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] = 0


class Problem(Part):
    """Everything the optimizer may know. `capacity_total` None = unlimited."""

    candidates: list[Candidate]
    kpis: list[Kpi] = []
    objective: Objective = Objective()
    capacity_total: Tokens | None = None
    constraints: Constraints = Constraints()
    targets: list[Target] = []
    options: Options = Options()


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901) into the problem."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def limits(sides: Limits) -> Iterator[tuple[str, str, float]]:
    """Every (dimension, dimension key, tokens) of a caps or floors table, in a stable order."""
    for dimension in sorted(sides):
        for key in sorted(sides[dimension]):
            yield dimension, key, sides[dimension][key]


def unique(names: Iterable[str]) -> list[str]:
    """The names without repetitions (by `fold`), first spelling kept, order kept."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(fold(name), name)
    return list(first.values())


def to_json(problem: Problem) -> dict[str, Any]:
    """The complete problem as plain JSON data, defaults written out; `read_problem` reads it back."""
    return problem.model_dump(mode="json")


def inputs_hash(problem: Problem) -> str:
    """sha256 of everything that can change the answer, in an order that does not depend on the file's."""
    data = to_json(problem)
    data["options"].pop("wall_seconds")
    data["candidates"].sort(key=lambda candidate: candidate["key"])
    rules = data["constraints"]
    for name in ("mandatory", "excluded"):
        rules[name] = sorted(set(rules[name]))
    rules["exclusion_pairs"] = sorted({tuple(sorted(pair)) for pair in rules["exclusion_pairs"]})
    rules["prerequisites"] = {key: sorted(set(needed)) for key, needed in rules["prerequisites"].items()}
    for name in ("bundles", "synergies"):
        for rule in rules[name]:
            rule["members"] = sorted(set(rule["members"]))
        rules[name].sort(key=canonical)
    data["targets"].sort(key=canonical)
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def canonical(data: Any) -> str:
    """One spelling of JSON data: sorted keys, no spaces."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def schema() -> dict[str, Any]:
    """The JSON Schema of a problem file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Problem.model_json_schema()}
