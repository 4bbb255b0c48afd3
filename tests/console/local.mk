# tests/console
