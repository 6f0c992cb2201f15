// Writes src/generated/: TypeScript signatures with docs for every function and method, derived from the rows.
import { readdirSync } from 'node:fs';
import { emit } from './emit.mjs';

const types = {
  Tensor: 'Tensor',
  'Tensor|Scalar': 'Tensor | Scalar',
  Scalar: 'Scalar',
  int: 'number',
  float: 'number',
  bool: 'boolean',
  str: 'string',
  ScalarType: 'DType',
  Device: 'DeviceLike',
  Generator: 'Generator',
  Callable: '((...args: Tensor[]) => Tensor)',
  MemoryFormat: 'MemoryFormat',
  Layout: 'Layout',
  Pinned: 'boolean',
  LinearCrossEntropyOptions: 'LinearCrossEntropyOptions',
  'int[]': 'readonly number[]',
  'int?[]': 'readonly (number | null)[]',
  'int[][]': 'readonly (readonly number[])[]',
  'float[]': 'readonly number[]',
  'Scalar[]': 'readonly Scalar[]',
  'bool[]': 'readonly boolean[]',
  'Tensor[]': 'readonly Tensor[]',
  'Tensor?[]': 'readonly (Tensor | null)[]',
};

const listItem = { 'int[]': 'number', 'int?[]': 'number', 'float[]': 'number' };

function typeOf(p, { source }) {
  const [, choices] = new RegExp(`('\\S+')\\?? ${p.name}\\b`).exec(source) ?? [];
  let t = choices === undefined ? types[p.type] : choices.replaceAll('|', ' | ');
  if (t === undefined) throw new Error(`no TypeScript type for ${p.type}`);
  if (p.length > 0 && listItem[p.type]) t = `${listItem[p.type]} | ${t}`;
  return p.nullable ? `${t} | null` : t;
}

function returnType(schema, camelCase) {
  const { returns } = schema;
  const one = (t) =>
    ({
      Tensor: 'Tensor',
      'Tensor?': 'Tensor | null',
      'Tensor[]': 'List<Tensor>',
      bool: 'boolean',
      int: 'number',
      float: 'number',
      ScalarType: 'DType',
    })[t] ?? 'unknown';
  if (returns.length === 1) return one(returns[0].type);
  if (returns[0].name === 'result0') return `[${returns.map((r) => one(r.type)).join(', ')}]`;
  if (returns.some((r) => r.type !== 'Tensor')) throw new Error(`${schema.name} names what is no tensor`);
  return `Named<[${returns.map((r) => `'${camelCase(r.name)}'`).join(', ')}]>`;
}

/** A schema as callers see it: without `self` in methods, types in TypeScript. */
function shape(schema, skip, camelCase, takesOut) {
  // Names that PyTorch keeps to itself are no part of the types.
  const parameters = schema.parameters
    .slice(skip)
    .filter((p) => !isInternal(p.name))
    .map((p) => ({ ...p, text: typeOf(p, schema) }));
  const hasOut = takesOut && schema.returns.every((r) => r.type === 'Tensor');
  if (hasOut)
    parameters.push({
      camel: 'out',
      aliases: [],
      text: schema.returns.length === 1 ? 'Tensor' : 'readonly Tensor[]',
      keywordOnly: true,
      optional: true,
    });
  return { parameters, variadic: schema.variadic, result: returnType(schema, camelCase) };
}

/** A union's parts. */
const parts = (type) => type.split(/ \| (?![^(]*\))/);

/** Two schemas as one if only one parameter's type tells them apart, else null. */
function merged(a, b) {
  if (a.parameters.length !== b.parameters.length || a.result !== b.result || a.variadic !== b.variadic)
    return null;
  const differing = [];
  for (const [i, p] of a.parameters.entries()) {
    const q = b.parameters[i];
    if (p.camel !== q.camel || p.keywordOnly !== q.keywordOnly || p.optional !== q.optional) return null;
    if (p.text !== q.text) differing.push(i);
  }
  if (differing.length > 1) return null;
  const parameters = a.parameters.map((p, i) => ({
    ...p,
    text: [...new Set([...parts(p.text), ...parts(b.parameters[i].text)])].join(' | '),
    aliases: [...new Set([...p.aliases, ...b.parameters[i].aliases])],
  }));
  return { ...a, parameters };
}

const field = (p) => `${p.camel}${p.optional ? '?' : ''}: ${p.text}`;
const object = (parameters) => `{ ${parameters.map(field).join('; ')} }`;

/** The names that NumPy has for these parameters, too. */
const hasNumpyName = (p) => ['dim', 'keepdim', 'input', 'other'].includes(p.camel);

/** By name with every choice of names: `split({ tensor, splitSize })`, `split({ tensor, splitSizeOrSections })`. */
function choices(parameters) {
  let list = [[]];
  for (const p of parameters)
    list = list.flatMap((chosen) => [p.camel, ...p.aliases].map((camel) => [...chosen, { ...p, camel }]));
  return list;
}

