"""Images of the web in answers: fetched when somebody wants to see one, and kept with the conversation."""

import asyncio
from dataclasses import replace
from functools import partial

from pydantic_ai import BinaryContent

from chat.conversation.content.attachments import is_picture, media_type_of
from chat.conversation.content.metadata import ConversationMetadata, LoadedImage
from chat.conversation.live_conversation import LiveConversation
from chat.errors import FetchFailed, TurnMissing
from chat.web_fetch import WebFetcher

MAX_IMAGE_BYTES = 10_000_000
"""Bytes of an image; what is larger is hardly one for an answer."""

IMAGE_MEDIA_TYPES = 'image/avif, image/webp, image/png, image/jpeg, image/gif'
"""What is asked for. Not SVG, in which there can be scripts and further addresses."""


class ImageLoader:
    """Loads images; one that two pages ask for is fetched once."""

    def __init__(self, web: WebFetcher) -> None:
        self._web = web
        self._tasks: dict[tuple[str, str, str], asyncio.Task[None]] = {}
        """By conversation, answer and address. A page that is closed meanwhile ends none of them."""

    async def load(self, live: LiveConversation, entry_id: str, url: str) -> None:
        """Show the image at an address in the answer that begins with this entry.

        Raises:
            FetchFailed: If it cannot be fetched, or is no picture.
            TurnMissing: If the answer was erased meanwhile.
            OSError: If it cannot be stored.
        """
        key = (live.id, entry_id, url)
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(self._load(live, entry_id, url))
            task.add_done_callback(partial(self._forget, key))
        await asyncio.shield(task)

    def _forget(self, key: tuple[str, str, str], task: asyncio.Task[None]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # whoever waits has it; perhaps nobody does any more

    async def close(self) -> None:
        """End what is being fetched."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _load(self, live: LiveConversation, entry_id: str, url: str) -> None:
        file = await self._web.fetch(url, accept=IMAGE_MEDIA_TYPES, max_bytes=MAX_IMAGE_BYTES)
        if not is_picture(file.content):
            raise FetchFailed('This is no picture that can be shown (PNG, JPEG, GIF, WebP or AVIF).')
        image = BinaryContent(file.content, media_type=media_type_of(file.content) or '')
        saved = await live.place.storage.store_file('image', image)
        if not live.has_entry(entry_id):
            raise TurnMissing
        await live.update_metadata(partial(with_image, entry_id, LoadedImage(url=url, blob=saved.blob)))


def with_image(entry_id: str, image: LoadedImage, metadata: ConversationMetadata) -> ConversationMetadata:
    """Return the metadata with an image for the answer that begins with this entry."""
    others = [each for each in metadata.images.get(entry_id, ()) if each.url != image.url]
    return replace(metadata, images={**metadata.images, entry_id: (*others, image)})
