import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { engines, firstEngine } from './test/run/engines.js';
import Order from './test/run/order.js';
import { processes } from './test/run/processes.js';

const built = (name: string) => fileURLToPath(new URL(`dist/${name}`, import.meta.url));

/** Rules of types, binding, modes, files and formulas, which reach every engine through the same code: once is enough. */
const ofNoEngine = [
  'architecture',
  'autocast-corpus',
  'batched-gradients',
  'bench-sizes',
  'built',
  'calls',
  'charts',
  'convert',
  'data-parallel',
  'convert-public',
  'convert-unusual',
  'checkpoints',
  'decompress',
  'detection',
  'distributed/*',
  'einops',
  'errors',
  'errors-list',
  'expression',
  'forward-by-name',
  'func',
  'functional-call',
  'fuzz',
  'fx',
  'fx-corpus',
  'gradients',
  'hub',
  'interop',
  'io-legacy',
  'meta',
  'metrics',
  'models',
  'mpi',
  'mpi-training',
  'mysteries',
  'nn-errors',
  'node-files',
  'numpy-text',
  'packages',
  'page-sizes',
  'reflection/*',
  'resumed-trainings',
  'small-devices',
  'tables',
  'tensorboard',
  'torchinfo',
  'trainer',
  'transfer',
  'transforms-as-torchvision',
  'transforms-v2',
  'tutorials',
  'type_info',
  'types/*',
  'vision-folders',
  'vision-images',
  'vision-ops',
  'vision-sets',
  'vision-utils',
  'vmap',
  'vmap-corpus',
  'vmap-custom-functions',
  'worker-faults',
  'workers',
].map((name) => `test/${name}.test.ts`);
if (!engines.includes('native')) console.warn('The native engine is not built: its tests do not run.');

export default defineConfig({
  test: {
    // Tests see the package as its users do, by its name, and its parts as they were built: Node loads those faster than sources. What Node itself
    // imports for them, threads too, has the same modules, not the few files that are made of them (test/node-files.test.ts tries those).
    alias: [
      { find: /^flambeau$/, replacement: built('index.js') },
      { find: /^flambeau\/lazy$/, replacement: built('lazy.js') },
      { find: /^flambeau\/(\w+)$/, replacement: built('$1/index.js') },
      { find: /^(\.\.\/)+src\//, replacement: built('') },
    ],
    server: { deps: { external: [/\/dist\//] } },
    execArgv: ['--conditions=module'],
    pool: processes,
    isolate: false,
    setupFiles: ['./test/run/as_it_was.ts'],
    sequence: { sequencer: Order },
    maxWorkers: 2,
    // Long enough for a machine that does much else: what hangs is ended all the same.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ['default', './test/counts.ts'],
    projects: [
      ...engines.map((engine) => ({
        extends: true as const,
        test: {
          name: engine,
          env: { FLAMBEAU_CPU: engine },
          include: ['test/**/*.test.ts'],
          exclude: ['test/webgpu/**', 'test/hosts/**', ...(engine === firstEngine ? [] : ofNoEngine)],
        },
      })),
      // The GPU's tests run once, on whichever engine is the default.
      {
        extends: true as const,
        test: { name: 'webgpu', include: ['test/webgpu/**/*.test.ts'], env: softwareDriver() },
      },
      // Installs other people's tools, so it is run when it is asked for (npm run test:hosts).
      ...(process.env.FLAMBEAU_HOSTS
        ? [
            {
              extends: true as const,
              test: { name: 'hosts', include: ['test/hosts/**/*.test.ts'], hookTimeout: 600_000 },
            },
          ]
        : []),
      // And some of them as on the least of adapters.
      {
        extends: true as const,
        test: {
          name: 'webgpu-least',
          include: ['device', 'limits', 'files', 'recurrence', 'ctc'].map(
            (name) => `test/webgpu/${name}.test.ts`,
          ),
          env: { ...softwareDriver(), FLAMBEAU_WEBGPU_LIMITS: 'default' },
        },
      },
    ],
  },
});

/** Where there is no GPU, Chromium's software driver does, which Debian's package `chromium` brings. */
function softwareDriver(): Record<string, string> {
  const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';
  return process.env.VK_DRIVER_FILES === undefined && existsSync(driver) ? { VK_DRIVER_FILES: driver } : {};
}
