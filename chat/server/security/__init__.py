"""The guard: what every request and every socket passes before a page or a route hears of it."""
