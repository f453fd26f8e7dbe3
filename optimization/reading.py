"""Reading a problem: every mistake at once, each with the place (JSON pointer) and what would be right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from .problem import ALL, SMALLEST, Problem, fold, limits, pointer, spoken

Error = dict[str, str]  # {"pointer": …, "text": …}
DIGITS = 300  # from which a whole number is beyond every limit, and slow to read


class ProblemInvalid(ValueError):  # noqa: N818 - named for what is wrong, as a PM would say it
    """The problem cannot be asked; `errors` lists every reason as {pointer, text}."""

    def __init__(self, errors: list[Error]) -> None:
        self.errors = [{name: writable(text) for name, text in error.items()} for error in errors]
        super().__init__("\n".join(f"{error['pointer'] or '/'}: {error['text']}" for error in errors))


def writable(text: str) -> str:
    """The text with halves of characters, which no file can hold, spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def read_text(text: str) -> Problem:
    """Reads a problem from JSON text. Raises ProblemInvalid."""
    repeated: list[Error] = []

    def as_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        counts = Counter(key for key, _ in pairs)
        repeated.extend(
            {"pointer": "", "text": f"the field “{key}” is written {n} times in one object; keep one of them"}
            for key, n in counts.items()
            if n > 1
        )
        return dict(pairs)

    try:
        data = json.loads(text, object_pairs_hook=as_dict, parse_int=whole)
    except RecursionError:
        raise too_deep() from None
    except ValueError as error:
        raise ProblemInvalid([{"pointer": "", "text": f"this is not JSON: {error}"}]) from None
    if repeated:
        raise ProblemInvalid(repeated)
    return read_problem(data)


def whole(digits: str) -> int | float:
    """A whole number of the file; Infinity where no number of the problem could be that large."""
    return int(digits) if len(digits) < DIGITS else float(digits)


def too_deep() -> ProblemInvalid:
    text = "lists and objects lie too deep in each other; a problem file is six levels deep at most"
    return ProblemInvalid([{"pointer": "", "text": text}])


def read_problem(data: Any) -> Problem:
    """Reads a problem from plain data (the problem file, already parsed). Raises ProblemInvalid."""
    try:
        return validated(data)
    except RecursionError:
        raise too_deep() from None


def validated(data: Any) -> Problem:
    if not isinstance(data, dict):
        raise ProblemInvalid([{"pointer": "", "text": "the problem must be one JSON object"}])
    twins = list(same_key_twice(data))
    try:
        problem = Problem.model_validate(data)
    except ValidationError as error:
        found = [in_words(fault) for fault in error.errors()]
        raise ProblemInvalid(twins + found + beyond(data, error)) from None
    errors = twins + list(contradictions(problem))
    if errors:
        raise ProblemInvalid(errors)
    return problem


def beyond(data: dict[str, Any], error: ValidationError) -> list[Error]:
    """What else is wrong once the cells of a wrong type are left out, where that leaves a problem to read."""
    rest = deepcopy(data)
    for fault in error.errors():
        leave_out(rest, fault["loc"])
    try:
        problem = Problem.model_validate(rest)
    except ValidationError:
        return []
    told = {in_words(fault)["pointer"] for fault in error.errors()}
    return [error for error in contradictions(problem) if error["pointer"] not in told]


def leave_out(data: Any, place: tuple[str | int, ...]) -> None:
    *way, last = place
    for step in way:
        data = data[step]
    if last == "tokens":
        data[last] = None
    elif isinstance(data, dict):
        data.pop(last, None)


def same_key_twice(data: Any, *path: str | int) -> Iterator[Error]:
    """Fields of one object that are the same key in two spellings, anywhere in the file."""
    if isinstance(data, dict):
        seen: dict[str, str] = {}
        for key, value in data.items():
            if (first := seen.setdefault(fold(str(key)), key)) != key:
                yield {"pointer": pointer(*path, key), "text": f"“{key}” and “{first}” are the same key"}
            yield from same_key_twice(value, *path, key)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            if isinstance(value, dict | list):
                yield from same_key_twice(value, *path, index)


WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a field of the problem file; check its spelling",
    "finite_number": "must be a finite number, not NaN or Infinity, and no larger than 1e15",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "string_type": "must be text",
    "string_unicode": "must be text in Unicode characters",
    "string_pattern_mismatch": "must be one line of text without control characters",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "string_too_short": "must not be blank",
    "string_too_long": "must not be longer than {max_length} characters",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
    "too_short": "needs at least {min_length} entries, has {actual_length}",
    "too_long": "takes at most {max_length} entries, has {actual_length}",
}


