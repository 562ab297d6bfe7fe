"""Delivered once, whatever happens: the bot is killed, cut off, flooded and lied to, and the books are checked.

`make soak` runs the long forms (`python -m tests.faults --help`); the tests here are their short forms.
"""
