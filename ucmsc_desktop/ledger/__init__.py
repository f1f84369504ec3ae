"""The log: encrypted database, chain of events, keys, backups. The only package that speaks SQL."""
