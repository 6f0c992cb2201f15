// `npm run test:asan [FILE…]`: builds the native engine under AddressSanitizer and UBSan beside the real one, and runs the tests that
// work its kernels on it. Memory that V8 hands out is watched too, since malloc is the sanitizer's.
import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSanitized } from './build-native.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Every kernel runs in these; the others test what lies above. */
const chosen = ['engine', 'ops-indexing', 'ops-sorting', 'products', 'gradients', 'nn-gradients', 'properties/'].map(
  (name) => `test/${name}`,
);

const built = await buildSanitized();
if (built === null) {
  console.log('flambeau: no compiler with sanitizers here; test:asan is skipped.');
  process.exit(0);
}
const library = (name) => {
  const path = execFileSync(built.compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  return resolve(path);
};
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'native', ...(process.argv.length > 2 ? process.argv.slice(2) : chosen)],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      FLAMBEAU_ADDON: resolve(built.output),
      LD_PRELOAD: `${library('libasan.so')} ${library('libubsan.so')}`,
      // V8 leaves what it holds to the end of the process; an allocation that fails shall return null, as malloc's does.
      ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
  },
);
process.exit(status ?? 1);
