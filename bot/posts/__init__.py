"""Turns a digest into Discord messages: pure functions from the model to the values in bot.posts.message.

    digest_post   the public post of a digest, in a look; its menus and buttons
    paper         what a menu opens privately: a paper in full, the reading tips
    packing       parts of any length into embeds into messages, within the limits
    markdown      text of documents and people made safe to show
    splitting     long text into pieces, long labels short
    custom_ids    what stands in the custom_id of every button and menu of the bot
    limits        Discord's limits, and what is wrong with a message body
    style         colours, names and dates as posts show them
    message       the messages themselves, as plain values

It knows nothing of a Discord client or a database.
"""

from bot.posts.digest_post import compose
from bot.posts.paper import open_choice, paper_in_full, tips

__all__ = ["compose", "open_choice", "paper_in_full", "tips"]
