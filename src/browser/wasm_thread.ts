/** The program of Web Workers that are the WebAssembly engine's threads. */
import type { WasmThread } from '../backends/cpu/wasm.js';
import { joinEngine } from '../backends/cpu/wasm_join.js';

addEventListener('message', ({ data }) => joinEngine(data as WasmThread), { once: true });
