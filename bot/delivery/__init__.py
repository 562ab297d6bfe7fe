"""Delivers: when a subscription is due, which digest it then gets, and how that is posted exactly once.

    schedule       when a subscription is due: local days and times to moments; pure
    standing_order a channel's standing order, as a value
    subscriptions  standing orders: set up, changed, paused, ended
    slots          which local dates had their delivery
    due            keeps true when each is due: pauses that are over, clocks set back
    claims         what is due becomes a delivery in the ledger, with its planned steps
    entries        what stands in the ledger, as values
    ledger         how the state of a delivery's steps moves on
    composing      a delivery to the messages it takes
    transport      what a courier needs of Discord, and the ways in which it fails
    tools          what an errand works with
    errand         one delivery's way through its steps, each once
    courier        sends deliveries side by side, fair between servers
    results        the end of a round: posted once, and corrected by keys that change
    closing        rounds whose post nobody keeps
    channels       channels that go away
    ticker         the clock's tick: claims what is due and wakes the courier
    supply         what the library still holds for a subscription
    status         what a server's admin sees of it
    sentences      what they are told when something went wrong

It knows nothing of a Discord client: bot.outgoing is the transport.
"""
