// Writes dist/convert/library_table.js: what the converter from Python knows of the library, read from the published declarations. For every function and class there
// are the names of its parameters, which of them are required, and types as far as conversions depend on them.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
/** Modules of Python's, by the entries that they are here. */
const roots = { '': 'index', vision: 'vision/index', einops: 'einops/index', metrics: 'metrics/index' };
const also = { tensorboard: 'tensorboard/index', torchinfo: 'torchinfo/index' };

export async function writeConvertLibrary() {
  const to = `${dist}convert/library_table.js`;
  // The compiler writes an empty one each time: what was read of the same declarations is kept.
  const kept = fileURLToPath(new URL('../build/convert-library.js', import.meta.url));
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
  for (const name of readdirSync(dist, { recursive: true })
    .filter((path) => path.endsWith('.d.ts'))
    .sort())
    if (!name.startsWith('convert')) hash.update(readFileSync(dist + name));
  const key = `// ${hash.digest('hex')}`;
  if (!existsSync(kept) || !readFileSync(kept, 'utf8').startsWith(key)) {
    const { default: ts } = await import('typescript-5.9');
    const library = new Reader(ts).read();
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, `${key}\nexport const library = ${JSON.stringify(library)};\n`);
  }
  copyFileSync(kept, to);
}

class Reader {
  /** By path: `f` has overloads of a function, `c` a class, `v` the type of a value. */
  library = {};
  #classes = new Map();
  #ts;
  #checker;

  constructor(ts) {
    this.#ts = ts;
  }

  read() {
    const ts = this.#ts;
    const files = Object.entries({ ...roots, ...also }).map(([root, file]) => [root, `${dist}${file}.d.ts`]);
    const program = ts.createProgram(
      files.map(([, file]) => file),
      {
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        target: ts.ScriptTarget.ES2023,
        strict: true,
        skipLibCheck: true,
        lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.esnext.disposable.d.ts'],
        types: [],
      },
    );
    this.#checker = program.getTypeChecker();
    const found = [];
    for (const [root, file] of files)
      this.#walk(this.#checker.getSymbolAtLocation(program.getSourceFile(file)), root, found, new Set());
    // Classes first, by their shortest paths: signatures mention them.
    for (const [path, symbol] of found)
      if (symbol.flags & ts.SymbolFlags.Class) {
        const known = this.#classes.get(symbol);
        if (known === undefined || known.length > path.length) this.#classes.set(symbol, path);
      }
    for (const [path, symbol] of found) this.#add(path, symbol);
    return this.library;
  }

