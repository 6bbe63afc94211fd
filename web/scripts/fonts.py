#!/usr/bin/env python3
"""Makes the board's four fonts and the table of their widths.

Takes full TrueType files and writes, with the same glyphs and metrics,
  web/public/assets/fonts/{name}.woff2      for browsers,
  whiteboard/draw/fonts/{name}.ttf          for the server's pictures,
  the licence beside each of them,
  web/src/shapes/text/widths.ts, ascents.ts  measures of the fonts, so that layout needs no canvas.

No kerning, no ligatures, no hinting: a line is as wide as its characters, whoever draws it. The
line's height is 1.25 em and the baseline sits so that capitals are in its middle, in CSS too.

Usage, in a scratch folder (needs fonttools and brotli, apt: python3-fonttools python3-brotli):
  npm i @expo-google-fonts/playpen-sans@0.4.1 @expo-google-fonts/inter@0.4.2 \
        @expo-google-fonts/source-serif-4@0.4.1 @expo-google-fonts/jetbrains-mono@0.4.1
  python3 fonts.py node_modules/@expo-google-fonts
"""

import shutil
import sys
import unicodedata
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = {
    'hand': ('playpen-sans', 'PlaypenSans_400Regular', 'Playpen Sans'),
    'sans': ('inter', 'Inter_400Regular', 'Inter'),
    'serif': ('source-serif-4', 'SourceSerif4_400Regular', 'Source Serif 4'),
    'mono': ('jetbrains-mono', 'JetBrainsMono_400Regular', 'JetBrains Mono'),
}

# Latin with its extensions, combining marks, Greek, Cyrillic, Vietnamese, punctuation, currencies, arrows, mathematics.
RANGES = [
    (0x20, 0x7E), (0xA0, 0x24F), (0x2B0, 0x2DD), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF),
    (0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20C0), (0x2100, 0x214F), (0x2150, 0x215F),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x25A0, 0x25FF), (0x2713, 0x2717),
]
LINE = 1.25
BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
ROOT = Path(__file__).resolve().parents[2]


def main(sources):
    widths = {}
    for name, (package, file, title) in FONTS.items():
        source = Path(sources) / package
        font = made(source / '400Regular' / f'{file}.ttf')
        ttf = ROOT / 'whiteboard/draw/fonts' / f'{name}.ttf'
        woff = ROOT / 'web/public/assets/fonts' / f'{name}.woff2'
        font.save(ttf)
        font.flavor = 'woff2'
        font.save(woff)
        for folder in (ttf.parent, woff.parent):
            shutil.copy(source / 'LICENSE_FONT', folder / f'{name}-LICENSE.txt')
        widths[name] = table(TTFont(ttf))
        print(name, title, len(TTFont(ttf).getBestCmap()), 'characters', ttf.stat().st_size, woff.stat().st_size)
    write(widths)


def made(path):
    options = subset.Options(layout_features=[], hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], notdef_outline=True)
    font = subset.load_font(str(path), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for first, last in RANGES for c in range(first, last + 1)])
    subsetter.subset(font)
    for tag in ('GSUB', 'GPOS', 'GDEF', 'kern', 'STAT', 'gasp', 'DSIG', 'meta'):
        if tag in font:
            del font[tag]
    place(font)
    return font


def place(font):
    """Puts capitals into the middle of the line."""
    em = font['head'].unitsPerEm
    os2, hhea = font['OS/2'], font['hhea']
    ascent = round(em * LINE / 2 + os2.sCapHeight / 2)
    descent = round(em * LINE) - ascent
    hhea.ascent, hhea.descent, hhea.lineGap = ascent, -descent, 0
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = ascent, -descent, 0
    os2.usWinAscent, os2.usWinDescent = ascent, descent


def table(font):
    """The ascent and the advances of all characters, in thousandths of an em, two digits each: zz = no glyph, -- = as the letter without its accents."""
    em = font['head'].unitsPerEm
    cmap = font.getBestCmap()
    in_em = lambda n: (2000 * n + em) // (2 * em)
    advance = lambda c: in_em(font['hmtx'][cmap[c]][0]) if c in cmap else None
    digits = lambda n: 'zz' if n is None else BASE62[n // 62] + BASE62[n % 62]
    letter = lambda c: ord(unicodedata.normalize('NFD', chr(c))[0])
    packed = lambda c: '--' if letter(c) != c and advance(letter(c)) == advance(c) else digits(advance(c))
    return in_em(font['hhea'].ascent), ''.join(packed(c) for first, last in RANGES for c in range(first, last + 1))


def write(widths):
    table([
        '/** The baseline of each font below the top of the line, in thousandths of an em. */',
        'export const ASCENTS: { readonly [font in FontName]: number } = {'
        + ', '.join(f'{name}: {ascent}' for name, (ascent, _) in widths.items()) + '}',
    ], 'ascents.ts')
    table([
        '/** The first and the last code point of each range, in all tables. */',
        f'export const RANGES: readonly (readonly [number, number])[] = {[list(r) for r in RANGES]}',
        '',
        '/** The advances of each font: two digits of base 62 a code point, in thousandths of an em; zz = no glyph, -- = as the letter without accents. */',
        'export const WIDTHS: { readonly [font in FontName]: string } = {',
        *[f"  {name}: '{digits}'," for name, (_, digits) in widths.items()],
        '}',
    ], 'widths.ts')


def table(lines, name):
    head = ['// Made by scripts/fonts.py; not to be edited.', '', "import type { FontName } from '../picture'", '']
    (ROOT / 'web/src/shapes/text' / name).write_text('\n'.join([*head, *lines, '']))


main(sys.argv[1])
