"""Do what was done at another node; each is safe to be done twice, and late."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic_ai import ModelRequest

from chat.cluster.shared_conversation import SharedConversation
from chat.store.postgres.adoption import CONTINUE

_PROMPTS = TypeAdapter(list[ModelRequest])


async def obey(live: SharedConversation, command: Mapping[str, Any]) -> None:  # noqa: C901  # a table
    """Do what a command says; one of which nothing is left to do, or of a newer version, does nothing.

    Raises:
        ChatError: If it is not possible any more.
        OSError: If it could not be stored.
    """
    match command:
        case {'kind': 'send', 'prompt': document, 'seen': seen}:
            [prompt] = _PROMPTS.validate_python([document])
            await live.take_prompt(prompt, seen)
        case {'kind': 'send now', 'turn_id': turn_id}:
            live.send_now(turn_id)
            await live.wait_until_stored(turn_id)
        case {'kind': 'remove', 'turn_id': turn_id}:
            await live.remove_from_queue(turn_id)
        case {'kind': 'steer', 'turn_id': turn_id}:
            await live.steering.steer(turn_id)
        case {'kind': 'stop', 'run': run}:
            await live.stop_run(run)
        case {'kind': 'stop one', 'turn_id': turn_id, 'place': place, 'model': model}:
            live.comparing.stop(turn_id, place, model)
        case {'kind': 'keep', 'turn_id': turn_id, 'place': place, 'model': model}:
            await live.comparing.keep(turn_id, place, model)
        case {'kind': kind, 'revision': revision} if kind == CONTINUE:
            continue_once(live, revision)
        case _:
            pass


def continue_once(live: SharedConversation, revision: str) -> None:
    """Go on with what a node has left, if it is still the end; nobody does so a second time.

    Of several answers a person chooses one to go on with; if none has said anything, all are asked again.
    """
    last = live.turns[-1] if live.turns else None
    if revision != live.conversation.revision or last is None or last.pending:
        return
    if live.is_changing or live.remote or any(column.answer for column in last.compared):
        return
    if last.can_continue or not last.answer:
        live.right.attempt = 1
        if last.compared:
            live.comparing.answer_again(last.id, [column.model for column in last.compared])
        else:
            (live.continue_answer if last.answer else live.regenerate)()
