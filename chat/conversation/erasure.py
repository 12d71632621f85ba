"""What goes with the turns that are erased: their outcomes, what they wait for, and a title made of them."""

from collections.abc import Sequence
from dataclasses import replace

from chat.conversation.conversation_log import ConversationLog
from chat.conversation.messages import prompt_preview
from chat.conversation.metadata import ConversationMetadata, first_words
from chat.conversation.turns import Turn


def without_erased(log: ConversationLog, before: Sequence[Turn]) -> ConversationMetadata:
    """Return the metadata of a conversation without what was known of turns of `before` that are gone."""
    metadata, turns = log.metadata, log.turns
    erased = {turn.version_id for turn in before} - {turn.version_id for turn in turns}
    runs = {run for turn in before for run in turn.waiting} - {run for turn in turns for run in turn.waiting}
    title = metadata.title
    if before[0].id != turns[0].id and not metadata.has_own_title:
        title = first_words(prompt_preview(turns[0].prompt))
    return replace(
        metadata,
        title=title,
        endings={known: each for known, each in metadata.endings.items() if known not in erased},
        waiting={run: each for run, each in metadata.waiting.items() if run not in runs},
        images={entry: each for entry, each in metadata.images.items() if entry in log.branches},
    )
