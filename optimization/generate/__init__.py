"""Seeded problem files of any size, for measuring the solver; the same arguments give the same file."""

from .knapsacks import knapsack
from .quarters import problem
from .releases import CLASSIC, nrp

__all__ = ["CLASSIC", "knapsack", "nrp", "problem"]
