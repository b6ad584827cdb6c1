"""What is known of one thing: a cluster, a place, a firm, a programme, a point."""
