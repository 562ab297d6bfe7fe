"""Paper Round: a Discord bot that delivers a digest of research papers every day and runs a quiz round on it."""
