"""The commands, by what they are for; `bot.__main__` puts them together."""