/**
 * The call forms of a schema that are written out, the ones most used, and in one all the others: any mix of arguments by
 * position and by name, and the other names. The more schemas a name has, the fewer are written out.
 */
function forms({ parameters, variadic, result }, takesNumpy, count) {
  const positional = parameters.filter((p) => !p.keywordOnly);
  const keyword = parameters.filter((p) => p.keywordOnly);
  const required = positional.filter((p) => !p.optional);
  const rest = parameters.filter((p) => p.optional || p.keywordOnly);
  const needsKeyword = keyword.some((p) => !p.optional);
  const isOnly = count === 1;
  const isNamed = count <= 2 && required.length > 0;
  const list = [];
  const form = (...args) => list.push([args.filter((arg) => arg !== '').join(', '), result]);
  const options = (fields) =>
    fields.length === 0 ? '' : `options${fields.some((p) => !p.optional) ? '' : '?'}: ${object(fields)}`;
  const given = (p) => `${safe(p.camel)}${p.optional ? '?' : ''}: ${p.text}`;
  if (!needsKeyword) form(...positional.map(given), options(keyword));
  if (variadic) {
    const last = positional.at(-1);
    const before = positional.slice(0, -1).map(given);
    const item = last.text.startsWith('readonly Tensor[]') ? 'Tensor' : 'number';
    form(...before, `...${safe(last.camel)}: ${item}[]`);
    if (keyword.length > 0)
      form(
        `...args: [${[...before, `...${safe(last.camel)}: ${item}[]`, `options: ${object(keyword)}`].join(', ')}]`,
      );
  }
  if (needsKeyword || (isOnly && required.length < positional.length))
    form(...required.map(given), needsKeyword ? options(rest) : `options: ${object(rest)}`);
  if (isNamed) form(`args: ${object(parameters)}`);
  const isOpen = positional.some((_, k) => (k === 0 ? !isNamed : k !== required.length || !isOnly));
  const hasOtherNames = parameters.some((p) => p.aliases.length > 0 || (takesNumpy && hasNumpyName(p)));
  const names = (chosen) =>
    `[${chosen
      .filter((p) => !p.keywordOnly)
      .map((p) => `'${p.camel}'`)
      .join(', ')}]`;
  const kind = takesNumpy && parameters.some(hasNumpyName) ? 'NumpyMixes' : 'Mixes';
  const mixes =
    isOpen || hasOtherNames
      ? choices(parameters).map((chosen) => `${kind}<${names(chosen)}, ${object(chosen)}>`)
      : [];
  return { list, mixes };
}

/** All overloads of a name, as `(parameters): result`: those written out, then one for the mixes of each result. */
function overloads(entry, skip, camelCase, isNumpy, wrapped = (result) => result) {
  const takesOut =
    skip === 0 &&
    entry.module !== 'nn.functional' &&
    !entry.name.endsWith('_') &&
    ['inplace', 'running_mean'].every((name) => !entry.ops[0].schema.positions.has(name));
  const shapes = [];
  for (const op of entry.ops) {
    const one = { ...shape(op.schema, skip, camelCase, takesOut), op };
    const at = shapes.findIndex((other) => merged(other, one) !== null);
    if (at < 0) shapes.push(one);
    else shapes[at] = merged(shapes[at], one);
  }
  const found = new Map();
  const others = new Map();
  for (const one of shapes) {
    const { list, mixes } = forms(one, isNumpy, shapes.length);
    for (const [args, result] of list) found.set(`(${args}): ${wrapped(result)}`, one.op);
    const known = others.get(one.result) ?? { types: new Set(), op: one.op };
    for (const type of mixes) known.types.add(type);
    others.set(one.result, known);
  }
  for (const [result, { types, op }] of others)
    if (types.size > 0) found.set(`(...args: ${[...types].join(' | ')}): ${wrapped(result)}`, op);
  return found;
}

const reserved = new Set([
  'var',
  'in',
  'new',
  'delete',
  'default',
  'function',
  'this',
  'with',
  'class',
  'return',
]);
const safe = (name) => (reserved.has(name) ? `${name}_` : name);

/** Whether a function is only for others: such names are not in the published types. */
const isInternal = (name) => name.startsWith('_');

const tidy = (text) => text.replace(/\s+/g, ' ').trim();

function doc(op, indent, name, isFirst = true) {
  if (!isFirst)
    return `${indent}/** ${isInternal(name) ? '@internal ' : ''}${tidy(op.row.doc)} */
`;
  const text = tidy(op.row.doc);
  const lines = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + word.length > 105) {
      lines.push(line);
      line = '';
    }
    line += (line === '' ? '' : ' ') + word;
  }
  lines.push(line, '', `\`${op.schema.source}\``);
  if (isInternal(name)) lines.push('', '@internal');
  return `${indent}/**\n${lines.map((l) => `${indent} *${l === '' ? '' : ` ${l}`}`).join('\n')}\n${indent} */\n`;
}

