from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "portfolio.actions"
    label = "actions"
