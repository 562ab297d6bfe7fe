"""How the bot is, for machines: /live, /ready and /metrics on a local port, and what is measured for them."""
