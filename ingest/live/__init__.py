"""Fetching minutes from live committee sites: a polite client, the kinds of site, and the run over them."""
