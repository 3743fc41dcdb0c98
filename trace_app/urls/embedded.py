"""The same pages inside a frame of another site, a CI's page for one."""

from functools import partial

from trace_app.urls.reading import reading
from trace_app.views.shared import for_holders

app_name = "trace_app"
urlpatterns = reading("r/<share:ref>/embed", partial(for_holders, embedded=True))
