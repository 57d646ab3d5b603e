"""The pages: each reads a request, asks ``corpus`` and ``index``, and renders a template."""
