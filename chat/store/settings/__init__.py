"""What a person has set in the page: preferences, keys, servers, and whom they have invited."""
