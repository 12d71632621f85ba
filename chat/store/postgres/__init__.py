"""Everything in PostgreSQL: the `Storage` of one person, in a database that many people and nodes share."""
