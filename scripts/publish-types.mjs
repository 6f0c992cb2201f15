// Writes dist/types.d.ts, and one for each further entry: every type that the published declarations mention, by its name. What appears in a
// signature can so be named by users, and by their compiler when it writes declarations of what they export.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { entries } from './entries.mjs';

export function publishTypes() {
  const modules = readModules();
  const torch = new Published(modules);
  for (const entry of ['index', 'lazy']) torch.visitModule(`dist/${entry}.d.ts`);
  torch.exportLocals();
  write('dist/types.d.ts', torch.types);
  // Other entries add the types that only they mention.
  for (const entry of entries) {
    const published = new Published(modules);
    published.visitModule(`dist/${entry}/index.d.ts`);
    published.exportLocals();
    const own = [...published.types].map(([file, names]) => {
      const known = file.startsWith(`dist/${entry}/`) ? undefined : torch.types.get(file);
      return [file, [...names].filter((name) => !known?.has(name))];
    });
    write(`dist/${entry}/types.d.ts`, own);
  }
}

/** Writes the types of each file as exports of one module. */
function write(to, types) {
  const owners = new Map();
  const lines = [];
  const files = [...types].sort(([a], [b]) => depth(a) - depth(b));
  for (const [file, names] of files) {
    const path = posix.relative(posix.dirname(to), file).replace(/\.d\.ts$/, '.js');
    const exports = [...names].sort().map((name) => {
      const known = owners.get(name);
      // A module names its type after its folders, where one nearer to the top, or of another folder before, has the name.
      const isFirst = known === undefined || posix.dirname(known) === posix.dirname(file);
      const own = isFirst ? name : qualified(name, path);
      if (owners.has(own))
        throw new Error(`two types have the name ${own}: in ${owners.get(own)} and in ${file}`);
      owners.set(own, file);
      return own === name ? name : `${name} as ${own}`;
    });
    if (exports.length > 0)
      lines.push(
        `export type { ${exports.join(', ')} } from '${path.startsWith('.') ? path : `./${path}`}';\n`,
      );
  }
  const [intro] = readFileSync(to, 'utf8').split(/^export/m);
  writeFileSync(to, intro + lines.sort().join(''));
}

/** In how many folders a file lies. */
const depth = (file) => file.split('/').length;

/** A type's name behind those of the folders that its file lies in. */
const qualified = (name, path) =>
  path
    .split('/')
    .slice(0, -1)
    .map((folder) => folder.replace(/(?:^|_)(.)/g, (_, letter) => letter.toUpperCase()))
    .join('') + name;

const declaration =
  /^(export )?(?:default )?(?:declare )?(?:abstract )?(class|interface|type|enum|const|let|function|namespace) (\w+)/;

const listed = (map, key) => {
  if (!map.has(key)) map.set(key, new Set());
  return map.get(key);
};

/** Contents of each declaration file of `dist`. */
function readModules() {
  const modules = new Map();
  const additions = [];
  for (const name of readdirSync('dist', { recursive: true }).filter((path) => path.endsWith('.d.ts'))) {
    const file = posix.join('dist', name);
    const at = (path) => posix.join(posix.dirname(file), path).replace(/\.js$/, '.d.ts');
    /** By local name: texts of declarations, and where what is imported comes from. */
    const module = { declarations: new Map(), imports: new Map(), exports: [], at };
    modules.set(file, module);
    for (const statement of statements(readFileSync(file, 'utf8'))) {
      const declared = declaration.exec(statement);
      const [, clause, path] = /^(?:im|ex)port (?:type )?(.*?) ?from ['"]([^'"]*)['"]/s.exec(statement) ?? [];
      if (declared !== null) {
        const [, isExported, kind, local] = declared;
        const known = module.declarations.get(local) ?? { texts: [], isExported: false, kind };
        known.texts.push(statement);
        known.isExported ||= isExported !== undefined;
        if (kind === 'class' || kind === 'interface') known.kind = kind;
        module.declarations.set(local, known);
        if (isExported) module.exports.push({ name: local, local });
      } else if (statement.startsWith('declare module')) {
        const [, to] = /^declare module ['"]([^'"]*)['"]/.exec(statement);
        if (to.startsWith('.')) additions.push({ file, to: at(to), text: statement });
      } else if (statement.startsWith('export {') || statement.startsWith('export type {')) {
        for (const [local, name] of items(/\{(.*)\}/s.exec(statement)[1]))
          module.exports.push({ name, local, from: path === undefined ? null : at(path) });
      } else if (statement.startsWith('export *') || statement.startsWith('export type *')) {
        module.exports.push({ all: at(path), name: /\* as (\w+)/.exec(clause)?.[1] });
      } else if (statement.startsWith('import') && path?.startsWith('.')) {
        for (const [name, local] of items(/\{(.*)\}/s.exec(clause)?.[1] ?? ''))
          module.imports.set(local, { file: at(path), name });
      }
    }
  }
  for (const { file, to, text } of additions)
    for (const [, name] of text.matchAll(/^\s+interface (\w+)/gm))
      modules.get(to)?.declarations.get(name)?.texts.push({ file, text });
  return modules;
}

