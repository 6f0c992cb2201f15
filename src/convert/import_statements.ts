import type { Converter } from './converter.js';
import { libraryPath, within } from './library_paths.js';
import { entryOf } from './library_signatures.js';
import { refusal } from './python_names.js';
import type { StatementOf } from './syntax.js';
import type { Type } from './type_rules.js';

/** Imports say what names mean; the program's own are written when it is known which are used. */
export function imported(c: Converter, statement: StatementOf<'import'>): string {
  const { module, names } = statement;
  if (module === '__future__' || module === 'typing' || module?.startsWith('collections.abc')) {
    for (const { name, as } of names) bind(c, as ?? name, { k: 'python', path: `typing.${name}` });
    return '';
  }
  for (const { name, as } of names) {
    if (module === null) {
      const own = as ?? name.split('.', 1)[0];
      bind(c, own, moduleType(c, statement, as === null ? own : name));
      if (as === null) refuse(c, statement, name);
      continue;
    }
    const path = libraryPath(module);
    if (name === '*') {
      c.error(statement, "'import *' is not converted: name what is imported.");
      continue;
    }
    if (path === null) {
      refuse(c, statement, module);
      bind(c, as ?? name, { k: 'python', path: `${module}.${name}` });
      continue;
    }
    const own = within(path, name);
    if (entryOf(own) === undefined && !(own === 'Tensor'))
      c.error(statement, `${module}.${name} is not in Flambeau.`);
    const entry = entryOf(own);
    const type: Type = entry?.v === 'D' ? { k: 'dtype' } : { k: 'library', path: own };
    bind(c, as ?? name, type, own);
  }
  return '';
}

function refuse(c: Converter, statement: StatementOf<'import'>, module: string): void {
  if (libraryPath(module) !== null) return;
  const message = refusal(module);
  if (message !== null) c.error(statement, message);
}

function moduleType(c: Converter, statement: StatementOf<'import'>, module: string): Type {
  const path = libraryPath(module);
  if (path === null) {
    refuse(c, statement, module);
    return { k: 'python', path: module };
  }
  if (
    path !== '' &&
    entryOf(path) === undefined &&
    !/^(vision|einops|metrics|tensorboard|torchinfo)$/.test(path)
  )
    c.error(statement, `${module} is not in Flambeau.`);
  return { k: 'library', path };
}

function bind(c: Converter, name: string, type: Type, path?: string): void {
  const variable = c.scope.find(name);
  if (variable === undefined) return;
  variable.current = variable.versions[0];
  variable.current.type = type;
  const own = path ?? (type.k === 'library' ? type.path : null);
  c.aliases.set(name, own === null ? null : own);
}
