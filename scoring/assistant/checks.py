"""Our own gate for answers: what a schema can't tell, in sentences that help to repair it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from metrics import chains
from scoring import formula

if TYPE_CHECKING:
    from scoring.assistant.schemas import MathModelDraft, ParamMetadata

SNAKE = re.compile(r"[a-z][a-z0-9_]*")
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
#: Numbers that convert units or count a whole; every other one belongs into a param.
CONVERSIONS = {0, 1, 2, 7, 12, 24, 30, 52, 60, 100, 365, 1000}


def chain_problems(chain: Sequence[str], targets: Sequence[str]) -> Iterator[str]:
    """It can be read back as it is written, and it ends in one of the active targets."""
    if not chain:
        yield "The chain is empty."
        return
    try:
        if chains.parse(" → ".join(chain)) != [" ".join(link.split()) for link in chain]:
            yield "Each link of the chain must be one metric, without arrows, commas or line breaks."
    except chains.ChainError as error:
        yield str(error)
    if spelled(chain[-1], targets) is None:
        yield f"The chain ends in “{chain[-1]}”; it must end in one of: {', '.join(targets)}."


def draft_problems(draft: MathModelDraft, targets: Sequence[str]) -> Iterator[str]:
    """The formula passes the gate of all formulas; its target is an active one, and its chain leads there."""
    yield from (f"Formula: {error}" for error in formula.check(draft.formula_text))
    target = spelled(draft.target_kpi, targets)
    if target is None:
        yield f"The target KPI “{draft.target_kpi}” is not active; choose one of: {', '.join(targets)}."
    yield from chain_problems(draft.metric_chain, targets if target is None else [target])


def draft_remarks(text: str) -> list[str]:
    """What a person should look at in a formula that can be read: plugged-in numbers, names out of style."""
    script = formula.parse(text)
    said = [
        f"Line {line.number} plugs in {', '.join(found)}; a param would show where that comes from."
        for line in script.lines
        if (found := [n for n in NUMBER.findall(line.source) if float(n) not in CONVERSIONS])
    ]
    odd = [name for name in (*script.identifiers, *script.assigned) if not SNAKE.fullmatch(name)]
    return [*said, f"Not in lower_snake_case: {', '.join(odd)}."] if odd else said


def metadata_problems(names: Sequence[str], params: Iterable[ParamMetadata]) -> Iterator[str]:
    """Exactly these names, each once, with ranges that can be drawn from."""
    given = list(params)
    told = [param.name for param in given]
    if missing := [name for name in names if name not in told]:
        yield f"Missing: {', '.join(missing)}."
    if invented := sorted(set(told) - set(names)):
        yield f"Not asked for: {', '.join(invented)}."
    if twice := sorted({name for name in told if told.count(name) > 1}):
        yield f"More than once: {', '.join(twice)}."
    for param in given:
        yield from _range_problems(param)
        if blank := [what for what in ("display", "unit", "description") if not getattr(param, what)]:
            yield f"{param.name}: {' and '.join(blank)} can't be blank."


def _range_problems(param: ParamMetadata) -> Iterator[str]:
    if (param.min is None) != (param.max is None):
        yield f"{param.name}: a range needs both min and max, or neither."
    elif param.min is not None and param.max is not None:
        if param.min > param.max:
            yield f"{param.name}: min {param.min:g} is above max {param.max:g}."
        elif param.distribution == "lognormal_90" and param.min <= 0:
            yield f"{param.name}: a lognormal range needs a min above 0."


def spelled(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` means, in its own spelling."""
    plain = " ".join(name.split()).casefold()
    return next((each for each in known if each.casefold() == plain), None)
