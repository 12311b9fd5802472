"""The multibase called base256emoji: one character a byte. The original software does not know it, nor do key texts."""

from __future__ import annotations

from iop.errors import DecodeError

_CODE = "\U0001f680"
_DIGITS = (
    "🚀🪐☄🛰🌌🌑🌒🌓🌔🌕🌖🌗🌘🌍🌏🌎🐉☀💻🖥💾💿😂❤😍🤣😊🙏💕😭😘👍"
    "😅👏😁🔥🥰💔💖💙😢🤔😆🙄💪😉☺👌🤗💜😔😎😇🌹🤦🎉💞✌✨🤷😱😌🌸🙌"
    "😋💗💚😏💛🙂💓🤩😄😀🖤😃💯🙈👇🎶😒🤭❣😜💋👀😪😑💥🙋😞😩😡🤪👊🥳"
    "😥🤤👉💃😳✋😚😝😴🌟😬🙃🍀🌷😻😓⭐✅🥺🌈😈🤘💦✔😣🏃💐☹🎊💘😠☝"
    "😕🌺🎂🌻😐🖕💝🙊😹🗣💫💀👑🎵🤞😛🔴😤🌼😫⚽🤙☕🏆🤫👈😮🙆🍻🍃🐶💁"
    "😲🌿🧡🎁⚡🌞🎈❌✊👋😰🤨😶🤝🚶💰🍓💢🤟🙁🚨💨🤬✈🎀🍺🤓😙💟🌱😖👶"
    "🥴▶➡❓💎💸⬇😨🌚🦋😷🕺⚠🙅😟😵👎🤲🤠🤧📌🔵💅🧐🐾🍒😗🤑🌊🤯🐷☎"
    "💧😯💆👆🎤🙇🍑❄🌴💣🐸💌📍🥀🤢👅💡💩👐📸👻🤐🤮🎼🥵🚩🍎🍊👼💍📣🥂"
)
_VALUES = {digit: index for index, digit in enumerate(_DIGITS)}


def encode_emoji(data: bytes) -> str:
    """Code character and one emoji a byte."""
    return _CODE + "".join([_DIGITS[byte] for byte in data])


def parse_emoji(text: str) -> bytes:
    """Bytes of base256emoji text with its code character. Raises DecodeError."""
    if text[:1] != _CODE:
        raise DecodeError(f"base256emoji starts with {_CODE}, got {text[:1]!r}")
    try:
        return bytes([_VALUES[digit] for digit in text[1:]])
    except KeyError as exc:
        raise DecodeError(f"{exc.args[0]!r} is not a base256emoji digit") from exc
