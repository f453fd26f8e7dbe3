from __future__ import annotations

from scoring.management.commands._llm import LlmCommand


class Command(LlmCommand):
    help = "Draws metric chains for math models, with the LLM that the settings name."
    action = "pm.suggest_metric_chain_llm"
