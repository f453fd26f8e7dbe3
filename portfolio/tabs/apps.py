from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class TabsConfig(AppConfig):
    name = "portfolio.tabs"
    label = "tabs"

    def ready(self) -> None:
        from portfolio.tabs import checks  # noqa: F401 - registers them

        autodiscover_modules("tabs")
        post_migrate.connect(make_roles, sender=self)


def make_roles(**_: object) -> None:
    """The roles are groups; they exist as soon as there are tables."""
    from django.contrib.auth.models import Group

    from portfolio.tabs.actor import ROLES

    for role in ROLES:
        Group.objects.get_or_create(name=role)