/** `A, type B as C` as pairs of names. */
function items(list) {
  return list
    .split(',')
    .map((item) => item.trim().replace(/^type /, ''))
    .filter((item) => item !== '')
    .map((item) => item.split(' as '))
    .map(([name, as = name]) => [name, as]);
}

/** The statements of a declaration file: each begins in the first column. */
function statements(text) {
  const bare = text.replace(/\/\*.*?\*\//gs, '');
  return bare.split(/^(?=[a-z])/m).map((statement) => statement.trim());
}

class Published {
  /** By file, the names of types. */
  types = new Map();
  /** By file, the names of those that are not exported there. */
  #locals = new Map();
  #modules;
  #visited = new Set();

  constructor(modules) {
    this.#modules = modules;
  }

  visitModule(file) {
    const key = `${file}:*`;
    const module = this.#modules.get(file);
    if (module === undefined || /^dist\/([a-z]+\/)?types\.d\.ts$/.test(file) || this.#visited.has(key))
      return;
    this.#visited.add(key);
    for (const { all, name, local, from } of module.exports)
      if (all !== undefined) this.visitModule(all);
      else this.#visit(from ?? file, local ?? name);
  }

  /** Exports the types that signatures mention from the files that declare them. */
  exportLocals() {
    for (const [file, names] of this.#locals) {
      const pattern = new RegExp(
        `^(?=(?:declare (?:abstract )?class|interface|type) (?:${[...names].join('|')})\\b)`,
        'gm',
      );
      writeFileSync(file, readFileSync(file, 'utf8').replace(pattern, 'export '));
    }
  }

  /**
   * Finds what a name stands for in a module, and what that mentions. Types that are computed are known by their own names only: what
   * they are computed with, where it is not exported, nobody has to name.
   */
  #visit(file, name, isComputing = false) {
    const key = `${file}:${name}:${isComputing}`;
    const module = this.#modules.get(file);
    if (module === undefined || this.#visited.has(key)) return;
    this.#visited.add(key);
    const declared = module.declarations.get(name);
    if (declared === undefined) {
      const imported = module.imports.get(name);
      if (imported !== undefined) return this.#visit(imported.file, imported.name, isComputing);
      for (const other of module.exports)
        if (other.all !== undefined && other.name === undefined) this.#visit(other.all, name, isComputing);
        else if (other.name === name && other.local !== name)
          this.#visit(other.from ?? file, other.local, isComputing);
        else if (other.name === name && other.from) this.#visit(other.from, name, isComputing);
      return;
    }
    const isType = ['class', 'interface', 'type', 'enum'].includes(declared.kind);
    if (isType && (declared.isExported || !isComputing)) {
      listed(this.types, file).add(name);
      if (!declared.isExported) listed(this.#locals, file).add(name);
    }
    const computes =
      isComputing || (declared.kind === 'type' && / extends [^{]* \? | in keyof /.test(declared.texts[0]));
    for (const part of declared.texts) this.#visitText(part.file ?? file, part.text ?? part, computes);
  }

  #visitText(file, text, computes) {
    const module = this.#modules.get(file);
    for (const [, path, name] of text.matchAll(/import\(['"](\.[^'"]*)['"]\)\.(\w+)/g))
      this.#visit(module.at(path), name, computes);
    for (const [name] of text
      .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '')
      .matchAll(/\b[A-Za-z_]\w*\b/g))
      if (module.declarations.has(name) || module.imports.has(name)) this.#visit(file, name, computes);
  }
}