/** Of the form that works where the device must be waited for. */
const twinDoc = (entry, camelCase, indent) =>
  `${indent}/** ${isInternal(entry.name) ? '@internal ' : ''}\`${camelCase(entry.name)}()\`, on devices that must be waited for too. */\n`;

function members(entries, skip, camelCase, indent) {
  let text = '';
  const isNumpy = (entry) => entry.module !== 'nn.functional';
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = camelCase(entry.name);
    const seen = new Set();
    for (const [form, op] of overloads(entry, skip, camelCase, isNumpy(entry))) {
      const result = skip > 0 && op.schema.name.endsWith('_') ? form.replace(/: Tensor$/, ': this') : form;
      text += `${doc(op, indent, entry.name, !seen.has(op))}${indent}${name}${result};\n`;
      seen.add(op);
    }
    if (!entry.reads) continue;
    const promise = (result) => `Promise<${result}>`;
    for (const form of overloads(entry, skip, camelCase, isNumpy(entry), promise).keys())
      text += `${twinDoc(entry, camelCase, indent)}${indent}${name}Async${form};\n`;
  }
  return text;
}

export async function generateSignatures() {
  const rows = (module) => (module === '' ? 'index.js' : `${module.split('.')[0]}/index.js`);
  const { entries } = await import('../dist/dispatch/registry.js');
  /** Functions of `torch` by the folder whose rows they come with; those that are always there by ''. */
  const topLevel = new Map();
  const folders = readdirSync('dist/ops', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const known = new Set();
  for (const folder of ['', ...folders.map(({ name }) => name)]) {
    await import(`../dist/ops/${folder === '' ? '' : `${folder}/`}index.js`);
    const found = [...entries().functions].filter((entry) => entry.module === '' && !known.has(entry));
    for (const entry of found) known.add(entry);
    if (found.length > 0) topLevel.set(folder, found);
  }
  const { camelCase } = await import('../dist/core/camel_case.js');
  const { functions, methods } = entries();
  const banner = '// Generated by scripts/generate-signatures.mjs from the op rows; do not edit.\n';
  const imports = `import type { DeviceLike } from '../core/device.js';
import type { DType } from '../core/dtype.js';
import type { Generator } from '../core/generator.js';
import type { List } from '../core/list.js';
import type { Layout, MemoryFormat } from '../core/memory_format.js';
import type { Named } from '../core/results.js';
import type { Scalar } from '../core/scalar.js';
import type { Tensor } from '../core/tensor.js';
import type { Mixes, NumpyMixes } from '../dispatch/call_types.js';
import type { LinearCrossEntropyOptions } from '../ops/nn/linear_cross_entropy_options.js';

`;
  const modules = new Map();
  for (const entry of functions) {
    if (!modules.has(entry.module)) modules.set(entry.module, []);
    modules.get(entry.module).push(entry);
  }
  if (!modules.has('')) modules.set('', []);
  const interfaceName = (module) =>
    `${module
      .split(/[._]/)
      .map((w) => w.charAt(0).toUpperCase() + w.slice(1))
      .join('')}Functions`;
  const head = (rows, type) =>
    `${banner}import '../ops/${rows}';\nimport { functionsOf } from '../dispatch/registry.js';\nimport type { ${type} } from './signatures.js';\n\n`;
  let signatures = banner + imports;
  for (const [module, list] of modules)
    signatures += `/** Functions of \`torch${module === '' ? '' : `.${module}`}\` that come from rows. */\nexport interface ${interfaceName(module)} {\n${members(list, 0, camelCase, '  ')}}\n\n`;
  signatures += `declare module '../core/tensor.js' {\n  interface Tensor {\n${members(methods, 1, camelCase, '    ')}  }\n}\n`;
  emit('src/generated/signatures.ts', signatures);
  for (const module of modules.keys()) {
    const type = interfaceName(module);
    const functions = `functionsOf('${module}') as unknown as ${type}`;
    if (module !== '') {
      // One object: a namespace would have every name loaded once more.
      const text = `/** Functions of \`torch.${module}\`. */\nexport const ${module.split('.').at(-1)}: ${type} = ${functions};\n`;
      emit(`src/generated/${module.replaceAll('.', '_')}.ts`, head(rows(module), type) + text);
      continue;
    }
    for (const [folder, own] of topLevel) {
      let text = `${head(folder === '' ? 'index.js' : `${folder}/index.js`, type)}const f = ${functions};\n\n`;
      for (const entry of own.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const name = camelCase(entry.name);
        text += doc(entry.ops[0], '', entry.name);
        text += reserved.has(name)
          ? `const ${name}_ = f.${name};\nexport { ${name}_ as ${name} };\n`
          : `export const ${name}: ${type}['${name}'] = f.${name};\n`;
        if (entry.reads)
          text += `${twinDoc(entry, camelCase, '')}export const ${name}Async: ${type}['${name}Async'] = f.${name}Async;\n`;
      }
      emit(`src/generated/${folder === '' ? 'functions' : `${folder}_functions`}.ts`, text);
    }
  }
}
