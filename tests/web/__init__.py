"""Tests of the HTTP side, against a real server."""
