"""Models are state that pages follow: what becomes known on one page is seen on all of them."""

from collections.abc import Callable

from nicegui.testing import User
from pydantic import SecretStr

from chat.agent.api_keys import ApiKeys
from chat.agent.model_catalog import ModelCatalog
from chat.agent.providers import PROVIDERS
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.image_loader import ImageLoader
from chat.storage import Storage
from chat.ui.chat.turn_actions import TurnActions
from chat.ui.model_menu import ModelGroup, ModelMenu
from chat.web_fetch import WebFetcher
from tests.ui.row_lists import soon

OPENAI = next(provider for provider in PROVIDERS if provider.prefix == 'openai')


async def test_a_key_that_is_saved_is_known_on_all_open_pages(
    person: User, another: Callable[[], User], keys: ApiKeys
) -> None:
    """Neither of the two has done anything, and neither is loaded anew."""
    people = person, another()
    for one in people:
        await one.open('/')
        await one.should_see('No model is connected yet.')
    await keys.save(OPENAI, SecretStr('sk-1'))
    for one in people:
        await one.should_not_see('No model is connected yet.')
        await one.should_see(OPENAI.model_names()[0].partition(':')[2])


async def test_an_open_list_of_models_is_kept_up_to_date_until_it_is_closed(
    person: User, keys: ApiKeys
) -> None:
    await person.open('/')
    (menu,) = person.find(kind=ModelMenu).elements

    def listed() -> str:
        return str(menu.props['groups'])  # pyright: ignore[reportUnknownArgumentType]  # NiceGUI's props are not typed

    person.find(kind=ModelMenu).trigger('open')
    await keys.save(OPENAI, SecretStr('sk-1'))
    await person.should_not_see('No model is connected yet.')
    await soon(lambda: 'OpenAI' in listed())
    person.find(kind=ModelMenu).trigger('close')
    await keys.remove(OPENAI)
    await person.should_see('No model is connected yet.')
    assert 'OpenAI' in listed(), 'it is of no use to anybody now'
    person.find(kind=ModelMenu).trigger('open')
    await soon(lambda: 'OpenAI' not in listed())


async def test_so_is_the_list_for_another_answer(
    registry: ConversationRegistry, storage: Storage, preferences: PreferencesStore, keys: ApiKeys
) -> None:
    models = ModelCatalog(
        preferred=None, base_url=None, api_key=None, environment=keys.environment, changes=[keys.changed]
    )
    images = ImageLoader(WebFetcher())
    actions = TurnActions(registry.new(), registry, storage.catalog, models, preferences, images)
    offered: list[list[ModelGroup]] = []
    await actions.offer_models(offered.append)
    await keys.save(OPENAI, SecretStr('sk-1'))
    actions.show_models()
    assert 'OpenAI' in str(offered[-1])
    actions.end_offer(offered.append)
    count = len(offered)
    await keys.remove(OPENAI)
    actions.show_models()
    assert len(offered) == count
    await models.close()
