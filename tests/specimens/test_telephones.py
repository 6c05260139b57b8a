"""The panel of a telephone and the picture a camera takes of it."""

from __future__ import annotations

import numpy as np
import pytest

from service.specimens.telephones import BLUE, GREEN, PANELS, RED, SIZES, Camera, dots, recapture

WHITE = np.full((300, 400, 3), 230, np.uint8)
CARD = np.array([(20, 25), (380, 25), (380, 275), (20, 275)], np.float32)


@pytest.mark.parametrize("diamond", [False, True])
def test_every_colour_of_a_panel_gives_as_much_light(diamond: bool) -> None:
    light = [float(dots(WHITE[:40, :40, 0], channel, diamond=diamond).mean()) for channel in (BLUE, GREEN, RED)]
    assert light == pytest.approx([light[1]] * 3, rel=0.05)


def test_red_and_blue_of_a_diamond_panel_take_turns() -> None:
    red, green, blue = (dots(WHITE[:4, :4, 0], channel, diamond=True) > 0 for channel in (RED, GREEN, BLUE))
    assert not (red & green).any()
    assert not (red & blue).any()
    assert green.sum() == red.sum() + blue.sum()
    # A quarter of a panel's pixels away the other one stands.
    assert np.array_equal(red[:, :-4], blue[:, 4:])


@pytest.mark.parametrize("megapixels", list(SIZES))
def test_the_grid_has_the_pitch_of_the_panel(megapixels: int) -> None:
    camera = Camera(megapixels, share=0.8, focus=0.4, binned=True)
    shown = np.full((1080, 1440, 3), 230, np.uint8)
    card = CARD * np.float32(3.6)
    pixels, quad = recapture(shown, card, PANELS[0], camera, np.random.default_rng(0))
    height, width = pixels.shape[:2]
    assert (width, height) == SIZES[megapixels]
    assert (quad > 0).all()
    assert (quad < (width, height)).all()
    length = float(np.linalg.norm(quad[1] - quad[0]))
    assert length == pytest.approx(0.8 * width, rel=0.03)
    x, y = (int(value) for value in quad.mean(axis=0))
    tile = pixels[y - 128 : y + 128, x - 128 : x + 128, GREEN].astype(np.float32)
    power = np.abs(np.fft.fft((tile - tile.mean()).mean(axis=0) * np.hanning(256)))[:129]
    # Held upright 1080 columns show the picture, on its side as many as it has: 972 or 1296 of them the card.
    found = float(power[8:].argmax() + 8) / 256
    pitches = [share * 1440 * 0.9 / 1440 / length for share in (1080, 1440)]
    folded = [min(one % 1, 1 - one % 1) for one in pitches]
    assert min(abs(found - one) for one in folded) < 0.02
