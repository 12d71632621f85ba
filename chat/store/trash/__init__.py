"""How conversations leave: into the trash and back, or for good with all that only they had."""
