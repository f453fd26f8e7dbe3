"""``batchUpdate``: the whole batch is done on a draft, or nothing is."""

from __future__ import annotations

from collections.abc import Callable

from tests.google import cell_requests, find_replace, sheet_requests
from tests.google.cells import Json
from tests.google.errors import PayloadError, invalid, within
from tests.google.spreadsheet import Spreadsheet

KINDS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    **sheet_requests.KINDS,
    **cell_requests.KINDS,
    "findReplace": find_replace.find_replace,
}


def apply(draft: Spreadsheet, requests: list[Json]) -> list[Json]:
    """One reply per request, ``{}`` where a kind has none.

    Raises: GoogleError, naming the request; the draft is then of no use.
    """
    if not requests:
        raise invalid("Must specify at least one request.")
    return [_applied(draft, at, request) for at, request in enumerate(requests)]


def _applied(draft: Spreadsheet, at: int, request: Json) -> Json:
    kinds = [kind for kind, body in request.items() if body is not None]
    if len(kinds) != 1:
        problem = (
            "No request set." if not kinds else f"oneof field 'kind' is already set. Cannot set '{kinds[1]}'"
        )
        raise PayloadError(f"requests[{at}]", f"Invalid value at 'requests[{at}]' (oneof), {problem}")
    with within(f"requests[{at}].{kinds[0]}"):
        reply = KINDS[kinds[0]](draft, request[kinds[0]])
    return {} if reply is None else {kinds[0]: reply}
