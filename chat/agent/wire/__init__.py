"""What comes from servers over HTTP, made what the packages of providers can read."""
