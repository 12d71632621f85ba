"""Who has a conversation before their eyes: what ends while nobody has is marked as unread."""

from dataclasses import replace

from chat.conversation.live import LiveConversation


async def add_viewer(live: LiveConversation, page: object) -> None:
    """Note that a page shows a conversation, until `remove_viewer`; what ended there is now read."""
    live.viewers.add(page)
    await live.update_metadata(lambda metadata: replace(metadata, is_unread=False))


def remove_viewer(live: LiveConversation, page: object) -> None:
    """Note that a page is not in view any more, or shows something else."""
    live.viewers.discard(page)
