"""Tells Discord how commands are called and described in other languages: discord.py's translator.

It translates from the same catalogue as everything that is said; what isn't there stays English.
"""

from __future__ import annotations

from typing import Any

from discord import Locale, app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.language import catalogue, speech
from bot.model import Language

_NAMES = (Location.command_name, Location.group_name, Location.parameter_name)


class Translator(app_commands.Translator):
    """Names, descriptions and choices in the languages that the bot speaks, for each of Discord's locales."""

    async def translate(
        self, string: app_commands.locale_str, locale: Locale, context: app_commands.TranslationContext[Any, Any]
    ) -> str | None:
        """The text in a locale; None where it is English, or isn't translated."""
        language = speech(locale.value).language
        if language is Language.ENGLISH:
            return None
        known = catalogue(language)
        return (known.names if context.location in _NAMES else known.sentences).get(string.message)


async def translated(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """The commands as Discord is told of them."""
    translator = tree.translator
    if translator is None:
        return [command.to_dict(tree) for command in tree.get_commands()]
    return [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]
