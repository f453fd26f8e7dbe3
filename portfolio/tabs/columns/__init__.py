"""Column types: how a value is read from a cell, shown, stored and entered. One class per kind of value."""

from portfolio.tabs.columns.base import By, Column
from portfolio.tabs.columns.elsewhere import Computed, Ref, Shown
from portfolio.tabs.columns.kinds import Boolean, Choice, Date, Json, Keys, Moment
from portfolio.tabs.columns.numbers import Fraction, Integer, Number
from portfolio.tabs.columns.text import Email, LongText, Script, Text

__all__ = [
    "Boolean",
    "By",
    "Choice",
    "Column",
    "Computed",
    "Date",
    "Email",
    "Fraction",
    "Integer",
    "Json",
    "Keys",
    "LongText",
    "Moment",
    "Number",
    "Ref",
    "Script",
    "Shown",
    "Text",
]
