"""What a person has set in the page: preferences, and the keys of providers."""
