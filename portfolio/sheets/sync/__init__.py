"""Keeping linked spreadsheets and the database in step: read, merge, take, send."""
