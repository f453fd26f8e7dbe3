"""Scoring Inputs, Math Models and Params: what initiatives are scored from."""

# Imported in the workbook's order, which is the order of the tabs.
from scoring.tabs import scoring_inputs, math_models, params  # noqa: F401, I001 - registers them
