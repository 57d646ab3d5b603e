"""Test material and figures of retrieval."""
