"""The dialog with the settings of one chat, on an open page."""

import asyncio
from dataclasses import replace

from nicegui.testing import User

from chat.conversation.content.chat_settings import PreferencesStore
from chat.ui.chat.chat_settings_dialog import ChatSettingsButton, ChatSettingsDialog
from chat.ui.fields import TextField
from tests.support.timeouts import WAIT_TIMEOUT


async def test_it_shows_the_system_prompt_of_the_settings_as_it_is_now(
    person: User, preferences: PreferencesStore
) -> None:
    await person.open('/')
    person.find(kind=ChatSettingsButton).click()
    (dialog,) = person.find(kind=ChatSettingsDialog).elements
    (field,) = (each for each in dialog.descendants() if isinstance(each, TextField))
    async with asyncio.timeout(WAIT_TIMEOUT):
        while not preferences.changed.is_awaited:  # noqa: ASYNC110  # no event says that the page follows
            await asyncio.sleep(0)
        await preferences.update(lambda now: replace(now, instructions='Answer in rhymes.'))
        while field.props['placeholder'] != 'Answer in rhymes.':  # noqa: ASYNC110  # as above
            await asyncio.sleep(0)
