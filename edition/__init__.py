"""What is shown: the tables of an edition, how they are built and opened, and the view that asks."""
