"""Every URL of the product: pages by app, the API under /v1/, the bundled Guard under /guard/."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    # First: an address is held against every pattern before its own.
    path("v1/", include("trace_app.urls.api")),
    path("v1/", include("debugger.urls.api")),
    path("v1/", include("mender_handoff.urls.api")),
    path("", RedirectView.as_view(pattern_name="trace_app:list"), name="home"),
    path("login", auth_views.LoginView.as_view(), name="login"),
    path("logout", auth_views.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("", include("trace_app.urls")),
    path("", include("trace_app.urls.shared", namespace="share")),
    path("", include("trace_app.urls.embedded", namespace="embed")),
    path("", include("debugger.urls")),
    path("", include("mender_handoff.urls")),
    path("", include("mender_handoff.guard.urls")),
    path("guard/v1/", include("mender_handoff.guard.urls.api")),
]
