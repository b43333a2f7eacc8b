"""How it is talked about: rooms, sessions, offers, the mediator."""
