"""Which of the built-in tools a chat has, and who can use them."""

from functools import partial

from chat.agent_config import AgentRoster, BuiltInTool
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.live_conversation import LiveConversation
from chat.sharing.sharing import Sharing
from chat.ui.chat.folder_setting import FolderSetting, with_options
from chat.ui.fields import Switch
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.notifications import notify_on_error

NOTE = 'Off until you switch one on, and only in this chat.'

NOT_OFFERED = (
    '“{}” has tools of its own. Those that can be switched on are for chats with the agent “Parlour”.'
)

WRITERS = (
    'This chat is shared. Guests who may write can have these tools used as well: '
    'each of their calls asks you first.'
)

READERS = 'This chat is shared. Guests see that a tool was used, but not for what, nor what came of it.'

NOT_FOR_GUESTS = 'Never for guests.'


class ToolSwitches(HtmlElement):
    """A switch for each tool; only the built-in agent has them, for others there is a sentence."""

    def __init__(
        self, live: LiveConversation, agents: AgentRoster, sharing: Sharing, *, can_choose_folder: bool
    ) -> None:
        super().__init__('section', 'tool-switches', aria_label='Tools', data_testid='chat-tools')
        self._live = live
        self._agents = agents
        self._sharing = sharing
        self._offered: tuple[BuiltInTool, ...] = ()
        self._can_choose_folder = can_choose_folder
        self._switches: dict[str, Switch] = {}
        self._folders: list[FolderSetting] = []
        with self:
            HtmlText('h3', 'Tools')
            self._note = HtmlText('p', '', 'settings-note')
            self._guests = HtmlText('p', '', 'settings-note tool-guests', data_testid='tool-guests')
            self._rows = HtmlElement('div')
            follow(sharing.changed, self.show)

    def show(self) -> None:
        """Bring the switches and the sentences up to date."""
        agent = self._agents.find(self._live.metadata.agent)
        offered = agent.built_in_tools if agent else ()
        if offered != self._offered:
            self._offered = offered
            self._build(offered)
        for name, switch in self._switches.items():
            switch.show(name in self._live.metadata.tools)
        for folder in self._folders:
            folder.show()
        name = agent.name if agent else self._live.metadata.agent
        self._note.set_text(NOTE if offered else NOT_OFFERED.format(name))
        sentence = self._about_guests() if offered else ''
        self._guests.set_text(sentence)
        self._guests.set_visibility(bool(sentence))

    def _build(self, tools: tuple[BuiltInTool, ...]) -> None:
        self._rows.clear()
        with self._rows:
            self._switches = {
                tool.name: Switch(
                    tool.title,
                    _about(tool),
                    partial(self._switch, tool.name),
                    testid='tool-switch',
                    data_name=tool.name,
                )
                for tool in tools
                if not tool.check_folder
            }
            self._folders = [
                FolderSetting(self._live, tool, _about(tool), can_choose=self._can_choose_folder)
                for tool in tools
                if tool.check_folder
            ]

    def _about_guests(self) -> str:
        """Return who else can use the tools, if the chat is shared."""
        allowed = {
            invite.allows for invite in self._sharing.invites if invite.conversation_id == self._live.id
        }
        if 'write' in allowed:
            return WRITERS
        return READERS if 'read' in allowed else ''

    async def _switch(self, name: str, is_on: bool) -> None:
        def switched(metadata: ConversationMetadata) -> ConversationMetadata:
            return with_options(metadata, name, metadata.tools.get(name, {}) if is_on else None)

        await notify_on_error(self._live.update_metadata(switched))


def _about(tool: BuiltInTool) -> str:
    return tool.sentence if tool.is_for_guests else f'{tool.sentence} {NOT_FOR_GUESTS}'
