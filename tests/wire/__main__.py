"""The local Discord as a process of its own: `python -m tests.wire --port 0 --guilds 1000` prints its address."""

import argparse
import asyncio
import contextlib
import gc
import signal
import sys

from .server import TOKEN, LocalDiscord


async def _serve(arguments: argparse.Namespace) -> None:
    discord = LocalDiscord(
        port=arguments.port,
        shards=arguments.shards,
        max_concurrency=arguments.max_concurrency,
        token=arguments.token,
        check_schema=arguments.schema,
        limit_rates=arguments.rates,
        way=arguments.way,
    )
    discord.add_guilds(arguments.guilds, channels=arguments.channels, roles=arguments.roles)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with discord:
        sys.stdout.write(f"{discord.world.base}\n")
        sys.stdout.flush()
        gc.disable()  # its full rounds stop everybody, which no client could tell from its own slowness
        await stop.wait()


def main() -> None:
    """Serves until it is interrupted or terminated."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--guilds", type=int, default=1)
    parser.add_argument("--channels", type=int, default=1, help="text channels in each guild")
    parser.add_argument("--roles", type=int, default=0, help="roles in each guild besides the bot's")
    parser.add_argument("--shards", type=int, default=1, help="how many the bot is told to use")
    parser.add_argument("--max-concurrency", type=int, help="identifies side by side, and hold the bot to it")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--schema", action="store_true", help="check requests against Discord's description")
    parser.add_argument("--way", type=float, default=0.0, help="seconds that a request is under way, both ways")
    parser.add_argument("--no-rates", dest="rates", action="store_false", help="no rate limits")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
