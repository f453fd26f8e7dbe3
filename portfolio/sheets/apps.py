from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "portfolio.sheets"
    label = "sheets"
