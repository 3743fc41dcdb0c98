"""The default engine: deterministic, offline, without a key. The same question has one answer."""

from debugger.domain.intents import (
    CloneChange,
    CompareGreen,
    Help,
    Intent,
    ReplayFrom,
    Show,
    ShowEvent,
    Simple,
    Source,
    SuggestFix,
    Why,
    parse_question,
)
from debugger.domain.wording import bullet, code, paragraphs
from debugger.tools import answers, narrative
from debugger.tools.code import CodeUnavailable
from debugger.tools.editing import Drafted
from debugger.tools.engine import Proposal, Reply
from debugger.tools.toolbox import Toolbox


class OfflineEngine:
    """Reads the question by a grammar and answers from the record and the source."""

    name = "offline"

    def summarize(self, tools: Toolbox) -> Reply:
        """The forensic summary the chat opens with."""
        return Reply(narrative.summary(tools.case))

    def answer(self, tools: Toolbox, question: str) -> Reply:
        """The reply to one question; what is not understood is answered with what can be asked."""
        intent = parse_question(question)
        try:
            if isinstance(intent, ReplayFrom):
                return _replay(tools, intent)
            if isinstance(intent, SuggestFix):
                return _suggest(tools)
        except CodeUnavailable as error:
            return Reply(error.told())
        return Reply(_plain(tools, intent))


def _plain(tools: Toolbox, intent: Intent) -> str:
    if isinstance(intent, Why):
        return narrative.why(tools.case, intent.step)
    if isinstance(intent, CloneChange):
        return answers.clone_change(tools, intent)
    if isinstance(intent, CompareGreen):
        return answers.compare_green(tools, intent)
    if isinstance(intent, Simple):
        return _simple(tools, intent.what)
    return _read(tools, intent)


def _read(tools: Toolbox, intent: Intent) -> str:
    if isinstance(intent, Show):
        return answers.show_events(tools, intent)
    if isinstance(intent, ShowEvent):
        return answers.show_event(tools, intent)
    if isinstance(intent, Source):
        return answers.source(tools, intent)
    asked = isinstance(intent, Help) and intent.asked
    return answers.HELP if asked else answers.NOT_UNDERSTOOD


def _simple(tools: Toolbox, what: str) -> str:
    told = {
        "steps": lambda: answers.steps(tools),
        "similar": lambda: answers.similar(tools),
        "mender": lambda: answers.mender(tools),
        "suspects": lambda: narrative.cause(tools.case),
        "overview": lambda: narrative.summary(tools.case),
    }
    return told[what]()


def _replay(tools: Toolbox, asked: ReplayFrom) -> Reply:
    step = tools.case.step(asked.step)
    number = asked.step if asked.step is not None else (step.no if step else 1)
    known = [item.no for item in tools.case.view.steps]
    if known and not 1 <= number <= max(known):
        return Reply(f"There is no step {number}; this trace has steps 1 to {max(known)}.")
    if asked.unclear:
        return Reply(_unclear([item.text for item in asked.unclear]))
    if not asked.changes:
        return Reply(
            f"I can run step {number} and what follows again, without any change, to see whether "
            "it comes out the same. Confirm to start.",
            Proposal(number),
        )
    return _proposal(tools, number, tools.editor.from_words(asked.changes))


def _suggest(tools: Toolbox) -> Reply:
    step = tools.case.failing_step
    if step is None:
        return Reply("No step failed, so there is nothing to fix.")
    drafted = tools.editor.suggested()
    if not drafted.done:
        return Reply(
            paragraphs(
                "The evidence leads to no change in the source that could be completed or taken "
                "back.",
                narrative.cause(tools.case),
                f"Name a change yourself: replay from step {step.no} with `key = value`.",
            )
        )
    return _proposal(tools, step.no, drafted)


def _proposal(tools: Toolbox, number: int, drafted: Drafted) -> Reply:
    if drafted.questions:
        return Reply(paragraphs(*drafted.questions))
    edits = drafted.edits(tools.trace.scenario_path)
    if edits.is_empty:
        return Reply("That changes nothing: the source already says so.")
    return Reply(
        paragraphs(
            [
                f"I would replay from step {number} with:",
                *(bullet(line) for line in drafted.done),
            ],
            "Nothing has run yet. Confirm to start the replay.",
        ),
        Proposal(number, edits),
    )


def _unclear(texts: list[str]) -> str:
    named = ", ".join(code(text) for text in texts)
    return paragraphs(
        f"I cannot read {named} as a change.",
        [
            "Say it in one of these ways, joined by “and”:",
            bullet("`key = value`"),
            bullet('`"old text" → "new text"`'),
            bullet("use A instead of B"),
            bullet("change X to Y in path/to/file"),
            bullet("revert path/to/file, or: revert the … change"),
        ],
    )
