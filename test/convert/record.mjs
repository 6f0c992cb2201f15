// Writes what PyTorch prints for each program beside it, numpy_tour.py among them, and what Python prints for the pieces of unusual.py: `node test/convert/record.mjs [NAME…]`, with
// FLAMBEAU_PYTHON as the Python.
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const python = (args, cwd) =>
  execFileSync(process.env.FLAMBEAU_PYTHON ?? 'python3', args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
const named = process.argv.slice(2);
for (const kind of ['programs', 'public']) {
  const folder = fileURLToPath(new URL(`${kind}/`, import.meta.url));
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.py'))) {
    const name = file.slice(0, -3);
    if (named.length > 0 && !named.includes(name)) continue;
    writeFileSync(`${folder}${name}.txt`, python(['-W', 'ignore', file], folder));
    console.log(name);
  }
}
if (named.length === 0 || named.includes('numpy_tour')) {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  writeFileSync(`${folder}numpy_tour.txt`, python(['-W', 'ignore', 'numpy_tour.py'], folder));
  console.log('numpy_tour');
}
if (named.length === 0 || named.includes('unusual')) {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const pieces = `
import contextlib, io, re
for piece in re.split(r'^# --- ', open('unusual.py').read(), flags=re.M)[1:]:
    title, source = piece.split('\\n', 1)
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(compile(source, title, 'exec'), {'__name__': '__main__'})
    print('# --- ' + title)
    print(text.getvalue(), end='')
`;
  writeFileSync(`${folder}unusual.txt`, python(['-W', 'ignore', '-c', pieces], folder));
  console.log('unusual');
}
