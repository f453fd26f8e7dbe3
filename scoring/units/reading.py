"""What people write as a unit: ``GBP/order``, ``sessions per month``, ``%``, ``fraction``, ``€ monthly``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

MONEY, TIME, THING, PERCENT = "money", "time", "thing", "percent"
#: Money of a currency that nobody has named yet, and the sign that several currencies share.
SOME_CURRENCY, DOLLAR = "currency", "$"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHARES = frozenset({"fraction", "ratio", "share", "proportion", "probability"})
_PERCENTS = frozenset({"%", "percent", "pct", "percentage"})
_SIGNS = {"€": "EUR", "£": "GBP", "$": DOLLAR, "us$": "USD", "euro": "EUR", "euros": "EUR", "dollars": DOLLAR}
_CODES = _words(
    "AED AUD BGN BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NOK NZD PHP PLN RON SAR "
    "SEK SGD THB USD VND ZAR"
)
DOLLARS = frozenset({"AUD", "CAD", "HKD", "NZD", "SGD", "USD", "MXN"})
_TIMES = {
    "second": ("seconds", "sec", "secs"),
    "minute": ("minutes", "min", "mins"),
    "hour": ("hours", "h", "hr", "hrs"),
    "day": ("days", "d", "daily"),
    "week": ("weeks", "wk", "weekly"),
    "month": ("months", "mo", "mth", "monthly"),
    "quarter": ("quarters", "quarterly"),
    "year": ("years", "yr", "yrs", "annum", "yearly", "annual", "annually", "p.a.", "pa"),
}
_TIME_OF = {word: name for name, others in _TIMES.items() for word in (name, *others)}
_ADVERBS = frozenset(word for word in _TIME_OF if word.endswith("ly") or word in ("annual", "p.a.", "pa"))
#: Nouns that are surely no money, in the plural. Any other word says nothing.
_NOUNS = _words(
    "accounts alerts appointments bookings calls campaigns cases claims clicks contacts contracts count "
    "customers deliveries devices downloads emails employees errors events hires impressions incidents "
    "installs invoices items launches leads licences licenses listings logins members merchants messages "
    "orders outages packages pages parcels partners passengers payments people pieces products purchases "
    "queries referrals releases renewals requests rides seats searches sellers sessions shipments shoppers "
    "sign-ups signups sites stores subscribers subscriptions tasks tickets transactions trials trips units "
    "users vehicles views visitors visits"
)
_IDLE = _words("net gross total average avg new active unique")


@dataclass(frozen=True)
class Unit:
    """Powers of what it is made of: ``((MONEY, "GBP"), 1), ((TIME, "month"), -1)``. Without any: a share."""

    powers: tuple[tuple[tuple[str, str], int], ...] = ()

    @classmethod
    def of(cls, powers: Mapping[tuple[str, str], int]) -> Unit:
        return cls(tuple(sorted((base, power) for base, power in powers.items() if power)))

    def times(self, other: Unit, sign: int = 1) -> Unit:
        powers = dict(self.powers)
        for base, power in other.powers:
            powers[base] = powers.get(base, 0) + sign * power
        return Unit.of(powers)

    def only(self, kind: str) -> dict[str, int]:
        """The powers of one kind by name."""
        return {name: power for (of, name), power in self.powers if of == kind}

    def without(self, kind: str) -> Unit:
        return Unit(tuple((base, power) for base, power in self.powers if base[0] != kind))

    def __str__(self) -> str:
        above = [_named(base, power) for base, power in self.powers if power > 0]
        below = [f"/{_singular(*base)}" * -power for base, power in self.powers if power < 0]
        return (" · ".join(above) or ("1" if below else "a fraction")) + "".join(below)


PURE = Unit()
ONE_PERCENT = Unit((((PERCENT, "%"), 1),))


def _named(base: tuple[str, str], power: int) -> str:
    kind, name = base
    plural = f"{name}s" if kind == TIME else name
    return " · ".join([plural] * power)


def _singular(kind: str, name: str) -> str:
    if kind != THING or name not in _NOUNS:
        return name
    for ending, other in (("ies", "y"), ("ches", "ch"), ("people", "person"), ("s", "")):
        if name.endswith(ending):
            return name.removesuffix(ending) + other
    return name


@lru_cache(maxsize=4_096)
def parse(text: str) -> Unit | None:
    """The unit, or None where it can't be told for sure. Never raises."""
    plain = re.sub(r"\([^)]*\)", " ", text).strip()
    parts = re.split(r"\s*/\s*|\s+per\s+(?!cent\b)", plain.replace("per cent", "percent"))
    if not plain or len(plain) > 100 or not all(parts):
        return None
    powers: dict[tuple[str, str], int] = {}
    for at, part in enumerate(parts):
        bases = list(_bases(part, is_below=at > 0))
        if None in bases:
            return None
        for base, power in filter(None, bases):
            powers[base] = powers.get(base, 0) + (power if at == 0 else -power)
    return Unit.of(powers)


def currency_of(text: str) -> str:
    """The currency a unit counts, as it is usually written; blank where it counts something else."""
    unit = parse(text)
    money = unit.only(MONEY) if unit else {}
    name = next(iter(money), SOME_CURRENCY)
    return name if money == {name: 1} and name != SOME_CURRENCY else ""


def _bases(part: str, is_below: bool) -> Iterator[tuple[tuple[str, str], int] | None]:
    """What one part between the slashes is made of; None in it where a word says nothing."""
    words = [word for word in part.split() if word.casefold() not in _IDLE]
    periods = [word for word in words if word.casefold() in _ADVERBS]
    yield from (((TIME, _TIME_OF[word.casefold()]), -1) for word in periods)
    rest = " ".join(word for word in words if word not in periods)
    base = _base(rest)
    if base is None and is_below and rest and not any(_is_money(word) for word in words):
        base = (THING, rest.casefold())  # per anything that is no money
    if rest.casefold() not in SHARES and rest != "1":
        yield (base, 1) if base else None


def _is_money(word: str) -> bool:
    base = _base(word)
    return base is not None and base[0] == MONEY


def _base(word: str) -> tuple[str, str] | None:
    plain = word.casefold()
    if plain in _PERCENTS:
        return PERCENT, "%"
    if plain in _SIGNS or word in _CODES or word.upper() in _CODES:
        return MONEY, _SIGNS.get(plain) or word.upper()
    if plain == SOME_CURRENCY:
        return MONEY, SOME_CURRENCY
    if plain in _TIME_OF:
        return TIME, _TIME_OF[plain]
    return (THING, _plural(plain)) if _plural(plain) in _NOUNS else None


def _plural(noun: str) -> str:
    """As the nouns above are listed: an order is of the orders."""
    if noun == "person":
        return "people"
    if noun in _NOUNS:
        return noun
    stem = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return stem if stem in _NOUNS else noun + "es"
