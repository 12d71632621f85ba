"""Rules for requests: a provider refuses what strict chat templates and servers of strings refuse."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.replies import Reply, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRules:
    """Each may be switched; the usual provider is as strict as the templates of Qwen and Mistral."""

    one_system: bool = True
    """A system message stands first, or nowhere."""
    turns: bool = True
    """User and assistant take turns, and the user begins."""
    system_role: bool = True
    """Whether there is a system role at all."""
    strings_only: bool = False
    """No content is a list."""
    files: bool = True
    """Whether images and documents are taken."""

    def refusal(self, body: Mapping[str, Any]) -> Reply | None:
        """What is answered to a request that cannot be taken; `None` to one that can."""
        messages = body.get('messages')
        if not isinstance(messages, list) or 'system' in body:  # in the language of another provider
            return None
        return self._of_roles(messages) or self._of_contents(messages)  # pyright: ignore[reportUnknownArgumentType]  # JSON

    def _of_roles(self, messages: Sequence[Mapping[str, Any]]) -> Reply | None:
        roles = [str(message['role']) for message in messages]
        if 'system' in roles and not self.system_role:
            return refusal(400, 'Jinja Exception: System role not supported')
        if self.one_system and 'system' in roles[1:]:
            return refusal(400, 'Jinja Exception: System message must be at the beginning.')
        if self.turns and not take_turns(role for role in roles if role != 'system'):
            return refusal(400, 'Jinja Exception: Conversation roles must alternate user/assistant/...')
        return None

    def _of_contents(self, messages: Sequence[Mapping[str, Any]]) -> Reply | None:
        lists = [message['content'] for message in messages if isinstance(message.get('content'), list)]
        kinds = {part['type'] for content in lists for part in content} - {'text'}
        if kinds and not self.files:
            return refusal(500, 'image input is not supported - hint: you may need to provide the mmproj')
        if lists and self.strings_only:
            return refusal(422, 'messages[1].content: invalid type: sequence, expected a string')
        return None


def take_turns(roles: Iterable[str]) -> bool:
    """Whether user and assistant alternate, but for tools: an answer may follow what they have returned."""
    expected = {'user'}
    following = {'user': {'assistant'}, 'assistant': {'user', 'tool'}, 'tool': {'tool', 'assistant'}}
    for role in roles:
        if role not in expected:
            return False
        expected = following[role]
    return True


LENIENT = RequestRules(one_system=False, turns=False)
"""Takes all."""
