import type { WasmThread } from './wasm.js';

/** Makes the worker that calls it one of the WebAssembly engine's threads: it shares the memory and never returns. */
export function joinEngine({ module, memory, index, address, nbytes }: WasmThread): void {
  const host = { startThread: () => 0, milliseconds: () => performance.now() };
  const { exports } = new WebAssembly.Instance(module, { env: { memory }, host });
  const { __stack_pointer, __wasm_init_tls, work, abandon } = exports as unknown as {
    __stack_pointer: WebAssembly.Global;
    __wasm_init_tls(address: number): void;
    work(index: number): void;
    abandon(): void;
  };
  __stack_pointer.value = address + nbytes;
  __wasm_init_tls(address);
  try {
    work(index);
  } catch (error) {
    // Whoever waits for the piece must learn of it.
    abandon();
    throw error;
  }
}
