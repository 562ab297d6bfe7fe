"""Delivers: when a subscription is due, which digest it then gets, and how that is posted exactly once.

    schedule       when a subscription is due: local days and times to moments; pure
    subscriptions  a channel's standing order: set up, changed, paused, ended
    due            keeps true when each is due: pauses that are over, clocks set back
    claims         what is due becomes a delivery in the ledger, with its planned steps
    composing      a delivery to the messages it takes
    ledger         the steps of a delivery and how their state moves on
    transport      what a courier needs of Discord, and the ways in which it fails
    courier        sends what the ledger holds, each step once
    ticker         the clock's tick: claims what is due and wakes the courier
    status         what a server's admin sees of it

It knows nothing of a Discord client: bot.outgoing is the transport.
"""
