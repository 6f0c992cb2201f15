// The public interface as the published declarations have it: every export of every entry, with its comments and signatures.
import { fileURLToPath } from 'node:url';
import ts from 'typescript-5.9';
import { entries } from '../entries.mjs';
import { readable } from './signatures.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const source = path('../../');

/**
 * All public names, by path: `torch.nn.Linear`, `vision.ops.nms`.
 * @returns {Item[]}
 * @typedef {{ path: string, kind: 'function' | 'class' | 'value' | 'type', name: string, file: string, doc: string, tags: [string, string][],
 *   signatures: string[], parameters: [string, string][], members: Member[], base: string | null, type: string, same: string | null }} Item
 * @typedef {{ name: string, kind: 'method' | 'property', doc: string, signatures: string[] }} Member
 */
export function readInterface() {
  const roots = new Map([
    ['torch', path('../../dist/index.d.ts')],
    ...entries.map((name) => [name, path(`../../dist/${name}/index.d.ts`)]),
  ]);
  const program = ts.createProgram([...roots.values()], {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    types: [],
  });
  const reader = new Reader(program.getTypeChecker());
  for (const [name, file] of roots) reader.namespace(program.getSourceFile(file), name);
  return reader.items;
}

class Reader {
  items = [];
  /** Where a symbol was met first. */
  known = new Map();

  constructor(checker) {
    this.checker = checker;
  }

  namespace(file, prefix) {
    const symbols = this.checker.getExportsOfModule(this.checker.getSymbolAtLocation(file));
    for (const symbol of symbols) this.symbol(symbol, prefix);
  }

  symbol(exported, prefix) {
    const { checker } = this;
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
    // Names of the interfaces that rows have, and of options, are found with what takes them.
    if (exported.name.startsWith('_') || exported.name === 'default') return;
    const path = `${prefix}.${exported.name}`;
    const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
    if (declaration === undefined) return;
    if (ts.isSourceFile(declaration) || (symbol.flags & ts.SymbolFlags.ValueModule) !== 0) {
      if (path.startsWith('torch.types')) return;
      for (const member of checker.getExportsOfModule(symbol)) this.symbol(member, path);
      return;
    }
    const comment = this.comment(symbol);
    if (comment.tags.some(([name]) => name === 'internal')) return;
    const item = {
      path,
      name: exported.name,
      file: fileOf(declaration),
      ...comment,
      members: [],
      parameters: [],
    };
    Object.assign(item, { signatures: [], base: null, type: '', same: this.known.get(symbol) ?? null });
    if (item.same === null) this.known.set(symbol, path);
    if ((symbol.flags & ts.SymbolFlags.Class) !== 0) this.asClass(item, symbol, declaration);
    else if ((symbol.flags & ts.SymbolFlags.Value) === 0) {
      item.kind = 'type';
      item.type = textOf(declaration);
    } else {
      const type = checker.getTypeOfSymbol(symbol);
      const calls = type.getCallSignatures();
      if (calls.length > 0) this.asFunction(item, calls);
      else if (this.isNamespace(type, declaration)) {
        for (const member of checker.getPropertiesOfType(type)) this.symbol(member, path);
        return;
      } else {
        item.kind = 'value';
        item.type = checker.typeToString(type);
      }
    }
    this.items.push(item);
  }

  /** Whether a constant is an object of functions: rows' modules, constraints, enumerations. */
  isNamespace(type, declaration) {
    if (type.symbol === undefined || (type.symbol.flags & ts.SymbolFlags.Class) !== 0) return false;
    const own =
      (type.symbol.flags &
        (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeLiteral | ts.SymbolFlags.ObjectLiteral)) !==
      0;
    return (
      own &&
      ts.isVariableDeclaration(declaration) &&
      !fileOf(declaration).includes('weights') &&
      /Functions$|^__type$|^__object$/.test(type.symbol.name)
    );
  }

  asFunction(item, signatures) {
    item.kind = 'function';
    for (const signature of signatures) {
      const { declaration } = signature;
      if (declaration === undefined) continue;
      const docs = this.comment(signature);
      if (item.doc === '') item.doc = docs.doc;
      for (const tag of docs.tags)
        if (!item.tags.some(([n, t]) => n === tag[0] && t === tag[1])) item.tags.push(tag);
      item.signatures.push(callText(item.name, declaration));
    }
    item.signatures = usual(item.signatures);
    item.parameters = parametersOf(item.tags);
  }

