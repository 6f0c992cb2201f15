/** Compression of members of archives that the platform does not know, and of files. The bytes are what Python's bz2, zipfile and lzma write. */
import { describe, expect, it } from 'vitest';
import { bunzip2 } from '../src/io/decompression/bzip2.js';
import { unlzma } from '../src/io/decompression/lzma.js';
import { unxz } from '../src/io/decompression/xz.js';

const text = new TextEncoder().encode('abcabcabc'.repeat(60));
const contents = Uint8Array.from([
  ...Array.from({ length: 300 }, (_, i) => i % 7),
  ...text,
  ...new Uint8Array(2000),
  ...Array.from({ length: 256 }, (_, i) => i),
]);
const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));

describe.each([
  [
    'bzip2',
    bunzip2,
    'QlpoOTFBWSZTWQquLt4AAAx/////////////////////////////////////////////sAD7S0gAAAAAAAAAAJgAAAAAAAAAAEwAAAAAAAAAAAAAAAAAAmAmENACYAJgABoATAAABMAAIwEwAAAAAAAAAAAAAAAAAABMAAAAAAEKoRk0GmATTQyYmAJoZNMTTCGBMAAEYmmTAE0YAEyGmmCYBMmAAAAATBNNNBgACYARiaDJiYI3BFlIQAA/xKAgIEICADgkBGACIEgAIhwgARAlABEOGIAEAAgWHB4gIiQmKCosLjH5GRobHB0eHyAhIiMkJSYnKAJSVFZYWlxeYGP6MjM0NTY36iGiIvVRusjpCSldfsdlLTE1OT1DtKKkpqiqrK6wsrS2uLq8vsDD2+4xMbJ3WQRABEF9l7wgICIMwgICIcBn77Q0tTW2Nrc3uHgcfD4nJzdHV2d3h5ent8ffG/QEDBQcJCw0PERMVFxkbHR8hIyUnKSstLzEzNTc5Oz0/QUNFR0lLTU9RU1VXWVtdX2Fja21vcXN1d3l7fX+Bg4WHiYuNj5GTlZeZm52foaOlp6mjq6etr7Gztbe5u72/wcPFx8nDxcfJy83P0dPV19nb3d/h4+Xn6evsBAAPf3+Pn6+xdyRThQkAquLt4A=',
  ],
  [
    'LZMA',
    unlzma,
    'CQQFAF0AAIAAAAAAUlAKhPmyFISx86AOLfUEN6zr3cVFxNfDzT47BaDmAgjeqEB5Y51XeGX+C+ykejnWRgPdqEnmKEjylXkuznbqPGNJTeYmYOZ7RDjjONDUXlgXE0KJTn2Fha/UoHvCUQGK5f1VKhDbp1i2jpdgdXFGCviaTy7fVUS52mfEnooyuneWyXZPwhu/YKai9z7IngU8zCyegC6esBEoxvXGnEdyDrGnJTDV7muycv1D4WS+QkQImmMxAOGVSbTgn+t03IrlFQbyZKxtCGK3HFAWWHyM7tDSlJgj7+pIsrwerO1byK6QA8/W/r7D0mdV8LZkS7ESbKKWbfvYcbZ7rmdRHilYWHcFFGD//zl0AAA=',
  ],
])('%s', (_, expand, base64) => {
  const bytes = bytesOf(base64);
  class Broken extends Error {}
  const fail = (why: string) => new Broken(why);

  it('gives what was compressed', () => {
    expect(Buffer.compare(expand(bytes, contents.length, fail), contents)).toBe(0);
  });

  it('refuses another size than claimed', () => {
    expect(() => expand(bytes, contents.length + 1, fail)).toThrow(Broken);
  });

  it('refuses damage, or ends with as many bytes as claimed', () => {
    for (let at = 0; at < bytes.length; at++)
      for (const bit of [1, 16, 128]) {
        const damaged = bytes.slice();
        damaged[at] ^= bit;
        try {
          expect(expand(damaged, contents.length, fail).length).toBe(contents.length);
        } catch (error) {
          expect(error).toBeInstanceOf(Broken);
        }
      }
  });

  it('refuses what has been cut off, wherever', () => {
    for (let length = 0; length < bytes.length - 10; length++)
      expect(() => expand(bytes.slice(0, length), contents.length, fail)).toThrow(Broken);
  });
});

describe('xz', () => {
  const bytes = bytesOf(
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AwXAQZdAAAAUlAKhPmyFISx86AOLfUEN6zr3cVFxNfDzT47BaDmAgjeqEB5Y51XeGX+C+ykejnWRgPdqEnmKEjylXkuznbqPGNJTeYmYOZ7RDjjONDUXlgXE0KJTn2Fha/UoHvCUQGK5f1VKhDbp1i2jpdgdXFGCviaTy7fVUS52mfEnooyuneWyXZPwhu/YKai9z7IngU8zCyegC6esBEoxvXGnEdyDrGnJTDV7muycv1D4WS+QkQImmMxAOGVSbTgn+t03IrlFQbyZKxtCGK3HFAWWHyM7tDSlJgj7+pIsrwerO1byK6QA8/W/r7D0mdV8LZkS7ESbKKWbfvYcbZ7rmdRHilYWGNmN2gAAADrvgm5N3YDmgABogKYGAAA2wyAh7HEZ/sCAAAAAARZWg==',
  );
  class Broken extends Error {}
  const fail = (why: string) => new Broken(why);

  it('gives what was compressed', () => {
    expect(Buffer.compare(unxz(bytes, fail), contents)).toBe(0);
  });

  it('refuses damage, wherever', () => {
    for (let at = 0; at < bytes.length; at++)
      for (const bit of [1, 16, 128]) {
        const damaged = bytes.slice();
        damaged[at] ^= bit;
        expect(() => unxz(damaged, fail), `byte ${at}`).toThrow(Broken);
      }
  });

  it('refuses what has been cut off, wherever, and what follows', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => unxz(bytes.slice(0, length), fail)).toThrow(Broken);
    expect(() => unxz(Uint8Array.from([...bytes, ...bytes]), fail)).toThrow(Broken);
  });
});
