"""What a centre keeps: members, mediators, accounts, its own data."""
