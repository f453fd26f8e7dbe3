from django.apps import AppConfig


class TabsConfig(AppConfig):
    name = "portfolio.tabs"
    label = "tabs"
