"""What is said of a cluster: its members, footprint, name, type, evidence, and what it goes on from."""
