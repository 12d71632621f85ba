"""The archive and the trash: conversations that are out of the list."""
