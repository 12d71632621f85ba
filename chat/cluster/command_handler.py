"""Do what was done at another node; each is safe to be done twice, and late."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic_ai import ModelRequest

from chat.cluster.shared_conversation import SharedConversation
from chat.conversation.content.comparison import compared_models
from chat.conversation.content.messages import turn_id_of
from chat.errors import StorageUnavailable
from chat.store.postgres.adoption import CONTINUE

_PROMPTS = TypeAdapter(list[ModelRequest])


async def handle_command(live: SharedConversation, command: Mapping[str, Any]) -> None:  # noqa: C901  # a table
    """Do what a command says; one of which nothing is left to do, or of a newer version, does nothing.

    Raises:
        ChatError: If it is not possible any more.
        OSError: If it could not be stored, or what comes before it is not stored yet.
    """
    if live.is_changing and not live.is_answering:
        raise StorageUnavailable('Something else of this chat is being stored.')
    match command:
        case {'kind': 'send', 'prompt': document, 'seen': seen}:
            [prompt] = _PROMPTS.validate_python([document])
            await live.take_prompt(prompt, seen)
            ask_if_never_asked(live, prompt)
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
        case {'kind': kind, 'revision': revision, **rest} if kind == CONTINUE:
            continue_once(live, revision, rest.get('models', ()))
        case _:
            pass


def ask_if_never_asked(live: SharedConversation, prompt: ModelRequest) -> None:
    """Ask a prompt that another node has stored when it might not ask any more."""
    last = live.turns[-1] if live.turns else None
    if (
        last
        and last.id == turn_id_of(prompt)
        and not (last.answer or last.outcome)
        and live.conversation.revision
    ):
        continue_once(live, live.conversation.revision, compared_models(prompt))


def continue_once(live: SharedConversation, revision: str, models: Sequence[str] = ()) -> None:
    """Go on with what a node has left, if it is still the end; nobody does so a second time.

    Of several answers a person chooses one to go on with; if none has said anything, all are asked again.
    `models` are those that are to answer at once what nobody has answered; none if one does as usual.
    """
    last = live.turns[-1] if live.turns else None
    if revision != live.conversation.revision or last is None or last.pending:
        return
    if live.is_changing or live.remote or any(column.answer for column in last.compared):
        return
    if last.can_continue or not last.answer:
        live.right.attempt = 1
        if columns := [column.model for column in last.compared] or models:
            live.comparing.answer_again(last.id, columns)
        else:
            (live.continue_answer if last.answer else live.regenerate)()