  #walk(module, path, found, visited) {
    if (visited.has(module)) return;
    visited.add(module);
    for (const exported of this.#checker.getExportsOfModule(module)) {
      const { flags, SymbolFlags } = { flags: exported.flags, SymbolFlags: this.#ts.SymbolFlags };
      const symbol = flags & SymbolFlags.Alias ? this.#checker.getAliasedSymbol(exported) : exported;
      const own = path === '' ? exported.name : `${path}.${exported.name}`;
      if (exported.name.startsWith('_') || own === 'types') continue;
      if (symbol.flags & SymbolFlags.ValueModule) {
        this.library[own] = { m: 1 };
        this.#walk(symbol, own, found, new Set(visited));
      } else if (symbol.flags & SymbolFlags.Value) {
        found.push([own, symbol]);
        const type = this.#checker.getTypeOfSymbol(symbol);
        const isObject =
          type.flags & this.#ts.TypeFlags.Object &&
          symbol.flags & SymbolFlags.Variable &&
          type.getCallSignatures().length === 0 &&
          type.getConstructSignatures().length === 0 &&
          type
            .getProperties()
            .some((property) => this.#checker.getTypeOfSymbol(property).getCallSignatures().length > 0) &&
          !this.#isInstance(type);
        if (isObject) {
          found.pop();
          this.library[own] = { m: 1 };
          for (const property of type.getProperties()) {
            if (property.name.startsWith('_')) continue;
            found.push([`${own}.${property.name}`, property]);
          }
        }
      }
    }
  }

  #isInstance(type) {
    return type.symbol !== undefined && (type.symbol.flags & this.#ts.SymbolFlags.Class) !== 0;
  }

  #add(path, symbol) {
    const { SymbolFlags } = this.#ts;
    const type = this.#checker.getTypeOfSymbol(symbol);
    if (symbol.flags & SymbolFlags.Class) {
      const known = this.#classes.get(symbol);
      if (known !== path) {
        this.library[path] = { a: known };
        return;
      }
      this.library[path] = this.#classOf(symbol, type);
    } else if (type.getCallSignatures().length > 0)
      this.library[path] = { f: this.#overloads(type.getCallSignatures()) };
    else if (type.getConstructSignatures().length > 0) {
      const [instance] = type.getConstructSignatures().map((signature) => signature.getReturnType());
      this.library[path] = { a: this.#classes.get(instance.symbol) ?? path, c: { n: [], m: {} } };
    } else this.library[path] = { v: this.#encode(type) };
  }

  #classOf(symbol, type) {
    const instance = this.#checker.getDeclaredTypeOfSymbol(symbol);
    const [base] = this.#checker.getBaseTypes(instance);
    const described = { n: this.#overloads(type.getConstructSignatures()), m: {} };
    if (base?.symbol !== undefined && this.#classes.has(base.symbol))
      described.e = this.#classes.get(base.symbol);
    const inherited = base === undefined ? new Map() : new Map(base.getProperties().map((p) => [p.name, p]));
    for (const member of instance.getProperties()) {
      const { name } = member;
      if (name.startsWith('_') && !/^__@(iterator|asyncIterator)/.test(name)) continue;
      if (described.e !== undefined && inherited.get(name)?.valueDeclaration === member.valueDeclaration)
        continue;
      described.m[name.startsWith('__@') ? '@iterator' : name] = this.#member(member);
    }
    const statics = type
      .getProperties()
      .filter(
        ({ name, parent, flags }) =>
          name !== 'prototype' &&
          parent === symbol &&
          !name.startsWith('_') &&
          (flags & this.#ts.SymbolFlags.Method || /^[a-z]/.test(name)),
      );
    for (const member of statics) {
      described.s ??= {};
      described.s[member.name] = this.#member(member);
    }
    return { c: described };
  }

  #member(member) {
    const type = this.#checker.getTypeOfSymbol(member);
    const calls = this.#checker.getNonNullableType(type).getCallSignatures();
    return calls.length > 0 ? this.#overloads(calls) : this.#encode(type);
  }

  /** Each as `name:type,?name:type*named:type>result`. */
  #overloads(signatures) {
    const texts = [];
    for (const signature of signatures) {
      const text = this.#signature(signature);
      if (text !== null && !texts.includes(text)) texts.push(text);
    }
    return texts;
  }

  #signature(signature) {
    const positional = [];
    const named = new Map();
    const { parameters } = signature;
    for (const [i, parameter] of parameters.entries()) {
      const type = this.#checker.getTypeOfSymbol(parameter);
      const { valueDeclaration: declared } = parameter;
      const isOptional = declared?.questionToken !== undefined || declared?.initializer !== undefined;
      if (declared?.dotDotDotToken !== undefined) {
        // Mixes of positions and names say nothing that the other forms do not.
        if (type.isUnion() || ['Mixes', 'NumpyMixes', 'Arguments'].includes(type.aliasSymbol?.name))
          return null;
        const [element] = this.#checker.getTypeArguments(type) ?? [];
        const text = this.#checker.typeToString(type);
        if (/Mixes<|Arguments<|Signed</.test(text)) return null;
        positional.push(`...${parameter.name}:${element === undefined ? '?' : this.#encode(element)}`);
        continue;
      }
      const parts = type.isUnion() ? type.types : [type];
      for (const part of parts)
        for (const [name, own] of this.#options(part, parameter.name)) named.set(name, own);
      const isLast = i === parameters.length - 1;
      if (isLast && (parameter.name === 'options' || parameter.name === 'args') && named.size > 0) continue;
      positional.push(`${isOptional ? '?' : ''}${parameter.name}:${this.#encode(type, 0, true)}`);
    }
    const options = [...named].map(([name, type]) => `${name}:${type}`);
    const result = this.#encode(signature.getReturnType());
    return `${positional.join(',')}${options.length > 0 ? `*${options.join(',')}` : ''}>${result}`;
  }

  /** Names that a trailing object may have. */
  *#options(type, parameter) {
    if (!this.#isOptions(type, parameter)) return;
    for (const property of type.getProperties())
      yield [property.name, this.#encode(this.#checker.getTypeOfSymbol(property))];
  }

  #isOptions(type, parameter) {
    if ((type.flags & this.#ts.TypeFlags.Object) === 0 || this.#isInstance(type)) return false;
    if (type.getCallSignatures().length > 0 || this.#checker.isArrayLikeType(type)) return false;
    const name = type.aliasSymbol?.name ?? type.symbol?.name ?? '';
    const isNamed = /(Options|Arguments|Keywords|^Partial|Settings)$/.test(name) || name === 'Partial';
    return (
      isNamed ||
      (name === '__type' &&
        (parameter === 'options' || parameter === 'args' || type.getProperty(parameter) !== undefined))
    );
  }

  #encode(type, depth = 0, isParameter = false) {
    const ts = this.#ts;
    const { TypeFlags } = ts;
    if (depth > 5) return '?';
    const { flags } = type;
    if (flags & TypeFlags.Any || flags & TypeFlags.Unknown || flags & TypeFlags.TypeParameter) return '?';
    if (flags & (TypeFlags.NumberLike | TypeFlags.BigIntLike)) return 'n';
    if (flags & TypeFlags.StringLike || flags & TypeFlags.TemplateLiteral) return 's';
    if (flags & TypeFlags.BooleanLike && !type.isUnion()) return 'b';
    if (flags & (TypeFlags.Void | TypeFlags.Undefined)) return 'v';
    if (flags & TypeFlags.Null) return '0';
    if (type.aliasSymbol?.name === 'Scalar') return 'S';
    if (type.aliasSymbol?.name === 'DeviceLike') return 'V';
    if (type.isUnion()) {
      const parts = type.types.filter(
        (part) => !(isParameter && this.#isOptions(part, 'options')) && !(part.flags & TypeFlags.Undefined),
      );
      let encoded = [...new Set(parts.map((part) => this.#encode(part, depth + 1)))];
      if (encoded.includes('#Complex') || encoded.includes('#PyFloat') || encoded.includes('S')) {
        const isScalar = encoded.includes('#Complex') || encoded.includes('S') || encoded.includes('b');
        encoded = encoded.filter((part) => !['n', 'b', '#Complex', '#PyFloat', 'S'].includes(part));
        encoded.unshift(isScalar ? 'S' : 'n');
      }
      return [...new Set(encoded)].sort().join('|') || 'v';
    }
    if (type.aliasSymbol?.name === 'Named') return this.#named(type);
    if (type.isIntersection()) return this.#encode(type.types[0], depth + 1);
    if ((flags & TypeFlags.Object) === 0) return '?';
    const name = type.aliasSymbol?.name ?? type.symbol?.name ?? '';
    if (name === 'Tensor' && this.#isInstance(type)) return 'T';
    if (name === 'DType' || name === 'Dtype') return 'D';
    const args = type.aliasTypeArguments ?? this.#checker.getTypeArguments(type) ?? [];
    const inner = (i = 0) => (args[i] === undefined ? '?' : this.#encode(args[i], depth + 1));
    if (name === 'Promise') return `A<${inner()}>`;
    if (this.#checker.isTupleType(type)) {
      if (type.target.combinedFlags & ts.ElementFlags.Variable) return `L<${inner()}>`;
      return `(${args.map((_, i) => inner(i)).join(';')})`;
    }
    if (this.#isInstance(type)) {
      const path = this.#classes.get(type.symbol);
      return path === undefined
        ? '?'
        : `#${path}${args.length > 0 && !args[0].isThisType ? `<${inner()}>` : ''}`;
    }
    if (
      [
        'List',
        'Array',
        'ReadonlyArray',
        'ReadonlyList',
        'Iterable',
        'Set',
        'IterableIterator',
        'Generator',
        'ArrayIterator',
      ].includes(name)
    )
      return `L<${inner()}>`;
    if (this.#checker.isArrayLikeType(type)) return `L<${inner()}>`;
    if (name === 'Map') return `M<${inner()};${inner(1)}>`;
    if (name === 'Record') return `R<${inner(1)}>`;
    const calls = type.getCallSignatures();
    if (calls.length > 0) return `F<${this.#encode(calls[0].getReturnType(), depth + 1)}>`;
    const index = this.#checker.getIndexInfosOfType(type)[0];
    if (index !== undefined) return `R<${this.#encode(index.type, depth + 1)}>`;
    return '?';
  }

  /** A tuple whose elements have names. */
  #named(type) {
    const [names, element] = type.aliasTypeArguments;
    const texts = this.#checker.getTypeArguments(names).map(({ value }) => value);
    const of = element === undefined ? 'T' : this.#encode(element, 1);
    return `(${texts.map((text) => `${text}:${of}`).join(';')})`;
  }
}
