/** A font of pixels for labels on pictures. It was drawn for this library: PIL's own is a file of outlines. */
import type { Rgb } from './color_names.js';
import { type Canvas, fillRow } from './raster.js';

/**
 * Glyphs from `!` to `~`, by a digit of base 32 for each row from the top: seven rows stand on the line, and two hang below it. What is left empty at their sides
 * is cut off.
 */
const glyphs =
  '4444404 aa aavavaa 4fke5u4 pp248jj ciiclid 44 2444442 4222224 04lel4 0044v44 000000448 0000e 0000004 1122448 ' +
  '69b9d96 2622227 691248f 6916196 26aaf22 f88e11e 688e996 f112244 6996996 6997116 0040004 004000448 0024842 000f0f ' +
  '0084248 6912404 ehnlnge 699f999 e99e99e 6988896 e99999e f88e88f f88e888 698b997 999f999 e44444e 3111196 99aca99 ' +
  '888888f hrllhhh 9ddbb99 6999996 e99e888 69999a5 e99ea99 788611e v444444 9999996 hhhaa44 hhhllla hha4ahh hha4444 ' +
  'f11248f 6444446 8844221 6222226 4ah 0000000f 84 0061797 88e999e 0078887 1179997 0069f87 344e444 007999716 88e9999 ' +
  '4044444 20222222c 889aca9 4444442 00qllll 00e9999 0069996 00e999e88 007999711 00bc888 007861e 44e4443 0099997 ' +
  '00hhaa4 00hhlla 00ha4ah 009999716 00f124f 2448442 444444444 4221224 0005a';
/** The glyph of characters that have none. */
const missing = 'f99999f';

const rows = 9;
const lineHeight = 11;
const spaceWidth = 3;

/** A character's rows: bits, the highest of `width` the leftmost. */
interface Glyph {
  readonly width: number;
  readonly bits: readonly number[];
}

let known: ReadonlyMap<string, Glyph> | null = null;

function glyphOf(code: string): Glyph {
  const bits = [...code].map((digit) => Number.parseInt(digit, 32));
  const all = bits.reduce((one, other) => one | other, 0);
  const right = 31 - Math.clz32(all & -all);
  return { width: 32 - Math.clz32(all) - right, bits: bits.map((row) => row >> right) };
}

function glyphsOf(line: string): Glyph[] {
  known ??= new Map(glyphs.split(' ').map((code, i) => [String.fromCharCode(33 + i), glyphOf(code)]));
  return Array.from(line, (character) =>
    /\s/.test(character) ? { width: spaceWidth, bits: [] } : (known!.get(character) ?? glyphOf(missing)),
  );
}

const widthOf = (line: readonly Glyph[]) => line.reduce((sum, { width }) => sum + width + 1, 0);

/** The width and height of a text, whose lines are apart by `\n`. */
export function textSize(text: string): readonly [width: number, height: number] {
  const lines = text.split('\n');
  return [Math.max(...lines.map((line) => widthOf(glyphsOf(line)))), (lines.length - 1) * lineHeight + rows];
}

/** Writes a text, whose first line begins at (left, top). */
export function drawText(canvas: Canvas, left: number, top: number, text: string, colour: Rgb): void {
  for (const [i, line] of text.split('\n').entries()) {
    let x = left;
    for (const { width, bits } of glyphsOf(line)) {
      for (const [row, ink] of bits.entries())
        for (let column = 0; column < width; column++)
          if (((ink >> (width - 1 - column)) & 1) === 1)
            fillRow(canvas, x + column, top + i * lineHeight + row, x + column, colour);
      x += width + 1;
    }
  }
}
