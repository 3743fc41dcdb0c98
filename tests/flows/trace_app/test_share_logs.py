"""The running product writes no share's secret into any log."""

from tests.harness.live import LiveStack
from tests.harness.viewer import world
from trace_app.actions.shares import create_share
from trace_app.domain.system import System


def test_no_secret_in_the_logs(live_stack: LiveStack) -> None:
    trace = world().failed
    ref = create_share(by=System("test"), trace=trace, days=1).ref
    path = f"/r/{ref.short_id}/{ref.secret}"
    with live_stack.client() as client:
        assert client.get(path).status_code == 200
        # A refusal is what the product logs by itself.
        assert client.get(f"{path}/frames/999999").status_code == 404
        assert client.get(f"{path}/nothing/here").status_code == 404
        assert client.post(path).status_code in {403, 405}
    logs = "".join(live_stack.logs().values())
    assert ref.secret not in logs
    assert f"/r/{ref.short_id}/‹masked›/frames/999999" in logs, "the refusal itself is logged"
