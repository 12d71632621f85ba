"""The core: open conversations and the runs that answer in them. It knows no page, no disk and no server."""
