"""The Django admin's site, open to Admins."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest


class LodestarAdminConfig(AdminConfig):
    default_site = "portfolio.tabs.admin_site.AdminSite"


class AdminSite(admin.AdminSite):
    """For Admins, whether superusers or members of the Admin role."""

    site_header = "Lodestar administration"
    site_title = "Lodestar"
    index_title = "KPIs, scenarios, people"

    def has_permission(self, request: HttpRequest) -> bool:
        from portfolio.tabs.actor import ADMIN, Actor

        return request.user.is_active and Actor.of(request.user).has(ADMIN)
