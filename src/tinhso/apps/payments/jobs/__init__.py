"""What follows from events and by the clock."""
