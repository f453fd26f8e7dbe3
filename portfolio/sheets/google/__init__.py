"""Google Sheets and Drive. What needs gspread is imported when it is called: starting up must stay quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from portfolio.sheets.google.connection import Client, Trial


def is_configured() -> bool:
    """Whether the settings name a way to Google. It may still be a wrong one."""
    return bool(settings.GOOGLE_SERVICE_ACCOUNT_FILE or settings.SHEETS_API_ENDPOINT)


def service_account_email() -> str:
    """Whom people share their spreadsheets with; nothing without an account. Raises NotConfigured."""
    from portfolio.sheets.google.credentials import service_account

    account = service_account()
    return account.email if account else ""


def client() -> Client:
    """This thread's gspread client; ``client().http_client`` is a GoogleHTTPClient. Raises NotConfigured."""
    from portfolio.sheets.google import connection

    return connection.client()


def try_connection(spreadsheet: str) -> Trial:
    """Whether Lodestar can open and change the spreadsheet with that id: its title, or what to do."""
    from portfolio.sheets.google import connection

    return connection.try_connection(spreadsheet)
