"""Whether an LLM is configured, and what to set where it isn't."""

from __future__ import annotations

from django.conf import settings

from scoring.assistant.client import Access

USUAL_MODEL = "gpt-5.4-mini"


def access() -> Access:
    """How the LLM is reached, as configured."""
    return Access(
        model=settings.LLM_MODEL or (USUAL_MODEL if settings.OPENAI_API_KEY else ""),
        api_key=settings.OPENAI_API_KEY,
        base_url=settings.LLM_BASE_URL,
        seconds=settings.LLM_CALL_SECONDS,
    )


def why_off() -> str:
    """'' where an LLM is configured; else the sentence that says what to set."""
    if settings.LLM_BASE_URL and not settings.LLM_BASE_URL.startswith(("http://", "https://")):
        return "LLM_BASE_URL must start with http:// or https://, such as http://localhost:11434/v1."
    if settings.OPENAI_API_KEY or (settings.LLM_BASE_URL and settings.LLM_MODEL):
        return ""
    if settings.LLM_BASE_URL:
        return "Set LLM_MODEL to the name of a model that the server at LLM_BASE_URL has, and restart."
    return (
        "No LLM is configured. Set OPENAI_API_KEY, or LLM_BASE_URL and LLM_MODEL for an OpenAI-compatible "
        "server, and restart."
    )
