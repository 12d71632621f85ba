"""What tests stand on: a provider of our own and the app as a process."""
