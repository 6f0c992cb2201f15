import { RuntimeError } from '../../core/errors.js';

/** The error to throw where a policy forbids WebAssembly, when it is compiled or, in Safari, when it is started; null where it was something else. */
export function policyError(cause: unknown): RuntimeError | null {
  try {
    // The least that there is: only a policy forbids it.
    new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])));
    return null;
  } catch {
    return new RuntimeError(
      "no WebAssembly may be compiled here: a page's Content-Security-Policy must allow 'wasm-unsafe-eval' in its script-src (or default-src); " +
        "where nothing is ever compiled, as in Cloudflare Workers, import wasm from 'flambeau/flambeau.wasm' and await init({ wasm })",
      { cause },
    );
  }
}
