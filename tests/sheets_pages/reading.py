"""Pages as a person reads them."""

from __future__ import annotations

import html
import re

from django.test import Client


def read(client: Client, path: str) -> str:
    """The page's text, tags and doubled spaces taken out."""
    answer = client.get(path)
    assert answer.status_code == 200, answer
    return text_of(answer.text)


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
