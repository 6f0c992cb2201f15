// The folders that are published: the library without an engine for any machine, and a package with an engine for each platform.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository's manifest as far as a release reads it; the rest is for those who build it. */
const published = [
  ...['name', 'version', 'description', 'keywords', 'license', 'author', 'homepage', 'repository', 'bugs'],
  ...[
    'type',
    'engines',
    'main',
    'types',
    'exports',
    'sideEffects',
    'peerDependencies',
    'peerDependenciesMeta',
  ],
];
/** The same in a platform's package. */
const shared = ['version', 'license', 'author', 'homepage', 'repository', 'bugs', 'engines'];

const chosen = (manifest, names) =>
  Object.fromEntries(names.filter((name) => name in manifest).map((name) => [name, manifest[name]]));
const writeManifest = (folder, manifest) =>
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

/** The repository's manifest. Where it stands the workflow that publishes knows, and provenance asks for. */
export function readManifest() {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  if (!server || !name) return manifest;
  const home = `${server}/${name}`;
  return {
    ...manifest,
    homepage: `${home}#readme`,
    repository: { type: 'git', url: `git+${home}.git` },
    bugs: `${home}/issues`,
  };
}

export const packageOf = ({ name }) => `@flambeau/${name}`;

/** Writes a platform's package around its engine. */
export function writePlatform(target, engine, folder) {
  const { name, os, arch, libc } = target;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(engine, join(folder, 'flambeau.node'));
  cpSync('LICENSE', join(folder, 'LICENSE'));
  writeFileSync(
    join(folder, 'README.md'),
    `# ${packageOf(target)}\n\nThe compiled engine of [flambeau](https://www.npmjs.com/package/flambeau) for ${name}. npm installs it with that package where it fits.\n`,
  );
  writeManifest(folder, {
    name: packageOf(target),
    description: `The engine of flambeau for ${name}`,
    ...chosen(readManifest(), shared),
    os: [os],
    cpu: [arch],
    ...(libc && { libc: [libc] }),
    main: './flambeau.node',
    files: ['flambeau.node'],
    // Without it some installers keep packages in archives, out of which nothing can be loaded.
    preferUnplugged: true,
    publishConfig: { access: 'public' },
  });
}

/** Writes the library's package: what `npm pack` takes of the repository, without this machine's engine and the maps to sources that stay here. */
export function writeLibrary(targets, folder) {
  rmSync(folder, { recursive: true, force: true });
  const [{ files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
    }),
  );
  for (const { path } of files) {
    if (path === 'package.json' || path === 'dist/flambeau.node' || path.endsWith('.map')) continue;
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    if (/\.(js|cjs|mjs|d\.ts|d\.cts)$/.test(path) && existsSync(`${path}.map`))
      writeFileSync(to, readFileSync(path, 'utf8').replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n'));
    else cpSync(path, to);
  }
  const manifest = readManifest();
  writeManifest(folder, {
    ...chosen(manifest, published),
    optionalDependencies: Object.fromEntries(targets.map((target) => [packageOf(target), manifest.version])),
    publishConfig: { access: 'public' },
  });
}
