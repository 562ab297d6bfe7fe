"""What a server's admin is told of a delivery that went wrong: what is wrong, and how to mend it."""

from __future__ import annotations

from bot.delivery.entries import StepKind

UNKNOWN = {
    StepKind.MESSAGE: (
        "I can't find out whether a digest was posted: the connection broke, and I can't read the channel's "
        "history. I won't post it again by myself. Give me Read Message History there, so that I can look the "
        "next time."
    ),
    StepKind.RESULTS: (
        "I can't find out whether a round's results were posted: the connection broke, and I can't read the "
        "history there. I won't post them again by myself. Give me Read Message History, so that I can look the "
        "next time."
    ),
    StepKind.STANDINGS: (
        "I can't find out whether the week's standings were posted: the connection broke, and I can't read the "
        "history there. I won't post them again by myself. Give me Read Message History, so that I can look the "
        "next time."
    ),
}
"""Of messages that may be out there."""
NO_POST = "The message that this belongs to isn't there."
POST_SHUT = (
    "A digest's post in the forum was deleted, archived or locked while I was still writing it, so the rest of it "
    "is missing."
)
MALFORMED = (
    "A digest couldn't be posted because of a mistake on our side. Tell whoever runs this bot; the reason is in "
    "its log."
)
NOT_ALLOWED = {
    StepKind.THREAD: (
        "I can't open threads in that channel, so posts go without from now on. Give me Create Public Threads, "
        "then switch them on again with `/digest edit`."
    ),
    StepKind.PUBLISH: (
        "I can't publish posts in that channel, so they stay there from now on. It has to be an announcement "
        "channel in which I may send messages; then switch publishing on again with `/digest edit`."
    ),
}
"""Of what comes after a message: it is left out, and switched off."""
