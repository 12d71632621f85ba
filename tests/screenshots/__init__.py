"""The program that takes pictures of every page and dialog."""
