"""The settings, assistants, prompts and servers here: what an import takes over of others, and takes back."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chat.agent.added_servers import AddedServer, AddedServers, ServerDescription
from chat.agent.mcp.entries import StoredServer
from chat.agent.mcp.servers import McpServers
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, EntryCollection, Library, SavedPrompt
from chat.errors import ChatError
from chat.exchange.settings_file import (
    DEFAULTS,
    KINDS,
    LEFT_OUT,
    PREFERENCE_NAMES,
    ExportedSettings,
    Thing,
    bare_of,
    exported_settings,
    key_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSettings:
    """What there is here, and all that changes it."""

    preferences: PreferencesStore
    library: Library
    added: AddedServers
    mcp_servers: McpServers

    def exported(self) -> ExportedSettings:
        """Return what an export has of it."""
        return exported_settings(self.preferences.current, self._things())

    def news_in(self, other: ExportedSettings) -> tuple[ExportedSettings, list[str]]:
        """Return what of another is not here, and a sentence for each thing that is here and differs.

        What is here stays: a preference is taken over where nothing is set here.
        """
        kept, news = list[str](), dict[str, list[Thing]]()
        here = {kind: {key_of(each): each for each in them} for kind, them in self._things().items()}
        for kind in KINDS:
            for each in other.things.get(kind.name, ()):
                ours = here[kind.name].get(key_of(each))
                if ours is None and LEFT_OUT in getattr(each, 'url', ''):
                    kept.append(
                        f'The {kind.label} “{each.name}” was left out: a part of its address may be a '
                        'secret, which no export has. Add it in the settings.'
                    )
                elif ours is None:
                    news.setdefault(kind.name, []).append(each)
                elif bare_of(ours) != each:
                    kept.append(f'The {kind.label} “{each.name}” is here and differs: yours stays.')
        ours = {name: getattr(self.preferences.current, name) for name in other.preferences}
        changes = {name: value for name, value in other.preferences.items() if ours[name] != value}
        new = {name: value for name, value in changes.items() if ours[name] == getattr(DEFAULTS, name)}
        kept += [
            f'Your setting for the {PREFERENCE_NAMES[name]} stays.' for name in changes if name not in new
        ]
        return ExportedSettings(preferences=new, things=news), kept

    def going_soon(self, times: Iterable[datetime]) -> list[str]:
        """Say of chats that were last changed at these times that they go to the trash by themselves here."""
        days = self.preferences.current.retention_days
        number = sum(time < datetime.now(UTC) - timedelta(days=days) for time in times) if days else 0
        if not number:
            return []
        return [
            f'{number:,} chat{"s" * (number != 1)} without a word for {days:,} days: the settings move '
            'what is that old to the trash within a day. Change that before you import, or pin what '
            'you want to keep.'
        ]

    async def take(self, news: ExportedSettings) -> tuple[ExportedSettings, list[str]]:
        """Take these over; return what was, and a sentence for each that could not be.

        Raises:
            OSError: If the disk fails. Then some are taken over.
        """
        problems, taken = list[str](), dict[str, list[Thing]]()
        for kind in KINDS:
            for each in news.things.get(kind.name, ()):
                try:
                    await self._add(each)
                except ChatError as error:
                    problems.append(f'The {kind.label} “{each.name}” was left out. {error}')
                else:
                    taken.setdefault(kind.name, []).append(each)
        if news.preferences:
            await self.preferences.update(lambda now: replace(now, **dict(news.preferences)))
        return replace(news, things=taken), problems

    async def take_back(self, news: ExportedSettings, used_folders: Collection[str] = ()) -> None:
        """Remove what was taken over and nobody has changed since, but for folders that have chats.

        Raises:
            OSError: If the disk fails; it can be tried again.
        """
        here = {kind: {key_of(each): each for each in them} for kind, them in self._things().items()}
        for kind in KINDS:
            for each in news.things.get(kind.name, ()):
                ours = here[kind.name].get(key_of(each))
                if ours is not None and bare_of(ours) == each and key_of(each) not in used_folders:
                    await self._remove(ours)
        unchanged = {
            name: getattr(DEFAULTS, name)
            for name, value in news.preferences.items()
            if getattr(self.preferences.current, name) == value
        }
        if unchanged:
            await self.preferences.update(lambda now: replace(now, **unchanged))

    def _things(self) -> dict[str, list[Thing]]:
        servers = [AddedServer(name=each.prefix, url=each.url) for each in self.added.servers]
        return {
            'assistants': [*self.library.assistants.entries],
            'prompts': [*self.library.prompts.entries],
            'folders': [*self.preferences.folders.entries],
            'servers': [*servers],
            'mcp_servers': [*self.mcp_servers.added],
        }

    async def _add(self, thing: Thing) -> None:
        match thing:
            case AddedServer():
                await self.added.save(ServerDescription(name=thing.name, address=thing.url))
            case StoredServer():
                await self.mcp_servers.add(thing.name, thing.url, None)
            case _:
                await self._collection(thing).put(thing)

    async def _remove(self, thing: Thing) -> None:
        match thing:
            case AddedServer():
                await self.added.remove(thing.name)
            case StoredServer():
                await self.mcp_servers.remove(thing.name)
            case _:
                await self._collection(thing).remove(thing)

    def _collection(self, thing: Assistant | SavedPrompt | ChatFolder) -> EntryCollection[Any]:
        match thing:
            case Assistant():
                return self.library.assistants
            case SavedPrompt():
                return self.library.prompts
            case ChatFolder():
                return self.preferences.folders
