"""The JSON of the Debugger's conversation."""

from typing import Any

from rest_framework import serializers

from debugger.actions.chat import MAX_QUESTION
from debugger.models import ChatMessage, PendingAction


class QuestionSerializer(serializers.Serializer[Any]):
    """Body of POST /v1/traces/{id}/debugger/messages."""

    text = serializers.CharField(max_length=MAX_QUESTION)


class DecisionSerializer(serializers.Serializer[Any]):
    """Body of POST /v1/debugger/actions/{call_id}."""

    decision = serializers.ChoiceField(choices=["confirm", "decline"])


class ActionSerializer(serializers.Serializer[Any]):
    """A proposed action; `decision` is null until a person has decided."""

    call_id = serializers.UUIDField()
    tool = serializers.CharField()
    arguments = serializers.DictField()
    arguments_sha256 = serializers.CharField()
    expires = serializers.DateTimeField()
    decision = serializers.CharField(allow_null=True)
    replay = serializers.UUIDField(allow_null=True)


class CitedSerializer(serializers.Serializer[Any]):
    """A cited event; `ref` names another trace than the one the text is about."""

    seq = serializers.IntegerField()
    ref = serializers.CharField(allow_null=True)
    step = serializers.IntegerField(allow_null=True)


class MessageSerializer(serializers.Serializer[Any]):
    """A message; `cited` holds its checked citations in the order of the text."""

    id = serializers.IntegerField()
    role = serializers.CharField()
    author = serializers.CharField(allow_null=True)
    engine = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    cited = CitedSerializer(many=True)
    created = serializers.DateTimeField()
    answers = serializers.IntegerField(allow_null=True)
    pending_actions = ActionSerializer(many=True)


class OpeningSerializer(serializers.Serializer[Any]):
    """What the Debugger says of its own accord."""

    text = serializers.CharField()
    cited = CitedSerializer(many=True)


class ConversationSerializer(serializers.Serializer[Any]):
    """The conversation of a trace; `summary` is null while it runs, or where none could be made."""

    trace = serializers.CharField()
    summary = OpeningSerializer(allow_null=True)
    messages = MessageSerializer(many=True)


def message_json(message: ChatMessage) -> dict[str, Any]:
    """A message with its checked citations and what it proposes."""
    return {
        "id": message.pk,
        "role": message.role,
        "author": message.author.get_username() if message.author else None,
        "engine": message.engine or None,
        "text": message.text,
        "cited": message.cited,
        "created": message.created,
        "answers": message.answers_id,
        "pending_actions": [action_json(found) for found in message.pending_actions.all()],
    }


def action_json(action: PendingAction) -> dict[str, Any]:
    """A proposed action and the word on it."""
    return {
        "call_id": action.pk,
        "tool": action.tool,
        "arguments": action.arguments,
        "arguments_sha256": action.arguments_sha256,
        "expires": action.expires,
        "decision": action.decision or None,
        "replay": action.replay_id,
    }
