"""What it costs, against floors taken in the same run: `make bench`, or `python -m tests.bench [NAME…]`.

A benchmark is a file with an async function that takes a folder to work in and whether it is to be `tiny` (a
second or two, for the tests), and gives a Report: rows of our figure beside the floor's. Our side is the
unmodified bot in a process of its own, on the local Discord in another one. The floor is measured in the same
run, in turns with ours, so that the machine's moods strike both.
"""
