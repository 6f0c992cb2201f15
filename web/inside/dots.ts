/** Drawings as text in a program, a character for each dot, so that one sees what was drawn there, too. */

/** The drawing's side, in dots. */
export const side = 14;
/** From no ink to all of it. */
const characters = '.:-=+*#%@';

/** A drawing's dots, from 0 to 1, as lines of characters. */
export function toText(dots: ArrayLike<number>): string {
  const last = characters.length - 1;
  const text = Array.from(dots, (dot) => characters[Math.round(Math.min(Math.max(dot, 0), 1) * last)]).join(
    '',
  );
  return text.replace(new RegExp(`.{${side}}`, 'g'), '$&\n');
}

/** The drawing in a program: what stands between its backticks. */
export function drawingIn(program: string): Float32Array {
  const text = /`([^`]*)`/.exec(program)![1].replaceAll(/\s/g, '');
  return Float32Array.from(text, (character) => characters.indexOf(character) / (characters.length - 1));
}

/** The program with another drawing. */
export function withDrawing(program: string, dots: ArrayLike<number>): string {
  return program.replace(/`[^`]*`/, () => `\`\n${toText(dots)}\``);
}
