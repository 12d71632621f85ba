"""What a fork takes over from the conversation that it was, besides messages."""

from collections.abc import Sequence
from dataclasses import replace

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.content.turns import Turn

FORK_TITLE_SUFFIX = ' (fork)'
"""What tells the title of a fork from that of where it comes from."""


def forked_metadata(metadata: ConversationMetadata, turns: Sequence[Turn]) -> ConversationMetadata:
    """Return the metadata of a fork with these turns; `metadata` is that of the conversation it was.

    A decision with which nothing has run yet stays there: it was made for one run.
    """
    answers = {name for turn in turns for name in (*turn.run_ids, turn.id)}
    entries = {entry for turn in turns for entry in turn.entries}
    return replace(
        metadata,
        title=f'{metadata.title.removesuffix(FORK_TITLE_SUFFIX)}{FORK_TITLE_SUFFIX}',
        has_own_title=False,
        is_pinned=False,
        is_archived=False,
        is_unread=False,
        queue=(),
        comparison=None,
        endings={answer: each for answer, each in metadata.endings.items() if answer in answers},
        waiting={run: each.only_begun() for run, each in metadata.waiting.items() if run in answers},
        images={entry: each for entry, each in metadata.images.items() if entry in entries},
    )
