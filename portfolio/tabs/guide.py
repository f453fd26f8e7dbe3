"""The column guide: what every column of every tab means, written from the declaration."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.tabs import registry
from portfolio.tabs.columns import By, Column
from portfolio.tabs.gate import entry_tab
from portfolio.tabs.tab import Tab

HEAD = """# Column guide

Written by `manage.py column_guide` from the declarations; change a column in its tab, not here.
"""
ENTERED = {By.PM: "people", By.LLM: "the LLM", By.LLM_THEN_PM: "people; the LLM may fill a blank"}


def markdown() -> str:
    """The whole guide."""
    return "\n".join([HEAD, *(line for tab in registry.tabs() for line in tab_guide(tab))])


def tab_guide(tab: Tab) -> Iterator[str]:
    yield f"## {tab.title}\n"
    yield f"`{tab.name}` in the workbook `{tab.workbook}`. {tab.help}\n"
    yield "| Column | Type | Entered by | Meaning | Also read as |"
    yield "|---|---|---|---|---|"
    for column in tab.columns:
        aliases = ", ".join(f"`{alias}`" for alias in column.aliases)
        cells = (f"`{column.name}`", kind(column), entered_by(column), column.help, aliases)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def kind(column: Column) -> str:
    """The type with its limits and choices, in words."""
    said = [column.type_name, *limits(column)]
    if column.unit:
        said.append(f"in {column.unit}")
    return ", ".join(said)


def limits(column: Column) -> Iterator[str]:
    static = getattr(column.place.field, "choices", None) if column.stored else None
    if static:
        yield "one of " + ", ".join(str(value) for value, _ in static)
    for words, name in (("above", "above"), ("from", "min"), ("to", "max")):
        limit = getattr(column, name, None)
        if limit is not None:
            yield f"{words} {limit:g}"


def entered_by(column: Column) -> str:
    """Who enters the column, or where."""
    where = entry_tab(column)
    if where:
        return f"shown; entered on {where.title}"
    return ENTERED.get(column.by, "Lodestar")
