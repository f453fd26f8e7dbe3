from __future__ import annotations

from scoring.management.commands._llm import LlmCommand


class Command(LlmCommand):
    help = (
        "Drafts formulas for math models, each judged by a second call, with the LLM that the settings name."
    )
    action = "pm.suggest_math_model_llm"
