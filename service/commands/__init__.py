"""The leaves of the `hecha` command: one file a command, and what they share at a terminal."""
