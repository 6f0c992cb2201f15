/** The font of the examples' pictures: machines without a screen often have none. */
import { fileURLToPath } from 'node:url';
import { GlobalFonts } from '@napi-rs/canvas';

export const font = 'Flambeau';
for (const weight of [400, 700]) {
  const file = import.meta.resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`);
  GlobalFonts.registerFromPath(fileURLToPath(file), font);
}
