"""How the owner shares: a dialog with the links, those who were invited, and who is here."""