  asClass(item, symbol, declaration) {
    const { checker } = this;
    item.kind = 'class';
    const base = declaration.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
    item.base = base?.types[0].expression.getText() ?? null;
    const constructors = declaration.members.filter(ts.isConstructorDeclaration);
    item.signatures = usual(constructors.map((one) => callText(`new ${item.name}`, one)));
    for (const one of constructors)
      for (const tag of tagsOf(one)) if (tag[0] === 'param') item.tags.push(tag);
    item.parameters = parametersOf(item.tags);
    const members = new Map();
    for (const [owner, isStatic] of [
      [checker.getDeclaredTypeOfSymbol(symbol).symbol.members, false],
      [symbol.exports, true],
    ])
      for (const [, member] of owner ?? []) this.member(member, isStatic, members);
    item.members = [...members.values()];
  }

  member(member, isStatic, found) {
    const declarations = (member.declarations ?? []).filter((one) => !ts.isTypeParameterDeclaration(one));
    if (declarations.length === 0 || /^(?:_|#|extraRepr$|prototype$)/.test(member.name)) return;
    const { doc, tags } = this.comment(member);
    if (tags.some(([name]) => name === 'internal')) return;
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
    if (declarations.some((one) => (ts.getCombinedModifierFlags(one) & hidden) !== 0)) return;
    const name = `${isStatic ? 'static ' : ''}${member.name}`;
    const methods = declarations.filter((one) => ts.isMethodDeclaration(one) || ts.isMethodSignature(one));
    if (methods.length > 0)
      found.set(name, {
        name,
        kind: 'method',
        doc,
        tags,
        signatures: usual(methods.map((one) => callText(member.name, one))),
      });
    else if (
      declarations.some(
        (one) => ts.isPropertyDeclaration(one) || ts.isPropertySignature(one) || ts.isGetAccessor(one),
      )
    )
      found.set(name, {
        name,
        kind: 'property',
        doc,
        tags,
        signatures: [`${member.name}: ${declarations[0].type?.getText() ?? 'unknown'}`],
      });
  }

  comment(symbol) {
    return {
      doc: ts.displayPartsToString(symbol.getDocumentationComment(this.checker)).trim(),
      tags: symbol.getJsDocTags(this.checker).map(({ name, text }) => [name, ts.displayPartsToString(text)]),
    };
  }
}

const fileOf = (declaration) =>
  declaration.getSourceFile().fileName.replace(`${source}dist/`, '').replace('.d.ts', '.ts');
const textOf = (declaration) => declaration.getText().replace(/^(?:export |declare )+/, '');
const tagsOf = (declaration) =>
  ts
    .getJSDocTags(declaration)
    .map((tag) => [
      tag.tagName.text,
      `${tag.name?.getText() ?? ''} ${ts.getTextOfJSDocComment(tag.comment) ?? ''}`.trim(),
    ]);

/** A call as it is declared: `name(input: Tensor): Tensor`. */
function callText(name, declaration) {
  const generics = declaration.typeParameters?.map((one) => one.getText()).join(', ');
  const parameters = declaration.parameters.map((one) => one.getText().replace(/\s+/g, ' ')).join(', ');
  const result = declaration.type === undefined ? '' : `: ${declaration.type.getText().replace(/\s+/g, ' ')}`;
  return `${name}${generics ? `<${generics}>` : ''}(${parameters})${result}`;
}

/** The forms that one reads: not those of all mixes of names and places, nor those that are told of once for all. */
function usual(signatures) {
  const shown = signatures.filter((text) => !/\.\.\.args: (?!\[)|\((?:args|options|named): /.test(text));
  const chosen = shown.length > 0 ? shown : signatures.slice(0, 1);
  return [...new Set(chosen.map(readable))].slice(0, 6);
}

function parametersOf(tags) {
  const found = new Map();
  for (const [tag, text] of tags) {
    const [, name, what] = tag === 'param' ? (/^(\S+)\s+(?:- )?([\s\S]*)$/.exec(text) ?? []) : [];
    if (name !== undefined && !found.has(name)) found.set(name, what.replace(/\s+/g, ' '));
  }
  return [...found];
}
