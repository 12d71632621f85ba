"""What a guest has left behind goes with their session."""

from datetime import timedelta

from chat.agent.added_servers import AddedServers
from chat.agent.api_keys import ApiKeys
from chat.agent.model_catalog import ModelCatalog
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.library import open_library
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.storage import Draft
from chat.sharing.access import Guest
from chat.storage import Storage
from chat.ui.app_context import AppContext
from tests.support.fake_sharing import fake_sharing
from tests.support.mcp_servers import make_servers


async def test_drafts_and_uploads_of_a_guest_end_with_the_link(
    registry: ConversationRegistry, storage: Storage, preferences: PreferencesStore, keys: ApiKeys
) -> None:
    sharing = fake_sharing()
    context = AppContext(
        conversations=registry,
        storage=storage,
        models=ModelCatalog(preferred=None, base_url=None, api_key=None, environment={}),
        preferences=preferences,
        keys=keys,
        added=AddedServers([], store=storage.servers, keys=keys),
        mcp_servers=make_servers(),
        library=await open_library(storage.assistants, storage.prompts),
        sharing=sharing,
    )
    ann, ben = [
        await sharing.invite('write', 'c', lasting=timedelta(hours=1), name=name) for name in ('Ann', 'Ben')
    ]
    guests: list[Guest] = []
    for issued in (ann, ben):
        session = sharing.session((await sharing.join(issued.token, '')).secret)
        assert session
        assert isinstance(session.visitor, Guest)
        guests.append(session.visitor)
        await context.guest_drafts[session.id].put('c', Draft(text='Dear'))
        with context.uploads.reserve(session.visitor, 1) as upload:
            upload.blob = 'a photo'
    await sharing.revoke(ann.invite.id)
    assert list(context.guest_drafts) == [guests[1].session_id]
    assert [context.uploads.blobs(guest) for guest in guests] == [set(), {'a photo'}]
    await sharing.close()
    await context.models.close()
