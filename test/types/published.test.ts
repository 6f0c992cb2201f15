/** The published declarations, walked through as a compiler sees them: everything that users can reach can be named by them. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript-5.9';
import { beforeAll, describe, expect, it } from 'vitest';
import { entries as packageEntries } from '../../scripts/entries.mjs';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Who calls a module without knowing its class knows neither its inputs nor its result. */
const anyIsMeant = [
  'Computing',
  'Implemented',
  'ForwardPreHook',
  'ForwardPreHookWithKwargs',
  'ForwardHook',
  'ForwardHookWithKwargs',
];

const found = { exported: 0, underscores: [] as string[], anys: [] as string[], unnamed: [] as string[] };

function isComputed(node: ts.Node): boolean {
  const isOne = ts.isConditionalTypeNode(node) || ts.isMappedTypeNode(node);
  return isOne || (ts.forEachChild(node, (child) => isComputed(child) || undefined) ?? false);
}

/** Visits what the entries export and all that its declarations mention. */
function walk(): void {
  const entries = ['index', 'lazy', 'types', ...packageEntries.map((name) => `${name}/index`)].map(
    (name) => `${dist}${name}.d.ts`,
  );
  const program = ts.createProgram(entries, {
    strict: true,
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  const isOurs = (node: ts.Node) => node.getSourceFile().fileName.startsWith(dist);
  const resolved = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

  const exported = new Map<ts.Symbol, string>();
  const visitModule = (module: ts.Symbol, path: string): void => {
    for (const entry of checker.getExportsOfModule(module)) {
      const symbol = resolved(entry);
      const name = path === '' ? entry.name : `${path}.${entry.name}`;
      if (entry.name.startsWith('_')) found.underscores.push(name);
      if (exported.has(symbol)) continue;
      exported.set(symbol, name);
      if (symbol.flags & ts.SymbolFlags.ValueModule) visitModule(symbol, name);
    }
  };
  for (const entry of entries) {
    const file = program.getSourceFile(entry);
    const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`no module: ${entry}`);
    visitModule(module, '');
  }
  found.exported = exported.size;

  const visited = new Set<ts.Symbol>();
  const visit = (symbol: ts.Symbol, path: string): void => {
    if (visited.has(symbol)) return;
    visited.add(symbol);
    for (const declaration of symbol.declarations ?? [])
      if (isOurs(declaration) && !ts.isSourceFile(declaration)) visitNode(declaration, path);
  };
  const visitNode = (node: ts.Node, path: string): void => {
    const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
    if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)) return;
    // The parts of a computed type have no names.
    if (ts.isTypeAliasDeclaration(node) && isComputed(node.type)) return;
    if (node.kind === ts.SyntaxKind.AnyKeyword && !anyIsMeant.some((name) => path.split('.').includes(name)))
      found.anys.push(path);
    const name = (node as Partial<ts.NamedDeclaration>).name;
    const own = name === undefined || ts.isTypeReferenceNode(node) ? '' : name.getText();
    const isOpaque = name !== undefined && ts.isComputedPropertyName(name) && !own.startsWith('[Symbol.');
    if (own.startsWith('_') || isOpaque) found.underscores.push(`${path}.${own}`);
    const mentioned = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : ts.isImportTypeNode(node)
          ? node.qualifier
          : undefined;
    const symbol = mentioned === undefined ? undefined : checker.getSymbolAtLocation(mentioned);
    if (symbol !== undefined) visitMentioned(resolved(symbol), path);
    ts.forEachChild(node, (child) => visitNode(child, own === '' ? path : `${path}.${own}`));
  };
  const visitMentioned = (symbol: ts.Symbol, path: string): void => {
    const isType =
      symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias);
    if (!isType || !symbol.declarations?.some(isOurs)) return;
    if (!exported.has(symbol)) found.unnamed.push(`${symbol.name}, of ${path}`);
    visit(symbol, symbol.name);
  };
  for (const [symbol, name] of exported) visit(symbol, name);
}

describe('the published types', () => {
  beforeAll(walk, 120_000);

  it('are more than a thousand', () => {
    expect(found.exported).toBeGreaterThan(1000);
  });

  it("have no name that begins with an underscore, but where a file of PyTorch's has it", () => {
    // Transforms of users' own override these, as in PyTorch.
    const own = found.underscores.filter((name) => !/Transform\._(call|inverse)$/.test(name));
    expect(own).toEqual([
      'Tensor.Tensor._version',
      'GradScalerStateDict.GradScalerStateDict._growth_tracker',
      'WeightsMeta.WeightsMeta._metrics',
      'WeightsMeta.WeightsMeta._ops',
      'WeightsMeta.WeightsMeta._fileSize',
    ]);
  });

  it('are never `any`', () => {
    expect(found.anys).toEqual([]);
  });

  it('are exported by flambeau or flambeau/types, each of them', () => {
    expect([...new Set(found.unnamed)]).toEqual([]);
  });
});
