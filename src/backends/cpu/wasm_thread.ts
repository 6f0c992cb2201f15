/** The program of Node's workers that are the WebAssembly engine's threads. */
import { workerData } from 'node:worker_threads';
import type { WasmThread } from './wasm.js';
import { joinEngine } from './wasm_join.js';

joinEngine(workerData as WasmThread);
