"""The first gate: what can be told from a script's text, before Python's parser sees any of it.

The parser is not safe on hostile text (deep nesting, huge integers, homoglyph identifiers), so it only ever
gets short lines of a few plain characters.
"""

import re
import unicodedata

from scoring.formula.errors import FormulaError

MAX_BYTES = 8_192
MAX_LINES = 100
MAX_LINE_LENGTH = 1_000
MAX_PARENTHESES = 32
MAX_NUMBER_LENGTH = 30

_CODE = re.compile(r"[A-Za-z0-9_ \t.+\-*/(),=]*")
# Bidi controls can make a comment look like code, and a CR alone shows as a line break in most editors.
_DECEPTIVE = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\r]")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\.?[0-9](?:[eE][+-](?=[0-9])|[A-Za-z0-9_.])*")
_DIGITS = r"[0-9](?:_?[0-9])*"
_NUMBER = re.compile(
    rf"(?!0_?[0-9])(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?[0-9](?:_?[0-9]){{0,2}})?"
)
_THOUSANDS = re.compile(r"[0-9],[0-9]")
_HINTS = {
    "%": "write 5 % as 0.05",
    ";": "put every statement on a line of its own",
    "^": "there are no powers; multiply instead",
    "×": "multiply with *",
    "÷": "divide with /",
    "–": "subtract with the plain minus sign -",
    "−": "subtract with the plain minus sign -",
    "<": "comparisons are not part of formulas; use min and max",
    ">": "comparisons are not part of formulas; use min and max",
}


def check_size(text: str) -> None:
    """Raise too_long (or syntax, for something that is not text): the only checks that look at all of it."""
    if not isinstance(text, str):
        raise FormulaError("syntax", 1, "A formula script is text; this is something else.")
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise FormulaError("too_long", 1, f"The script is too long; at most {MAX_BYTES} bytes are read.")


def split_lines(text: str) -> list[str]:
    """The physical lines of a script, ended by LF or CRLF. Raises too_many_lines."""
    *ended, last = text.split("\n")
    lines = [line.removesuffix("\r") for line in ended] + ([last] if last else [])
    if len(lines) > MAX_LINES:
        raise FormulaError("too_many_lines", MAX_LINES + 1, f"A script has at most {MAX_LINES} lines.")
    return lines


def read_code(line: str, number: int) -> str:
    """A physical line without its comment, "" for a blank one. Raises the first error of the line."""
    if len(line) > MAX_LINE_LENGTH:
        raise FormulaError("line_too_long", number, f"A line has at most {MAX_LINE_LENGTH} characters.")
    if deceptive := _DECEPTIVE.search(line):
        raise _bad_character(deceptive[0], number)
    code = line.partition("#")[0]
    if not (plain := _CODE.match(code)) or plain.end() < len(code):
        raise _bad_character(code[plain.end() if plain else 0], number)
    if not code.strip():
        return ""
    if code[0] in " \t":
        raise FormulaError("syntax", number, "A line may not start with a space or tab.")
    _check_parentheses(code, number)
    _check_numbers(code, number)
    return code


def _bad_character(character: str, line: int) -> FormulaError:
    name = unicodedata.name(character, "a control character")
    shown = f"“{character}”" if character.isprintable() else f"U+{ord(character):04X}"
    hint = _HINTS.get(character, "use plain letters, digits, _ . , = + - * / ( )")
    return FormulaError("bad_character", line, f"The character {shown} ({name}) is not allowed here; {hint}.")


def _check_parentheses(code: str, line: int) -> None:
    depth = deepest = 0
    for character in code:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
        if depth < 0:
            raise FormulaError("syntax", line, "A “)” closes a parenthesis that was never opened.")
    if depth:
        raise FormulaError(
            "syntax", line, "A “(” is never closed on this line; a statement must fit on one line."
        )
    if deepest > MAX_PARENTHESES:
        raise FormulaError("too_deep", line, f"Parentheses go at most {MAX_PARENTHESES} deep.")


def _check_numbers(code: str, line: int) -> None:
    if comma := _THOUSANDS.search(code):
        raise FormulaError(
            "bad_literal",
            line,
            f"“{comma[0]}” could be one number or two; write numbers without thousands commas "
            "and put a space after a comma between arguments.",
        )
    for word in _WORD.findall(code):
        if word[0] in ".0123456789" and (len(word) > MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(word)):
            raise FormulaError("bad_literal", line, f"“{word}” is not a number; write 1250.5 or 1.2e6.")
