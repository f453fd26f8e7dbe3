"""What a person sees of the sync: linked spreadsheets, previews, and the inbox of conflicts."""
