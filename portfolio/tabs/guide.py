"""The column guide: what every column of every tab means, written from the declaration."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.tabs import registry, wording
from portfolio.tabs.columns import Column
from portfolio.tabs.tab import Tab

HEAD = """# Column guide

Written by `manage.py column_guide` from the declarations; change a column in its tab, not here.
"""


def markdown() -> str:
    """The whole guide."""
    return "\n".join([HEAD, *(line for tab in registry.tabs() for line in tab_guide(tab))])


def tab_guide(tab: Tab) -> Iterator[str]:
    yield f"## {tab.title}\n"
    yield f"`{tab.name}` in the workbook `{tab.workbook}`. {tab.help}\n"
    yield "| Column | Value | Who | Meaning | Also read as |"
    yield "|---|---|---|---|---|"
    for column in tab.columns:
        aliases = ", ".join(f"`{alias}`" for alias in column.aliases)
        cells = (f"`{column.name}`", kind(column), wording.who_enters(column), column.help, aliases)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def kind(column: Column) -> str:
    """The type with its unit, limits and choices, in words."""
    said = [wording.KINDS[column.type_name], wording.limits(column)]
    said.append(f"in {column.unit}" if column.unit else "")
    return ", ".join(filter(None, said)) + _choices(column)


def _choices(column: Column) -> str:
    # Only what the declaration itself offers: the guide doesn't depend on anyone's data.
    offered = getattr(column.place.field, "choices", None) if column.stored else None
    return ": " + ", ".join(f"`{value}`" for value, _ in offered) if offered else ""
