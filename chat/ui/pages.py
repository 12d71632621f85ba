"""Which address shows which page, and to whom."""

from chat.agent.models import ModelChoices
from chat.conversation.opened import OpenConversations
from chat.store.catalog import Catalog
from chat.ui.frame import Frame
from chat.ui.renderings import Renderings


class Pages:
    """Builds a page for each browser tab; all of them show the same conversations."""

    def __init__(self, *, opened: OpenConversations, catalog: Catalog, models: ModelChoices) -> None:
        self._opened = opened
        self._catalog = catalog
        self._models = models
        self._renderings = Renderings()

    def show(self) -> None:
        """Build the page that is being asked for; NiceGUI calls this for every address."""
        Frame(opened=self._opened, catalog=self._catalog, models=self._models, renderings=self._renderings)
