// Writes src/generated/: TypeScript signatures with docs for every function and method, derived from the rows.
import { readdirSync } from 'node:fs';
import { emit } from './generate.mjs';

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

function typeOf(p) {
  let t = types[p.type];
  if (t === undefined) throw new Error(`no TypeScript type for ${p.type}`);
  if (p.length > 0 && listItem[p.type]) t = `${listItem[p.type]} | ${t}`;
  return p.nullable ? `${t} | null` : t;
}

function returnType(schema, camelCase) {
  const { returns } = schema;
  const one = (t) =>
    ({
      Tensor: 'Tensor',
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

/** The call forms of one schema: optional positional parameters one by one, each form ending in named options. */
function forms(schema, skip, camelCase, wrapped = (result) => result) {
  const positional = schema.parameters.slice(skip, schema.positional);
  const keyword = schema.parameters.slice(schema.positional);
  const required = positional.filter((p) => !p.optional);
  const result = wrapped(returnType(schema, camelCase));
  const hasOut = schema.returns.every((r) => r.type === 'Tensor') && !schema.name.endsWith('_');
  const out = hasOut ? [schema.returns.length === 1 ? 'out?: Tensor' : 'out?: readonly Tensor[]'] : [];
  const options = (rest) => {
    const fields = [
      ...rest.map((p) => `${p.camel}?: ${typeOf(p)}`),
      ...keyword.map((p) => `${p.camel}${p.optional ? '?' : ''}: ${typeOf(p)}`),
      ...out,
    ];
    const needed = keyword.some((p) => !p.optional);
    return fields.length > 0 ? [`options${needed ? '' : '?'}: { ${fields.join('; ')} }`] : [];
  };
  const list = [];
  for (let n = required.length; n <= positional.length; n++) {
    const args = positional.slice(0, n).map((p) => `${safe(p.camel)}: ${typeOf(p)}`);
    list.push(`(${[...args, ...options(positional.slice(n))].join(', ')}): ${result}`);
  }
  // Required ones by name: x.max({ dim: 1 }).
  for (let n = required.length - 1; n >= (skip > 0 ? 0 : 1); n--) {
    const args = positional.slice(0, n).map((p) => `${safe(p.camel)}: ${typeOf(p)}`);
    const fields = [
      ...positional.slice(n).map((p) => `${p.camel}${p.optional ? '?' : ''}: ${typeOf(p)}`),
      ...keyword.map((p) => `${p.camel}?: ${typeOf(p)}`),
      ...out,
    ];
    list.push(`(${[...args, `options: { ${fields.join('; ')} }`].join(', ')}): ${result}`);
  }
  if (schema.variadic) {
    const before = positional.slice(0, -1).map((p) => `${safe(p.camel)}: ${typeOf(p)}`);
    list.push(
      `(${[...before, `...${safe(positional.at(-1).camel)}: ${positional.at(-1).type === 'Tensor[]' ? 'Tensor' : 'number'}[]`].join(', ')}): ${result}`,
    );
    const rest = options([]);
    if (rest.length > 0 && positional.at(-1).type === 'int[]')
      for (let n = 1; n <= 4; n++) {
        const sizes = Array.from({ length: n }, (_, i) => `size${i}: number`);
        list.push(
          `(${[...before, ...sizes, ...rest.map((r) => r.replace('options?:', 'options:'))].join(', ')}): ${result}`,
        );
      }
  }
  return list;
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

function doc(op, indent, name) {
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
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const seen = new Set();
    for (const op of entry.ops) {
      text += doc(op, indent, entry.name);
      for (const form of forms(op.schema, skip, camelCase)) {
        if (seen.has(form)) continue;
        seen.add(form);
        // What is internal is so form by form.
        if (isInternal(entry.name) && !text.endsWith('*/\n')) text += `${indent}/** @internal */\n`;
        const result = skip > 0 && op.schema.name.endsWith('_') ? form.replace(/: Tensor$/, ': this') : form;
        text += `${indent}${camelCase(entry.name)}${result};\n`;
      }
    }
    if (!entry.reads) continue;
    for (const op of entry.ops) {
      text += twinDoc(entry, camelCase, indent);
      for (const form of new Set(forms(op.schema, skip, camelCase, (result) => `Promise<${result}>`))) {
        if (isInternal(entry.name) && !text.endsWith('*/\n')) text += `${indent}/** @internal */\n`;
        text += `${indent}${camelCase(entry.name)}Async${form};\n`;
      }
    }
  }
  return text;
}

export async function generateSignatures() {
  const rows = (module) => (module === '' ? 'index.js' : `modules/${module.replaceAll('.', '_')}.js`);
  for (const name of readdirSync('dist/ops/modules')
    .filter((name) => name.endsWith('.js'))
    .sort())
    await import(`../dist/ops/modules/${name}`);
  const { entries } = await import('../dist/ops/registry.js');
  const { camelCase } = await import('../dist/core/camel_case.js');
  const { functions, methods } = entries();
  const banner = '// Generated by scripts/generate-signatures.mjs from the op rows; do not edit.\n';
  const imports = `import type { DeviceLike } from '../core/device.js';
import type { DType } from '../core/dtype.js';
import type { Generator } from '../core/generator.js';
import type { Layout, MemoryFormat } from '../core/memory_format.js';
import type { List, Named } from '../core/results.js';
import type { Scalar } from '../core/scalar.js';
import type { Tensor } from '../core/tensor.js';

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
  let signatures = banner + imports;
  for (const [module, list] of modules)
    signatures += `/** Functions of \`torch${module === '' ? '' : `.${module}`}\` that come from rows. */\nexport interface ${interfaceName(module)} {\n${members(list, 0, camelCase, '  ')}}\n\n`;
  signatures += `declare module '../core/tensor.js' {\n  interface Tensor {\n${members(methods, 1, camelCase, '    ')}  }\n}\n`;
  emit('src/generated/signatures.ts', signatures);
  for (const [module, list] of modules) {
    const type = interfaceName(module);
    const functions = `functionsOf('${module}') as unknown as ${type}`;
    let text = `${banner}import '../ops/${rows(module)}';\nimport { functionsOf } from '../ops/registry.js';\nimport type { ${type} } from './signatures.js';\n\n`;
    if (module !== '') {
      // One object: a namespace would have every name loaded once more.
      text += `/** Functions of \`torch.${module}\`. */\nexport const ${module.split('.').at(-1)}: ${type} = ${functions};\n`;
      emit(`src/generated/${module.replaceAll('.', '_')}.ts`, text);
      continue;
    }
    text += `const f = ${functions};\n\n`;
    for (const entry of list.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = camelCase(entry.name);
      text += doc(entry.ops[0], '', entry.name);
      text += reserved.has(name)
        ? `const ${name}_ = f.${name};\nexport { ${name}_ as ${name} };\n`
        : `export const ${name}: ${type}['${name}'] = f.${name};\n`;
      if (entry.reads)
        text += `${twinDoc(entry, camelCase, '')}export const ${name}Async: ${type}['${name}Async'] = f.${name}Async;\n`;
    }
    emit('src/generated/functions.ts', text);
  }
}
