"""The scenario language of `.molar.md`: reading, rendering, editing and planning. Pure."""

from debugger.domain.scenario.errors import ScenarioEditError, ScenarioError
from debugger.domain.scenario.expectations import format_expectation
from debugger.domain.scenario.model import (
    Action,
    CloneUse,
    Expectation,
    FrontMatter,
    Scenario,
    Step,
    Target,
)
from debugger.domain.scenario.parser import parse, render
from debugger.domain.scenario.plan import to_plan
from debugger.domain.scenario.verbs import format_action

__all__ = [
    "Action",
    "CloneUse",
    "Expectation",
    "FrontMatter",
    "Scenario",
    "ScenarioEditError",
    "ScenarioError",
    "Step",
    "Target",
    "format_action",
    "format_expectation",
    "parse",
    "render",
    "to_plan",
]
