/** The program of Web Workers that are the WebAssembly engine's threads, for pages whose policy takes programs from files alone. */
import type { WasmThread } from '../backends/cpu/wasm.js';
import { joinEngine } from '../backends/cpu/wasm_join.js';

addEventListener(
  'message',
  ({ data }) => {
    postMessage('begun');
    joinEngine(data as WasmThread);
  },
  { once: true },
);
