"""Tests of collection lists."""
