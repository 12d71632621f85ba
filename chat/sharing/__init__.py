"""Sharing: visitors, invites and permissions. Rules only: no page, no disk, no server."""
