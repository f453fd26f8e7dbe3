"""A Google Sheets v4 and Drive v3 server of our own, on loopback, for tests through the real gspread.

``GoogleServer`` is the server, ``Book`` what a person has open in the browser, ``faults`` what can go wrong.
``tests.google.fixtures`` has the pytest fixture ``google``.
"""

from tests.google import faults
from tests.google.browser import Book, BookSheet
from tests.google.calls import Call
from tests.google.errors import GoogleError
from tests.google.server import ACCOUNT, PERSON, GoogleServer

__all__ = ["ACCOUNT", "PERSON", "Book", "BookSheet", "Call", "GoogleError", "GoogleServer", "faults"]
