"""The core: conversations that are open, and the runs that answer in them. No page, no disk, no server."""
