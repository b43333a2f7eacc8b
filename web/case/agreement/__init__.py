"""What was agreed: the text, the promises, the confirmation by a court, the end."""
