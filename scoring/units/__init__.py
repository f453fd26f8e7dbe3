"""Whether the units of a formula fit together. Pure.

Units are free text, so much of what people write says nothing here. A warning is given only where the units
of everything involved are known; it never blocks.
"""

from scoring.units.reading import Unit, currency_of, parse
from scoring.units.warnings import Given, unit_warnings

__all__ = ["Given", "Unit", "currency_of", "parse", "unit_warnings"]
