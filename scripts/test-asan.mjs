// `npm run test:asan [FILE…]`: builds the native engine under AddressSanitizer and UBSan beside the real one, and runs the tests that
// work its kernels on it. Memory that V8 hands out is watched too, since malloc is the sanitizer's.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildSanitized } from './build-native.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Every kernel runs in these; the others test what lies above. */
const chosen = [
  'engine',
  'complex-engine',
  'convolution',
  'distributions',
  'fft',
  'rnn',
  'ops-indexing',
  'ops-sorting',
  'products',
  'linalg-direct',
  'gradients',
  'nn-gradients',
  'properties/',
].map((name) => `test/${name}`);

const built = await buildSanitized();
if (built === null) {
  console.log('flambeau: no compiler with sanitizers here; test:asan is skipped.');
  process.exit(0);
}
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'native',
    ...(process.argv.length > 2 ? process.argv.slice(2) : chosen),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      FLAMBEAU_ADDON: built.addon,
      LD_PRELOAD: built.libraries.join(' '),
      // V8 leaves what it holds to the end of the process; an allocation that fails shall return null, as malloc's does.
      ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
  },
);
process.exit(status ?? 1);
