"""The formula language: a script of `name = expression` lines, read, checked and computed.

Knows no Django. The text passes two gates of our own (`text`, then `syntax`) before asteval computes it
(`evaluate`).
"""

from scoring.formula.answer import answer, answer_line
from scoring.formula.errors import KINDS, FormulaError, Kind
from scoring.formula.evaluate import evaluate, param_errors
from scoring.formula.script import Line, Script, check, parse

__all__ = [
    "KINDS",
    "FormulaError",
    "Kind",
    "Line",
    "Script",
    "answer",
    "answer_line",
    "check",
    "evaluate",
    "param_errors",
    "parse",
]
