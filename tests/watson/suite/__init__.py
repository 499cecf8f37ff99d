"""Real Watson clients against any server that speaks Watson's protocol. See ../README.md."""
