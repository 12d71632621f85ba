"""What the pages are built from."""

from dataclasses import dataclass, field

from chat.agent.models import ModelChoices
from chat.conversation.opened import OpenConversations
from chat.store.catalog.catalog import Catalog
from chat.ui.room.renderings import Renderings


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The long-lived parts, made by `app.py`, that every page of every visitor shares."""

    opened: OpenConversations
    catalog: Catalog
    models: ModelChoices
    renderings: Renderings = field(default_factory=Renderings)
