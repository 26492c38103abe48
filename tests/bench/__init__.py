"""The bench itself: that its report is right, and that every part still runs."""
