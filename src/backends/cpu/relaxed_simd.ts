/** Whether WebAssembly knows relaxed SIMD here: a multiplication and an addition in one step, rounded once where the processor can. */

/** A module whose one function adds the product of two vectors to a third: `f32x4.relaxed_madd` of vectors of ones. */
const sample = Uint8Array.of(
  // The head; one type, of no arguments and a vector as its result; one function of that type.
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7b],
  ...[3, 2, 1, 0],
  // Its code: three times `i32.const 1` and `i32x4.splat`, then the instruction.
  ...[10, 19, 1, 17, 0],
  ...[0x41, 1, 0xfd, 0x11, 0x41, 1, 0xfd, 0x11, 0x41, 1, 0xfd, 0x11],
  ...[0xfd, 0x85, 0x02, 0x0b],
);

let found: boolean | undefined;

/** Whether this host runs the engine's forms with relaxed SIMD (Node 22, Chrome 114, Firefox 145 and later). */
export function hasRelaxedSimd(): boolean {
  found ??= globalThis.WebAssembly?.validate(sample) ?? false;
  return found;
}
