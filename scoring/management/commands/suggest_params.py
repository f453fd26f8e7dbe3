from __future__ import annotations

from scoring.management.commands._llm import LlmCommand


class Command(LlmCommand):
    help = "Fills blank descriptions of params of approved formulas, with the LLM that the settings name."
    action = "pm.suggest_params_llm"
