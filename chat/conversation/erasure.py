"""What goes with the messages that are erased: outcomes, what waits, images, and a title made of them."""

from collections.abc import Sequence
from dataclasses import replace

from chat.conversation.content.messages import prompt_preview
from chat.conversation.content.metadata import ConversationMetadata, first_words
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_log import ConversationLog


def without_erased(log: ConversationLog, before: Sequence[Turn]) -> ConversationMetadata:
    """Return the metadata of a conversation without what was known of answers that are on no branch any more.

    `before` are the turns that were shown when these were.
    """
    metadata, turns = log.metadata, log.turns
    shown = {turn.version_id for turn in turns}
    left = log.branches.names - {turn.version_id for turn in before} | shown
    title = metadata.title
    if before[0].id != turns[0].id and not metadata.has_own_title:
        title = first_words(prompt_preview(turns[0].prompt))
    return replace(
        metadata,
        title=title,
        endings={answer: each for answer, each in metadata.endings.items() if answer in left},
        waiting={run: each for run, each in metadata.waiting.items() if run in left},
        images={entry: each for entry, each in metadata.images.items() if entry in log.branches},
    )
