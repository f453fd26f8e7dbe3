"""The demo's data files, as plain dicts."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
Row = dict[str, Any]


def table(name: str, key: str) -> Any:
    """What ``data/<name>.toml`` says under ``key``."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))[key]


def initiatives() -> list[Row]:
    """Every initiative, department by department."""
    files = sorted(path.stem for path in (DATA / "initiatives").glob("*.toml"))
    return [row for name in files for row in table(f"initiatives/{name}", "initiative")]


def requester(person: str) -> Row:
    """What Intake asks about the person behind a short name."""
    name, team, department = table("organisation", "people")[person]
    return {
        "requester_name": name,
        "requester_email": f"{_plain(name).replace(' ', '.')}@kobbel.example",
        "requesting_team": team,
        "department": department,
    }


def _plain(name: str) -> str:
    return name.casefold().translate(str.maketrans("łńêáí", "lneai"))
