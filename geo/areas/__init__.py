"""Areas of the user's own: what a polygon must be, and its outline as a short text."""
