"""What every page shows around its content: the tabs of each workbook and the pages beside them."""

from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict:
    return {}
