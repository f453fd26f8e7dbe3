"""The math-model studio: one page per initiative, to work on its formulas, their params and their values."""
