"""A trace's pages for whoever holds the address of a public share."""

from trace_app.urls.reading import reading
from trace_app.views.shared import for_holders

app_name = "trace_app"
urlpatterns = reading("r/<share:ref>", for_holders)
