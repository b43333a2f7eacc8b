"""Coming in: signing in, passes, one's own account, notices."""
