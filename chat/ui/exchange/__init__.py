"""What a person sees of export and import: two dialogs, and the way to them in the settings."""
