import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Conversion, convert } from 'flambeau/convert';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** What became of a program. */
export interface Converted {
  readonly conversion: Conversion;
  /** What the compiler says of it, line by line. */
  readonly complaints: readonly string[];
  /** What it prints, with the exception that ends it. */
  readonly printed: string;
}

/** Converts programs, compiles those without errors as one project, and runs what compiles in one process. */
export async function converted(
  folderName: string,
  sources: ReadonlyMap<string, string>,
): Promise<Map<string, Converted>> {
  // Inside the package, where its own name can be imported.
  const folder = path(`../../dist/${folderName}/`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    const conversions = new Map<string, Conversion>();
    for (const [name, source] of sources) {
      const conversion = await convert(source);
      conversions.set(name, conversion);
      if (conversion.diagnostics.some(({ severity }) => severity === 'error')) continue;
      writeFileSync(`${folder}${name}.ts`, `${conversion.code}\nexport {};\n`);
    }
    const compilerOptions = { rootDir: '.', outDir: 'out', declaration: false, sourceMap: false };
    writeFileSync(
      `${folder}tsconfig.json`,
      JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] }),
    );
    const compiler = path('../../node_modules/typescript/bin/tsc');
    const lines = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' }).stdout.split(
      '\n',
    );
    const complaintsOf = (name: string) => lines.filter((line) => line.includes(`/${name}.ts(`));
    const runnable = [...conversions].flatMap(([name, { diagnostics }]) =>
      complaintsOf(name).length > 0 || diagnostics.some(({ severity }) => severity === 'error') ? [] : [name],
    );
    const printed = run(folder, runnable);
    return new Map(
      [...conversions].map(([name, conversion]) => [
        name,
        { conversion, complaints: complaintsOf(name), printed: printed[name] ?? '' },
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string, names: readonly string[]): Record<string, string> {
  writeFileSync(
    `${folder}run.mjs`,
    `import { format } from 'node:util';
const write = process.stdout.write.bind(process.stdout);
const found = {};
for (const name of ${JSON.stringify(names)}) {
  found[name] = '';
  console.log = (...values) => { found[name] += format(...values) + '\\n'; };
  process.stdout.write = (text) => { found[name] += text; return true; };
  try { await import('./out/' + name + '.js'); } catch (error) { found[name] += 'RAISED ' + error.name + ': ' + error.message; }
}
write(JSON.stringify(found));`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, ['--conditions=module', `${folder}run.mjs`], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, string>;
}