def in_words(error: Any) -> Error:
    """One pydantic error in a PM's words."""
    limits = {name: plain_limit(value) for name, value in error.get("ctx", {}).items()}
    text = WORDS.get(error["type"], error["msg"]).format(**limits)
    place = [part for part in error["loc"] if part != "[key]"]
    if is_endless(error):
        return {"pointer": pointer(*place), "text": f"{place[-1]} {WORDS['finite_number']}"}
    if error["type"] not in ("missing", "extra_forbidden") and isinstance(error["input"], str | int | float):
        text += f", not {shown(error['input'])}"
    return {"pointer": pointer(*place), "text": f"{place[-1] if place else 'problem'} {text}"}


def is_endless(error: Any) -> bool:
    """Whether a number is infinite, none, or one that no float can hold."""
    return error["type"] == "finite_number" or (error["type"] == "float_type" and type(error["input"]) is int)


def plain_limit(value: Any) -> Any:
    return spoken(value) if isinstance(value, float) else value


def shown(value: Any) -> str:
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of that many digits"
    return f"“{value[:60]}”" if isinstance(value, str) else str(value)[:60]


def contradictions(problem: Problem) -> Iterator[Error]:
    """What a schema cannot say: references to nothing, things named twice, weights without a scale."""
    yield from named_twice("candidate", "candidates", [candidate.key for candidate in problem.candidates])
    yield from named_twice("KPI", "kpis", [kpi.key for kpi in problem.kpis])
    yield from levels(problem)
    yield from scopes_without_numbers(problem)
    yield from unknown_candidates(problem)
    yield from unknown_kpis(problem)
    yield from senseless_rules(problem)
    yield from targets_named_twice(problem)
    yield from bad_objective(problem)


def named_twice(what: str, place: str, keys: list[str]) -> Iterator[Error]:
    first: dict[str, int] = {}
    for index, key in enumerate(keys):
        before = first.setdefault(fold(key), index)
        if before != index:
            yield {
                "pointer": pointer(place, index, "key"),
                "text": f"{what} {key} is already listed as number {before + 1}; keys must be unique",
            }


def levels(problem: Problem) -> Iterator[Error]:
    stars = [kpi.key for kpi in problem.kpis if kpi.level == "north_star"]
    if len(stars) > 1:
        text = f"only one KPI can be the north star, not {len(stars)}: {', '.join(stars)}"
        yield {"pointer": "/kpis", "text": text}


def scopes_without_numbers(problem: Problem) -> Iterator[Error]:
    for index, candidate in enumerate(problem.candidates):
        if "mvp" in candidate.scopes:
            for field in ("tokens_mvp", "mvp_value_share"):
                if getattr(candidate, field) is None:
                    text = f"{candidate.key} may be built as an MVP, so {field} is required"
                    yield {"pointer": pointer("candidates", index, field), "text": text}
        if candidate.tokens is None and "full" in candidate.scopes:
            text = f"{candidate.key} may be built in full, so tokens is required"
            yield {"pointer": pointer("candidates", index, "tokens"), "text": text}


def unknown_candidates(problem: Problem) -> Iterator[Error]:
    known = {fold(candidate.key) for candidate in problem.candidates}
    for place, key in candidate_references(problem):
        if fold(key) not in known:
            yield {"pointer": pointer(*place), "text": f"{key} is not the key of a candidate"}


def candidate_references(problem: Problem) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every place where a constraint names a candidate."""
    rules = problem.constraints
    yield from listed(("constraints", "mandatory"), rules.mandatory)
    yield from listed(("constraints", "excluded"), rules.excluded)
    for index, pair in enumerate(rules.exclusion_pairs):
        yield from listed(("constraints", "exclusion_pairs", index), pair)
    for index, bundle in enumerate(rules.bundles):
        yield from listed(("constraints", "bundles", index, "members"), bundle.members)
    for index, synergy in enumerate(rules.synergies):
        yield from listed(("constraints", "synergies", index, "members"), synergy.members)
    for dependent, required in rules.prerequisites.items():
        yield ("constraints", "prerequisites", dependent), dependent
        yield from listed(("constraints", "prerequisites", dependent), required)


def listed(place: tuple[str | int, ...], keys: Iterable[str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    return (((*place, index), key) for index, key in enumerate(keys))


def unknown_kpis(problem: Problem) -> Iterator[Error]:
    known = {fold(kpi.key) for kpi in problem.kpis}
    for place, key in kpi_references(problem):
        if fold(key) not in known:
            yield {"pointer": pointer(*place), "text": f"{key} is not one of the problem's KPIs"}


def kpi_references(problem: Problem) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every place where a KPI is named."""
    for index, candidate in enumerate(problem.candidates):
        for key in candidate.contributions:
            yield ("candidates", index, "contributions", key), key
    for index, synergy in enumerate(problem.constraints.synergies):
        yield ("constraints", "synergies", index, "kpi"), synergy.kpi
    for index, target in enumerate(problem.targets):
        yield ("targets", index, "kpi"), target.kpi
    for key in problem.objective.weights:
        yield ("objective", "weights", key), key
    yield from listed(("objective", "lexicographic_order"), problem.objective.lexicographic_order)


