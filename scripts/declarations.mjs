// Makes the declarations of what is called by a signature readable. tsc writes `constructor(...args: Arguments<typeof linear>)`, of
// which an editor shows nothing; from the signature's text, which stands in the declaration, follow parameters with names
// and docs, and an interface of all of them by name.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const { parseSignature } = await import('../dist/core/signature/notation.js');

/** Types of the notation in TypeScript: the type, and the module that it comes from. */
const known = {
  int: ['number'],
  int64: ['number | bigint'],
  float: ['number | PyFloat', ['PyFloat', 'core/pyfloat.js']],
  bool: ['boolean'],
  str: ['string'],
  Any: ['unknown'],
  Object: ['unknown'],
  Scalar: ['Scalar', ['Scalar', 'core/scalar.js']],
  Tensor: ['Tensor', ['Tensor', 'core/tensor.js']],
  ScalarType: ['DType', ['DType', 'core/dtype.js']],
  Device: ['DeviceLike', ['DeviceLike', 'core/device.js']],
  Generator: ['Generator', ['Generator', 'core/generator.js']],
  MemoryFormat: ['MemoryFormat', ['MemoryFormat', 'core/memory_format.js']],
  LinearCrossEntropyOptions: [
    'LinearCrossEntropyOptions',
    ['LinearCrossEntropyOptions', 'ops/nn/linear_cross_entropy_options.js'],
  ],
  Optimizer: ['Optimizer', ['Optimizer', 'optim/optimizer.js']],
  Betas: ['readonly [number, number]'],
  ImageSource: ['ImageSource', ['ImageSource', 'vision/io/image_source.js']],
  Path: ['string | URL'],
  ReduceOp: ['ReduceOp', ['ReduceOp', 'distributed/reduce_op.js']],
  ProcessGroup: ['ProcessGroup', ['ProcessGroup', 'distributed/process_group.js']],
  MixedPrecisionPolicy: ['MixedPrecisionPolicy', ['MixedPrecisionPolicy', 'distributed/fsdp/policies.js']],
  Placement: ['Placement', ['Placement', 'distributed/tensor/placements.js']],
  Layer: ['LayerFactory', ['LayerFactory', 'vision/ops/layer_factories.js']],
  Picture: ['ImageLike', ['ImageLike', 'vision/transforms/geometry.js']],
  Interpolation: ['InterpolationLike', ['InterpolationLike', 'vision/transforms/interpolation_mode.js']],
};

/** Rewrites every declaration in `dist`. */
export function writeDeclarations() {
  const files = readdirSync('dist', { recursive: true })
    .filter((name) => name.endsWith('.d.ts') && !name.startsWith('core/signature'))
    .map((name) => `dist/${name}`);
  const exported = new Map();
  const sources = new Map(files.map((file) => [file, asFunctions(readFileSync(file, 'utf8'))]));
  for (const [, text] of sources)
    for (const [name, source] of signaturesOf(
      text,
      /^export declare const (\w+): .*Signature<("(?:[^"\\]|\\.)*")>;$/gm,
    ))
      exported.set(name, source);
  const interfaces = new Map();
  for (const [file, text] of sources) {
    if (!text.includes('Arguments<typeof ')) {
      if (text !== readFileSync(file, 'utf8')) writeFileSync(file, text);
      continue;
    }
    const declarations = new Declarations(file, text, exported);
    writeFileSync(file, told(declarations.rewrite()));
    interfaces.set(file, declarations.owners);
  }
  for (const file of files) exportInterfaces(file, interfaces);
}

/**
 * The text with every layer's own constructor and `forward`, which say what that layer computes: its class's comment is theirs, also
 * where they are inherited.
 */
