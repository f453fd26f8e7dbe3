"""The prompts: readable files beside this module, each with a version line. Pure."""

from __future__ import annotations

import json
from functools import cache
from hashlib import blake2b
from pathlib import Path
from string import Template
from typing import Any

from scoring.assistant.client import Message

FOLDER = Path(__file__).parent / "prompts"
RULES, REPAIR = "rules", "repair"


@cache
def _file(name: str) -> tuple[str, str]:
    """The version and the text of one file."""
    first, _, text = (FOLDER / f"{name}.md").read_text(encoding="utf-8").partition("\n")
    return first.removeprefix("version:").strip(), text.strip()


@cache
def version(name: str) -> str:
    """Such as ``math_model 1.1 a3f09c``: the task's and the rules' version, and a digest of both texts."""
    (rules, rules_text), (task, text) = _file(RULES), _file(name)
    digest = blake2b((rules_text + text).encode(), digest_size=3).hexdigest()
    return f"{name} {task}.{rules} {digest}"


def messages(name: str, data: dict[str, Any]) -> list[Message]:
    """The question of task ``name`` about ``data`` (JSON-ready; its texts come from cells)."""
    return [
        {"role": "system", "content": f"{_file(RULES)[1]}\n\n{_file(name)[1]}"},
        {"role": "user", "content": f"<data>\n{quoted(data)}\n</data>"},
    ]


def repair(asked: list[Message], answer: str, problems: str) -> list[Message]:
    """The same question with the answer it got and what is wrong with that."""
    wrong = Template(_file(REPAIR)[1]).substitute(problems=problems)
    return [*asked, {"role": "assistant", "content": answer}, {"role": "user", "content": wrong}]


def quoted(data: dict[str, Any]) -> str:
    """As JSON in which no text can end the data: angle brackets are escaped."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return text.replace("<", "\\u003c").replace(">", "\\u003e")