def senseless_rules(problem: Problem) -> Iterator[Error]:
    for table in ("caps", "floors"):
        for dimension, key, _ in limits(getattr(problem.constraints, table)):
            if fold(dimension) == ALL and fold(key) != ALL:
                place = pointer("constraints", table, dimension, key)
                yield {"pointer": place, "text": f"the dimension all has one value, all, not {key}"}
    for index, (one, other) in enumerate(problem.constraints.exclusion_pairs):
        if fold(one) == fold(other):
            place = pointer("constraints", "exclusion_pairs", index)
            yield {"pointer": place, "text": f"{one} cannot exclude itself; name two different initiatives"}
    for index, synergy in enumerate(problem.constraints.synergies):
        members = len({fold(key) for key in synergy.members})
        if (synergy.min_members or 1) > members:
            text = f"min_members is {synergy.min_members}, but the synergy has {members} members"
            yield {"pointer": pointer("constraints", "synergies", index, "min_members"), "text": text}


def targets_named_twice(problem: Problem) -> Iterator[Error]:
    seen: dict[tuple[str, ...], int] = {}
    for index, target in enumerate(problem.targets):
        first = seen.setdefault((*target.place, fold(target.kpi)), index)
        if first != index:
            where = f"{target.dimension} {target.dimension_key}"
            text = f"{target.kpi} for {where} already has target number {first + 1}; keep one of them"
            yield {"pointer": pointer("targets", index), "text": text}


def bad_objective(problem: Problem) -> Iterator[Error]:
    objective = problem.objective
    dimension, key = objective.place
    if not dimension or not key:
        text = f"scope must be all or dimension:key (such as market:UK), not “{objective.scope}”"
        yield {"pointer": "/objective/scope", "text": text}
    operational = {fold(kpi.key) for kpi in problem.kpis if kpi.level == "operational"}
    for name in objective.weights:
        if fold(name) in operational:
            text = f"{name} is operational; only north star and strategic KPIs can carry a weight"
            yield {"pointer": pointer("objective", "weights", name), "text": text}
    if objective.mode == "weighted_kpis":
        yield from bad_weights(problem)


def bad_weights(problem: Problem) -> Iterator[Error]:
    positive = {name for name, weight in problem.objective.weights.items() if weight > 0}
    if not positive:
        text = "weighted_kpis needs at least one weight above 0"
        yield {"pointer": "/objective/weights", "text": text}
    needs = {fold(t.kpi): t.need for t in problem.targets if t.place == problem.objective.place}
    where = "" if problem.objective.place == (ALL, ALL) else f" for {problem.objective.scope}"
    for name in sorted(positive):
        if needs.get(fold(name), 0) < SMALLEST and someone_contributes(problem, name):
            least = "above 0" if needs.get(fold(name), 0) <= 0 else f"of {SMALLEST:g} or more"
            text = f"{name} has a weight but no target{where} with a need {least} to be measured against"
            yield {"pointer": pointer("objective", "weights", name), "text": f"{text}; add one on Targets"}


def someone_contributes(problem: Problem, kpi: str) -> bool:
    """Whether any candidate or synergy brings that KPI anything within the objective's scope."""
    dimension, key = problem.objective.place
    inside = [c for c in problem.candidates if is_inside(c.dimensions, dimension, key)]
    if any(value and fold(name) == fold(kpi) for c in inside for name, value in c.contributions.items()):
        return True
    keys = {fold(candidate.key) for candidate in inside}
    return any(
        fold(synergy.kpi) == fold(kpi) and synergy.bonus and all(fold(m) in keys for m in synergy.members)
        for synergy in problem.constraints.synergies
    )


def is_inside(dimensions: dict[str, str | None], dimension: str, key: str) -> bool:
    """Whether a candidate lies inside a (folded) dimension value; everything lies inside `all`."""
    if dimension == ALL:
        return key == ALL
    return any(fold(name) == dimension and fold(value or "") == key for name, value in dimensions.items())
