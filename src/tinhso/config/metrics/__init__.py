"""What operators watch: counts of the processes added up, and the state of what they stand on, for Prometheus."""
