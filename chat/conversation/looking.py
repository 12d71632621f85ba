"""Who has a conversation before their eyes: what ends while nobody has is marked as unread."""

from dataclasses import replace

from chat.conversation.live import LiveConversation


async def look(live: LiveConversation, page: object) -> None:
    """Note that a page shows a conversation to somebody, until `look_away`; what ended there is now read."""
    live.lookers.add(page)
    await live.amend(lambda details: replace(details, is_unread=False))


def look_away(live: LiveConversation, page: object) -> None:
    """Note that a page is not in view any more, or shows something else."""
    live.lookers.discard(page)