function told(text) {
  const classes = new Map();
  const pattern =
    /((?:^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?)^(?:export )?declare (abstract )?class (\w+)(?:<.*?>)? extends ([\w.]+)(<.*>)? \{\n([\s\S]*?)^\}$/gm;
  for (const [whole, comment, abstract, name, base, generics, body] of text.matchAll(pattern))
    classes.set(name, { whole, comment, isAbstract: abstract !== undefined, base, generics, body });
  const isLayer = (one) => one !== undefined && (one.base === 'Module' || isLayer(classes.get(one.base)));
  let written = text;
  for (const one of classes.values()) {
    if (one.isAbstract || one.comment === '' || !isLayer(one)) continue;
    const says = linesOf(one.comment);
    let added = '';
    let { body } = one;
    for (const name of ['constructor', 'forward']) {
      const own = membersOf(body, name);
      if (own.length > 0) {
        if (name === 'forward') body = body.replace(own[0].code, () => commentOf(says) + own[0].code);
        continue;
      }
      let base = classes.get(one.base);
      while (base !== undefined && membersOf(base.body, name).length === 0) base = classes.get(base.base);
      if (base === undefined || !base.isAbstract) continue;
      for (const { comment, code } of membersOf(base.body, name))
        if (!/^ +(?:protected|abstract)\b/.test(code) || name === 'forward')
          added +=
            commentOf([...says, ...linesOf(comment).filter((line) => line.startsWith('@param'))]) +
            code.replace('abstract ', '');
    }
    written = written.replace(one.whole, () => one.whole.replace(one.body, () => body + added));
  }
  return written;
}

/** The members of that name in a class's body, each with its comment. */
function membersOf(body, name) {
  const pattern = new RegExp(
    `((?: {4}/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?)^( {4}(?:protected |abstract )*${name}\\(.*;\\n)`,
    'gm',
  );
  return [...body.matchAll(pattern)].map(([, comment, code]) => ({ comment, code }));
}

/** Lines of a comment. */
function linesOf(comment) {
  const text = comment.replace(/^\s*\/\*\*|\*\/\s*$/g, '');
  return text
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .filter((line) => line !== '');
}

const commentOf = (lines) => `    /**\n${lines.map((line) => `     * ${line}\n`).join('')}     */\n`;

/** Exports interfaces along with what they belong to. */
function exportInterfaces(file, interfaces) {
  const written = readFileSync(file, 'utf8').replace(
    /^export \{ (.*) \} from '(\..*)\.js';$/gm,
    (line, list, from) => {
      const owners = interfaces.get(join(dirname(file), `${from}.d.ts`));
      if (owners === undefined) return line;
      const names = list
        .replace(/,$/, '')
        .split(', ')
        .flatMap((name) => (owners.has(name) ? [name, `type ${owners.get(name)}`] : [name]));
      return `export { ${[...new Set(names)].join(', ')} } from '${from}.js';`;
    },
  );
  if (written !== readFileSync(file, 'utf8')) writeFileSync(file, written);
}

/** The text with the names that parameters have which a body does not use. */
function named(text) {
  return text.replace(/([(,] ?(?:\.\.\.)?)_(\w+\??: )/g, '$1$2');
}

/** Functions that `signed` makes, with their signatures. */
function asFunctions(text) {
  return named(text).replace(
    /^export declare const (\w+): (?:import\("[^"]*"\)\.)?SignedFunction<("(?:[^"\\]|\\.)*"), ([^;]*(?:\{[^}]*\}[^;]*)?)>;$/gm,
    (_, name, source, result) =>
      `declare const ${name}${beside}: Signature<${source}>;\nexport declare function ${name}(...args: Arguments<typeof ${name}${beside}>): ${result};`,
  );
}

const beside = '__signature';

function signaturesOf(text, pattern) {
  return [...text.matchAll(pattern)].map(([, name, source]) => [name, JSON.parse(source)]);
}

/** A signature without the parameters that PyTorch keeps to itself; what stands behind them is given by name. */
function publicText(source) {
  const [, name, list] = /^(.*?)\((.*)\)$/s.exec(source);
  const parts = list.split(', ').flatMap((part) => (/ \*?_\w*(?:=|$)/.test(part) ? ['*'] : [part]));
  const star = parts.indexOf('*');
  const kept = parts.filter((part, i) => part !== '*' || i === star);
  return `${name}(${(kept.at(-1) === '*' ? kept.slice(0, -1) : kept).join(', ')})`;
}

/** The type of an option once it is bound. */
function boundType(given) {
  if (given === 'number | PyFloat | Tensor' || given === 'number | PyFloat') return 'number';
  return given === 'NumbersOrTensors' ? 'readonly [number, number]' : given;
}

/** The files that interfaces' names belong to: all types have names of their own. */
const taken = new Map();

class Declarations {
  constructor(file, text, exported) {
    this.file = file;
    this.text = text;
    const local = signaturesOf(
      text,
      /^(?:export )?declare const (\w+): .*Signature<("(?:[^"\\]|\\.)*")>;$/gm,
    );
    this.signatures = new Map([...exported, ...local]);
    this.imports = new Map();
    this.interfaces = new Map();
    /** Interfaces' names by that of what they belong to, as it is exported. */
    this.owners = new Map();
  }

  rewrite() {
    const { text } = this;
    let out = '';
    let from = 0;
    const pattern = /\(\.\.\.args: Arguments<typeof (\w+)/g;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const source = this.signatures.get(match[1]);
      if (source === undefined) throw new Error(`${this.file}: no signature '${match[1]}'`);
      const close = closing(text, text.indexOf('<', match.index));
      const overrides = text.slice(match.index + match[0].length, close).replace(/^,\s*/, '');
      const end = endOfStatement(text, close + 2);
      const start = startOfMember(text, match.index);
      const member = {
        head: text.slice(start.code, match.index),
        result: text.slice(close + 2, end),
        doc: text.slice(start.doc, start.code),
        rest: text.slice(match.index + 1, close + 1),
        at: match.index,
        source,
        overrides: this.overridesOf(overrides),
      };
      out += text.slice(from, start.doc) + this.member(member);
      from = end;
      pattern.lastIndex = end;
    }
    out += text.slice(from);
    return this.withImports(
      this.withoutConstants(this.withOptions(out)) + [...this.interfaces.values()].join(''),
    );
  }

  /** The text with signatures in the place of the constants that hold them, of which users know nothing. */
  withoutConstants(text) {
    const written = text.replace(
      new RegExp(`Arguments<typeof (\\w+)|typeof (\\w+${beside})\\b`, 'g'),
      (_, argument, name = argument) => {
        for (const symbol of ['Arguments', 'Signed'])
          this.imports.set(symbol, 'core/signature/argument_types.js');
        const signed = `Signed<${JSON.stringify(publicText(this.signatures.get(name)))}>`;
        return argument === undefined ? signed : `Arguments<${signed}`;
      },
    );
    return written.replace(/^declare const (\w+): .*Signature<"(?:[^"\\]|\\.)*">;\n/gm, (line, name) =>
      new RegExp(`\\btypeof ${name}\\b`).test(written) ? line : '',
    );
  }

  /** The text with interfaces for the options of optimizers: what constructors take, but all of it there. */
  withOptions(text) {
    return text.replace(/^export type ((\w+)Options) = OptionsOf<typeof \w+>;$/gm, (_, name, optimizer) => {
      const given = this.interfaces.get(`${optimizer}Arguments`);
      const fields = given
        .slice(given.indexOf('{\n') + 2, given.lastIndexOf('}'))
        .split(/(?<=;\n)/)
        .filter((field) => !/^ +params: /m.test(field))
        .map((field) =>
          field.replace(/^( +\w+)\??: (.*);$/m, (_, start, type) => `${start}: ${boundType(type)};`),
        );
      return `/** The options of \`${optimizer}\`, as groups hold them. */\nexport interface ${name} {\n${fields.join('')}}`;
    });
  }

  /** The forms of one constructor, method or function. */
  member({ head, result, doc, rest, at, source, overrides }) {
    const { parameters } = parseSignature(publicText(source));
    const owner = this.classAround(at);
    const isConstructor = /\bconstructor$/.test(head);
    // What opens an object takes what its constructor does.
    const docs = this.docsOf(doc, isConstructor || /\bstatic open\b/.test(head) ? owner : null);
    if (parameters.length === 0) return `${doc}${head}()${result}`;
    const fields = parameters.filter((p) => !p.variadic);
    const types = new Map(parameters.map((p) => [p.camel, overrides.get(p.camel) ?? this.type(p)]));
    const byName = this.optionsType(fields, types, docs, head, at, isConstructor ? owner : null);
    const positional = parameters.filter((p) => !p.keywordOnly || p.variadic);
    const keyword = parameters.filter((p) => p.keywordOnly && !p.variadic);
    const required = positional.filter((p) => !p.optional);
    const partial = byName.partial;
    // Subclasses declare a `forward` of their own, which overloads would not let them do: what is required may be in the object.
    const isForward = /\bforward$/.test(head);
    const list = positional.map((p, i) => {
      if (p.variadic) return `...${safe(p.camel)}: ${arrayOf(types.get(p.camel))}`;
      if (isForward) {
        const optional = i > 0 || p.optional ? '?' : '';
        return `${safe(p.camel)}${optional}: ${types.get(p.camel)} | ${i === 0 ? byName.full : partial}`;
      }
      const takesNames =
        required.length <= 1
          ? i === 0 && required.length === 1
            ? byName.full
            : partial
          : i === required.length
            ? partial
            : null;
      const own = types.get(p.camel);
      // A function's type would take what follows for a part of its result.
      const alternatives = takesNames === null ? [own] : [own.includes('=>') ? `(${own})` : own, takesNames];
      return `${safe(p.camel)}${p.optional ? '?' : ''}: ${alternatives.join(' | ')}`;
    });
    // The names that have no position of their own to stand in.
    if ((keyword.length > 0 || positional.every((p) => !p.optional)) && !positional.some((p) => p.variadic)) {
      const needed = keyword.some((p) => !p.optional);
      if (keyword.length > 0)
        list.push(`options${needed ? '' : '?'}: ${needed ? this.pick(byName, keyword) : partial}`);
    }
    const indent = /^\s*/.exec(head)[0];
    const comment = docs.comment(indent, parameters);
    const forms = [`${comment}${head}(${list.join(', ')})${result}`];
    if (required.length > 1 && !isForward) {
      const short = docs.comment(indent, []);
      forms.push(`${short}${head}(options: ${byName.full})${result}`);
      forms.push(`${short}${head}(${rest})${result}`);
    } else if (positional.length === 0)
      forms[0] = `${comment}${head}(options${keyword.some((p) => !p.optional) ? '' : '?'}: ${byName.full})${result}`;
    return forms.join('\n');
  }

  pick(byName, keyword) {
    const names = keyword.map((p) => `'${p.camel}'`).join(' | ');
    return `Pick<${byName.full}, ${names}>`;
  }

  /** All parameters by name: an interface, or where they are few the object type itself. */
  optionsType(fields, types, docs, head, at, owner) {
    const property = (p, indent) => {
      const note = docs.ofParameter(p);
      return `${note === '' ? '' : `${indent}/** ${note} */\n`}${indent}${p.camel}${p.optional ? '?' : ''}: ${types.get(p.camel)};\n`;
    };
    // Every class has another `forward`, so what it takes has no name of its own.
    if (owner === null && (fields.length < 3 || /\bforward$/.test(head))) {
      const inline = (optional) =>
        `{ ${fields.map((p) => `${p.camel}${optional || p.optional ? '?' : ''}: ${types.get(p.camel)}`).join('; ')} }`;
      return { full: inline(false), partial: inline(true) };
    }
    const called = owner?.name ?? /(\w+)(?:<.*>)?$/s.exec(head)[1];
    // Forms in place and asynchronous ones take what the plain one takes; methods added to a class less than the function,
    // and every class that is opened takes its own.
    const added = /^ {8}/.test(head)
      ? this.interfaceAround(at)
      : /\bstatic /.test(head)
        ? this.classAround(at).name
        : '';
    const name = `${added}${capital(called.replace(/_?(?:Async)?$/, ''))}`;
    const generics = owner?.generics ?? /<(.*)>$/s.exec(head)?.[1] ?? '';
    const used = genericsOf(generics).filter((g) =>
      fields.some((p) => new RegExp(`\\b${g.name}\\b`).test(types.get(p.camel))),
    );
    const [declared, given] =
      used.length === 0
        ? ['', '']
        : [`<${used.map((g) => g.text).join(', ')}>`, `<${used.map((g) => g.name).join(', ')}>`];
    const written = this.optionsName(name);
    this.owners.set(called, written);
    const text = `/** Arguments of \`${name}\`, by name. */\nexport interface ${written}${declared.replace(/\bconst /g, '')} {\n${fields.map((p) => property(p, '    ')).join('')}}\n`;
    const bare = (one) => one?.replace(/\/\*\*.*?\*\//gs, '');
    const known = this.interfaces.get(written);
    if (known !== undefined && bare(known) !== bare(text))
      throw new Error(`${this.file}: ${called} takes other arguments than what ${written} is written for`);
    if (known === undefined) this.interfaces.set(written, text);
    return {
      full: `${written}${given}`,
      partial: fields.every((p) => p.optional) ? `${written}${given}` : `Partial<${written}${given}>`,
    };
  }

  optionsName(name) {
    const plain = `${name}Options`;
    const isFree = (called) => (taken.get(called) ?? this.file) === this.file;
    const isOwn = new RegExp(`\\b(?:interface|type) ${plain}\\b`).test(this.text);
    const written = !isOwn && isFree(plain) ? plain : `${name}Arguments`;
    taken.set(written, this.file);
    return written;
  }

  type(parameter) {
    const one = ({ name }) => {
      const [type, ...imports] = known[name] ?? [
        `ParameterTypes['${name}']`,
        ['ParameterTypes', 'core/signature/argument_types.js'],
      ];
      for (const [symbol, from] of imports) this.imports.set(symbol, from);
      return type;
    };
    const literals = parameter.type.split('|');
    const types = parameter.alternatives.map((alternative, i) => {
      if (literals[i].startsWith("'")) return literals[i];
      const type = one(alternative);
      if (!alternative.list) return type;
      const item = alternative.nullableItems ? `${type} | null` : type;
      const list = `readonly ${/[| ]/.test(item) ? `(${item})` : item}[]`;
      return alternative.length > 0 ? `${type} | ${list}` : list;
    });
    if (parameter.nullable) types.push('null');
    return [...new Set(types.flatMap((t) => t.split(/ \| (?![^(]*\))/)))].join(' | ');
  }

  /** Arguments' types by their names: `{ a: A; b: B }`, `Record<'a', A>`, a type of that form, or several of these with `&` between them. */
  overridesOf(text, file = this.file) {
    const parts = partsOf(text, '&');
    if (parts.length !== 1) return new Map(parts.flatMap((part) => [...this.overridesOf(part, file)]));
    const [one] = parts;
    const record = /^Record<'(\w+)', ([\s\S]*)>$/.exec(one);
    if (record !== null) return new Map([[record[1], record[2]]]);
    if (!one.startsWith('{')) {
      const found = declared(one, file);
      if (found === null) throw new Error(`${this.file}: arguments' types cannot be read from '${one}'`);
      if (found.file !== this.file)
        for (const symbol of found.text.match(/\b[A-Z]\w*/g) ?? []) this.importFrom(found.file, symbol);
      return this.overridesOf(found.text, found.file);
    }
    return new Map(
      partsOf(one.slice(1, -1).replace(/\/\*\*[\s\S]*?\*\//g, ''), ';').map((field) => {
        const colon = field.indexOf(':');
        return [
          field
            .slice(0, colon)
            .replace(/^readonly |\?$/g, '')
            .trim(),
          field.slice(colon + 1).trim(),
        ];
      }),
    );
  }

  /** Notes that a type is needed which another file declares or imports. */
  importFrom(file, symbol) {
    const from = sourceOf(symbol, file);
    if (from !== null && from !== this.file)
      this.imports.set(symbol, relative('dist', from).replace(/\.d\.ts$/, '.js'));
  }

  /** The class whose body a position is in. */
  classAround(at) {
    const { text } = this;
    const found = [...text.slice(0, at).matchAll(/^(?:export )?declare (?:abstract )?class (\w+)/gm)].at(-1);
    if (found === undefined || /^\}/m.test(text.slice(found.index, at))) return null;
    let end = found.index + found[0].length;
    let generics = '';
    if (text[end] === '<') {
      const close = closing(text, end);
      generics = text.slice(end + 1, close);
      end = close + 1;
    }
    const base = /^ extends ([\w.]+)/.exec(text.slice(end))?.[1];
    return { name: found[1], generics, base, index: found.index };
  }

  /** The name of the interface in a `declare module` that a position is in. */
  interfaceAround(at) {
    return [...this.text.slice(0, at).matchAll(/^ {4}interface (\w+)/gm)].at(-1)?.[1] ?? '';
  }

  /** Docs of a member and of its parameters: in its own comment, its class's if `owner` is given, or that of the class's base. */
  docsOf(doc, owner) {
    const notes = new Map();
    let own = doc;
    const collect = (comment) => {
      for (const [, name, note] of comment.matchAll(
        /@param (\w+) ([\s\S]*?)(?=\n\s*\* @|\n\s*\*\/|\s*\*\/)/g,
      ))
        if (!notes.has(name)) notes.set(name, note.replace(/\s*\n\s*\*\s*/g, ' ').trim());
    };
    collect(doc);
    for (let at = owner; at !== null && at !== undefined; ) {
      const comment = commentBefore(this.text, at.index);
      collect(comment);
      if (at === owner && doc.replace(/@param[\s\S]*/, '').replace(/[\s/*]/g, '') === '') own = comment;
      const base = at.base;
      const index =
        base === undefined
          ? -1
          : this.text.search(new RegExp(`^(?:export )?declare (?:abstract )?class ${base}\\b`, 'm'));
      if (index < 0) break;
      // A base's constructor may have the comment.
      const body = this.text.slice(index, this.text.indexOf('\n}', index));
      const made = body.search(/^ {4}(?:protected )?constructor\(/m);
      if (made >= 0) collect(commentBefore(this.text, index + made));
      at = { index, base: /extends ([\w.]+)/.exec(body.split('\n')[0])?.[1] };
    }
    return {
      ofParameter: (p) => {
        const note = notes.get(p.camel) ?? '';
        const value =
          p.optional && !p.variadic && p.default !== null
            ? `Default: ${JSON.stringify(p.default, jsonNumber)?.replaceAll('"', "'")}.`
            : '';
        return [note === '' ? '' : `${capital(note).replace(/\.?$/, '.')}`, value]
          .filter((t) => t !== '')
          .join(' ');
      },
      comment: (indent, parameters) => {
        const lines = own
          .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
          .split('\n')
          .map((line) => line.replace(/^\s*\* ?/, ''))
          .join('\n')
          .replace(/^@param[\s\S]*?(?=^@(?!param)|$(?![\s\S]))/gm, '')
          .trim()
          .split('\n');
        const tags = parameters
          .filter((p) => notes.has(p.camel))
          .map((p) => `@param ${safe(p.camel)} ${notes.get(p.camel)}`);
        const all = [...lines.filter((line, i) => line !== '' || (i > 0 && i < lines.length - 1)), ...tags];
        if (all.join('') === '') return '';
        return `${indent}/**\n${all.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
      },
    };
  }

  withImports(text) {
    const needed = [...this.imports].filter(
      ([symbol]) =>
        new RegExp(`\\b${symbol}\\b`).test(text) &&
        !new RegExp(`^import .*\\b${symbol}\\b.* from`, 'm').test(text) &&
        !new RegExp(`^export (?:declare )?(?:class|interface|type) ${symbol}\\b`, 'm').test(text),
    );
    const lines = needed.map(([symbol, from]) => {
      const path = relative(dirname(this.file), `dist/${from}`);
      return `import type { ${symbol} } from '${path.startsWith('.') ? path : `./${path}`}';\n`;
    });
    return lines.join('') + text;
  }
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const jsonNumber = (_, value) => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value);
const arrayOf = (type) => (/[| ]/.test(type) ? `(${type})[]` : `${type}[]`);
const reserved = new Set(['function', 'default', 'in', 'new', 'class', 'var', 'with', 'this', 'enum']);
const safe = (name) => (reserved.has(name) ? `${name}_` : name);

/** Where the bracket that opens at `open` closes. */
function closing(text, open) {
  const pairs = { '<': '>', '(': ')', '{': '}', '[': ']' };
  const stack = [];
  for (let i = open; i < text.length; i++) {
    const c = text[i];
    if (c === "'" || c === '"') i = text.indexOf(c, i + 1);
    else if (c === '=' && text[i + 1] === '>') i++;
    else if (c in pairs) stack.push(pairs[c]);
    else if (c === stack.at(-1)) {
      stack.pop();
      if (stack.length === 0) return i;
    }
  }
  throw new Error('unbalanced brackets');
}

/** Just behind the `;` that ends the statement. */
function endOfStatement(text, from) {
  for (let i = from; i < text.length; i++) {
    if ('<({['.includes(text[i])) i = closing(text, i);
    else if (text[i] === ';') return i + 1;
  }
  return text.length;
}

/** Where a member's line begins, and where its comment does. */
function startOfMember(text, at) {
  const code = text.lastIndexOf('\n', at) + 1;
  const comment = commentBefore(text, code);
  return { code, doc: code - comment.length };
}

/** The comment that ends right before a position, with its indentation and line's end. */
function commentBefore(text, at) {
  const before = text.slice(0, at);
  if (!/\*\/\n$/.test(before)) return '';
  const start = before.lastIndexOf('/**');
  const line = before.lastIndexOf('\n', start) + 1;
  return /^\s*$/.test(before.slice(line, start)) ? before.slice(line) : '';
}

/** The file that declares a type which stands in another one; null for the language's own. */
function sourceOf(symbol, file) {
  const text = readFileSync(file, 'utf8');
  if (
    new RegExp(`^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type) ${symbol}\\b`, 'm').test(
      text,
    )
  )
    return file;
  const found = new RegExp(
    `^import (?:type )?\\{[^}]*\\b${symbol}\\b[^}]*\\} from '(\\.[^']*)\\.js';`,
    'm',
  ).exec(text);
  return found === null ? null : join(dirname(file), `${found[1]}.d.ts`);
}

/** What `Name<A, B>` is, of a type that the file declares or imports: its text with A and B, and where it is. */
function declared(type, file) {
  const [, name, given = ''] = /^(\w+)(?:<([\s\S]*)>)?$/.exec(type) ?? [];
  const from = name === undefined ? null : sourceOf(name, file);
  if (from === null) return null;
  const source = readFileSync(from, 'utf8');
  const head = new RegExp(
    `^(?:export )?(?:declare )?(?:interface|type) ${name}(?:<(.*?)>)?(?: extends ([^{]*))? (?:= |(?={))`,
    'm',
  ).exec(source);
  if (head === null) return null;
  const [whole, generics = '', bases = ''] = head;
  const open = head.index + whole.length;
  const end = whole.endsWith('= ') ? endOfStatement(source, open) - 1 : closing(source, open) + 1;
  const text = [...partsOf(bases, ','), source.slice(open, end)].join(' & ');
  const values = new Map(genericsOf(generics).map((one, i) => [one.name, partsOf(given, ',')[i]]));
  return { file: from, text: text.replace(/\b[A-Z]\w*\b/g, (word) => values.get(word) ?? word) };
}

/** The parts of a text between separators that stand in no bracket. */
function partsOf(text, separator) {
  const parts = [];
  for (let rest = text.trim(); rest !== ''; ) {
    let end = 0;
    while (end < rest.length && rest[end] !== separator) {
      if ('<({['.includes(rest[end])) end = closing(rest, end);
      end++;
    }
    parts.push(rest.slice(0, end).trim());
    rest = rest.slice(end + 1).trim();
  }
  return parts;
}

/** The type parameters of `T, B = T[]`. */
const genericsOf = (text) =>
  partsOf(text, ',').map((one) => ({ name: /^(?:const )?(\w+)/.exec(one)[1], text: one }));

if (!existsSync('dist')) throw new Error('nothing is built');
