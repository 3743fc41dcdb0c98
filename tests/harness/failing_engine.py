"""An engine of the Debugger that cannot be reached, and one that is back."""

from debugger.tools.engine import Reply
from debugger.tools.offline import OfflineEngine
from debugger.tools.toolbox import Toolbox


class FailingEngine:
    """Fails whatever is asked, with words that are nobody else's business."""

    name = "far-away"

    def summarize(self, tools: Toolbox) -> Reply:
        """Fail."""
        raise ConnectionError("10.0.0.7 refused the key sk-private")

    def answer(self, tools: Toolbox, question: str) -> Reply:
        """Fail."""
        raise ConnectionError("10.0.0.7 refused the key sk-private")


class AnswersFailEngine(OfflineEngine):
    """Summarizes by rules, but answers nothing."""

    def answer(self, tools: Toolbox, question: str) -> Reply:
        """Fail."""
        raise TimeoutError(question)
