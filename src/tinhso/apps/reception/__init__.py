"""Reception: the counter with and without a line, tickets and queues, paper files and post (tiếp đón, tiếp nhận)."""
