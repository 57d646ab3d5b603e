"""How things are shown: stored data to text, escaped HTML, JSON and tables."""
