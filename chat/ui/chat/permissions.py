"""What a visitor may do on the page of a conversation."""

from dataclasses import dataclass

from chat.sharing.access import Guest, Owner, Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPermissions:
    """What is not permitted has no element on the page, and no handler behind one."""

    can_send: bool
    """Write prompts, attach files, stop an answer."""
    can_manage_turns: bool
    """Have other answers, ask in other words, see and delete versions, fork; change what waits."""
    can_decide: bool
    """Approve and deny the calls of tools, and answer what they ask."""
    can_manage_chat: bool
    """Its title, its model and its settings."""
    can_share: bool
    """Have others see it, by a link; nobody of a team can."""
    can_choose_folder: bool
    """Give tools a folder of the computer that Parlour runs on: only there, and not from another device."""
    sees_tool_details: bool
    """What went into a tool, and what came out."""
    can_attach_any_file: bool
    """Also what they have neither uploaded nor can see: a page may name any file there is."""


def permissions_of(visitor: Visitor, conversation_id: str) -> ChatPermissions:
    """Return what a visitor may do in a conversation that they can see."""
    match visitor:
        case Owner():
            return ChatPermissions(
                can_send=True,
                can_manage_turns=True,
                can_decide=True,
                can_manage_chat=True,
                can_share=not visitor.user,
                can_choose_folder=visitor.is_at_computer,
                sees_tool_details=True,
                can_attach_any_file=True,
            )
        case Guest():
            return ChatPermissions(
                can_send=visitor.can_write(conversation_id),
                can_manage_turns=False,
                can_decide=False,
                can_manage_chat=False,
                can_share=False,
                can_choose_folder=False,
                sees_tool_details=False,
                can_attach_any_file=False,
            )
