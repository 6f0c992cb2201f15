/** What the platform offers: the CPU engine, and in Node an async context for modes. */
import { CpuBackend } from './backends/cpu/backend.js';
import { loadEngine } from './backends/cpu/load.js';
import { registerBackend } from './core/backends.js';
import { type Context, useAsyncContext } from './core/context.js';

registerBackend('cpu', () => new CpuBackend(loadEngine()));

// Not `import 'node:…'`: the module must also load where there is no Node.
const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks');
if (hooks !== undefined) useAsyncContext(new hooks.AsyncLocalStorage<Context>());
