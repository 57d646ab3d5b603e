"""The server through which an assistant works on the collection (Model Context Protocol)."""
