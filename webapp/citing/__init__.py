"""Cite this: a passage or a document in the forms that reference managers, writers and spreadsheets take."""
