"""What one sees: NiceGUI, and no rule of its own."""
