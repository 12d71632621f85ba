"""What a person has set in the page: preferences, the keys of providers, and whom they have invited."""
