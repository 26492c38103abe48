"""Benchmarks: `make bench` measures a province of its own and writes docs/explanation/performance.md."""
