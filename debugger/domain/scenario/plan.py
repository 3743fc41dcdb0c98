"""Turns a scenario into the JSON plan that the guest plays. The guest never sees the scenario."""

from debugger.domain.scenario.model import Action, Expectation, Scenario, Step, Target
from debugger.domain.scenario.molar_toml import MolarConfig

Json = dict[str, object]


def to_plan(scenario: Scenario, molar: MolarConfig) -> Json:
    """The plan: {"version", "scenario", "seed", "timeout_ms", "steps", "clones", "app"}."""
    head = scenario.head
    return {
        "version": 1,
        "scenario": {
            "id": head.id,
            "slug": head.slug,
            "title": scenario.title,
            "path": scenario.path,
        },
        "seed": head.seed,
        "timeout_ms": head.timeout_ms,
        "steps": [_step(step) for step in scenario.steps],
        "clones": [_clone(use.kind, use.seed or head.seed, molar) for use in head.clones],
        "app": molar.app.to_json(),
    }


def _step(step: Step) -> Json:
    return {
        "no": step.no,
        "text": step.text,
        "title": step.text,
        "line": step.line,
        "action": _action(step.action),
        "expectations": [_expectation(e) for e in step.expectations],
    }


def _action(action: Action) -> Json:
    return {
        "verb": action.verb,
        "target": action.target.to_json() if action.target else None,
        "value": action.value,
        "options": dict(action.options),
    }


def _expectation(expectation: Expectation) -> Json:
    args = {
        key: value.to_json() if isinstance(value, Target) else value
        for key, value in expectation.args.items()
    }
    head = {"kind": expectation.kind, "line": expectation.line, "text": expectation.text}
    return {**head, "negated": expectation.negated, **args}


def _clone(kind: str, seed: str, molar: MolarConfig) -> Json:
    return {"kind": kind, "seed": seed, "config": dict(molar.clones.get(kind, {}))}
