"""Write resources/sounds/reminder.wav: two soft notes going down. Not the tones of an alarm, on purpose (IEC 60601-1-8)."""

from __future__ import annotations

import math
import struct
import sys
import wave
from pathlib import Path

RATE = 22_050
NOTES = ((784.0, 0.0), (587.0, 0.26))  # Hz, and the second at which each begins
LENGTH_S = 0.9
LOUD = 0.5


def samples() -> list[int]:
    """Give the sound, sample by sample. Units: 16 bit."""
    made = []
    for n in range(int(RATE * LENGTH_S)):
        at = n / RATE
        level = 0.0
        for pitch, begins in NOTES:
            since = at - begins
            if since >= 0:
                swell = min(1.0, since / 0.012) * math.exp(-5.5 * since)
                level += swell * (
                    math.sin(math.tau * pitch * since) + 0.25 * math.sin(math.tau * 2 * pitch * since)
                )
        made.append(round(max(-1.0, min(1.0, LOUD * level)) * 32_767))
    return made


def write(path: Path) -> None:
    """Write the sound as a WAV file."""
    made = samples()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(made)}h", *made))


if __name__ == "__main__":
    write(
        Path(sys.argv[1])
        if len(sys.argv) > 1
        else Path(__file__).parent.parent / "resources/sounds/reminder.wav"
    )
