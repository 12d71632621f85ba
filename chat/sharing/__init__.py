"""Who may look: visitors, invites and what each allows. Rules only: no page, no disk, no server."""
