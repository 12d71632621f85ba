"""The keys of providers: which there are, whether they work, and a place for a new one."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial

from nicegui import ui
from pydantic import SecretStr, TypeAdapter

from chat.agent.api_keys import ApiKeys
from chat.agent.key_check import check_key
from chat.agent.providers import PROVIDERS, Provider
from chat.ui.fields import Section
from chat.ui.follow_changes import follow
from chat.ui.formatting import format_day
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.javascript import COMPONENTS, confirm_script
from chat.ui.local_text import LocalText
from chat.ui.notifications import notify_on_error
from chat.ui.page_events import parse_event

KEY_STORAGE_NOTE = (
    'Keys stay on the computer that runs Parlour: in its keyring or, if it has none, in a file that only you '
    'can read. They are never shown again. Keys in environment variables take precedence over saved ones.'
)

REMOVAL_QUESTION = {
    'title': 'Remove this key?',
    'text': 'Models of this provider stop working. The key itself stays valid at the provider.',
    'action': 'Remove',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredKey:
    """What a person has entered."""

    provider: str
    """Its prefix."""
    key: SecretStr


ENTERED_KEY = TypeAdapter(EnteredKey)


class KeySection(Section):
    """All providers with a key, and a form for another key."""

    def __init__(self, keys: ApiKeys) -> None:
        super().__init__('API keys', KEY_STORAGE_NOTE)
        self._keys = keys
        self._states: dict[Provider, str] = {}
        self._rows: dict[str, ProviderKeyRow] = {}
        with self:
            self._list = HtmlElement('div', 'key-rows')
            KeyForm([one for one in PROVIDERS if one.key_variable], self._save)
            follow(self._keys.changed, self._show)

    def _show(self) -> None:
        states = {one: key_state(one, self._keys) for one in PROVIDERS if self._has_key(one)}
        if states == self._states:
            return
        self._states = states
        self._list.clear()
        with self._list:
            self._rows = {
                provider.prefix: ProviderKeyRow(provider, self._keys, remove=partial(self._remove, provider))
                for provider in states
            }

    def _has_key(self, provider: Provider) -> bool:
        return bool(self._keys.configured_variables(provider) or self._keys.saved(provider))

    async def _save(self, provider: Provider, secret: SecretStr) -> None:
        if await notify_on_error(self._keys.save(provider, secret)):
            self._show()
            await self._rows[provider.prefix].test()

    async def _remove(self, provider: Provider) -> None:
        await notify_on_error(self._keys.remove(provider))


class ProviderKeyRow(HtmlElement):
    """One provider: where its key is, and what was found when it was tried."""

    def __init__(self, provider: Provider, keys: ApiKeys, *, remove: Callable[[], Awaitable[None]]) -> None:
        super().__init__('div', 'setting key-row', data_testid='key-row', data_provider=provider.prefix)
        self._provider = provider
        self._keys = keys
        with self:
            with HtmlElement('div', 'setting-text'):
                HtmlText('span', provider.label, 'setting-label')
                LocalText('span', key_state(provider, keys), 'setting-hint')
                self._check_result = HtmlText(
                    'span', '', 'key-finding', role='status', data_testid='key-finding'
                )
            if provider.key(keys.environment):
                button = HtmlText(
                    'button', 'Test connection', 'text-button', type='button', data_testid='key-test'
                )
                button.on('click', self.test, args=[])
            if keys.saved(provider):
                button = HtmlText('button', 'Remove', 'text-button', type='button', data_testid='key-remove')
                button.on('click', remove, js_handler=confirm_script(REMOVAL_QUESTION))

    async def test(self) -> None:
        """Try the key, and say what was found."""
        if key := self._provider.key(self._keys.environment):
            self._show_result('Testing …', 'asking')
            finding = await check_key(self._provider, SecretStr(key))
            self._show_result(finding.sentence, 'good' if finding.works else 'bad')

    def _show_result(self, sentence: str, state: str) -> None:
        self._check_result.set_text(sentence)
        self._check_result.props['data-state'] = state


class KeyForm(ui.element, component=COMPONENTS / 'key_form.js'):
    """A field for a key; the key is not kept in this object, and so can be sent to no page."""

    def __init__(
        self, providers: Iterable[Provider], save: Callable[[Provider, SecretStr], Awaitable[None]]
    ) -> None:
        super().__init__()
        self._providers = {provider.prefix: provider for provider in providers}
        self._save = save
        self.props['providers'] = [
            {'prefix': provider.prefix, 'label': provider.label} for provider in self._providers.values()
        ]
        # A browser tells the server no `#keys` as it loads a page, and has it too late when it goes there.
        _, wanted, prefix = ui.context.client.sub_pages_router.current_path.partition('#keys')
        self.props['is-wanted'] = bool(wanted)
        self.props['wanted-provider'] = prefix.removeprefix('-')
        self.mark('key-form').on('save', parse_event(ENTERED_KEY, self._save_key))

    async def _save_key(self, entered: EnteredKey) -> None:
        if provider := self._providers.get(entered.provider):
            await self._save(provider, entered.key)


def key_state(provider: Provider, keys: ApiKeys) -> str:
    """Where the key of a provider is, and whether it is used."""
    given, saved = keys.configured_variables(provider), keys.saved(provider)
    if given and saved:
        return f'Uses {given} from the environment instead of the key saved on {format_day(saved.saved_at)}.'
    if given:
        return f'From the environment variable {given}.'
    if not saved:
        return 'No key.'
    if not saved.secret:
        return (
            f"Saved on {format_day(saved.saved_at)}, but the keyring of this computer can't be read. "
            'Unlock it and restart Parlour, or enter the key again.'
        )
    place = 'the keyring of this computer' if saved.location == 'keyring' else 'a file that only you can read'
    return f'Saved on {format_day(saved.saved_at)}, in {place}.'
