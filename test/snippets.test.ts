import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformWithOxc } from 'vite';
import { describe, expect, it } from 'vitest';
import { compile } from '../web/snippets/compile.js';
import { Edits } from '../web/snippets/edits.js';
import { parse } from '../web/snippets/parse.js';
import { lineOf, Scope } from '../web/snippets/scope.js';
import { NotErasable, stripTypes } from '../web/snippets/strip_types.js';

const root = fileURLToPath(new URL('..', import.meta.url));

function strip(text: string): string {
  const { tree, source } = parse(text);
  const edits = new Edits(source);
  stripTypes(tree, edits);
  return edits.apply();
}

/** The JavaScript that a compiler makes of TypeScript, in its own layout, without comments and empty statements. */
async function compiled(source: string): Promise<string> {
  const { code } = await transformWithOxc(source, 'snippet.ts', { sourcemap: false, target: 'esnext' });
  return code.replace(/^\s*(?:;|\/\/.*|\/?\*.*)?\n/gm, '');
}

/** Modules say `export`, snippets do not. */
const withoutModules = (source: string) =>
  source
    .replace(/^(?:import|export (?:type )?(?:\*|\{))[^;]*;$/gm, '')
    .replace(/^export (?:default )?/gm, '');

describe('types', () => {
  it("go from this repository's sources as a compiler takes them", async () => {
    const names = (readdirSync(`${root}src`, { recursive: true }) as string[]).filter(
      (name) => name.endsWith('.ts') && !name.startsWith('generated'),
    );
    let compared = 0;
    const differing: string[] = [];
    for (const name of names) {
      const source = withoutModules(readFileSync(`${root}src/${name}`, 'utf8'));
      let stripped: string;
      try {
        stripped = strip(source);
      } catch (error) {
        expect(error).toBeInstanceOf(NotErasable);
        continue;
      }
      compared++;
      if ((await compiled(stripped)) !== (await compiled(source))) differing.push(name);
    }
    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(200);
  });

  it.each([
    'try { f(); } catch (e: unknown) { g(e); } try { f(); } catch (e: Map<string, () => any>) {}',
    "const is = (x: unknown): x is string => typeof x === 'string';",
    'const check = (x: unknown): asserts x is string => { g(x); }, sure = (x: unknown): asserts x => { g(x); };',
    'function is(x: unknown): x is string { return true; } function sure(x: unknown): asserts x { g(x); }',
    'interface F { <T extends A>(...args: B<{ c: D }>): T; } let f: { <T>(x: T): T; (x: A): B };',
    'let f: (this: A, ...x: number[]) => asserts x is B; const g = (x) => x;',
    'class A { m?(x: number): void; n?<T>(): T; o?: number; p() { return this.q ? 1 : 2; } }',
    'class A { async m?(): Promise<void>; private n?<T>(x: T): T; static o?(): void; p() {} }',
    'class A { isB(): this is B { return true; } static [key: string]: number; [other: string]: any; x = 1 }',
    'let x!: number; x! += 1; x!++; y![0]! ??= 2; class A { x!: string; static y?: number; declare z: 1; }',
    "const t: typeof import('flambeau') = u; let v: import('flambeau').Tensor, w: typeof import('x').y.z;",
    'const make: abstract new (...args: any[]) => A = A; const other: new () => A = A;',
    'const a = async <T,>(x: T): Promise<T> => x; const b = async <T extends object>(x: T) => x; const c = <T,>(x: T): T => x;',
    'const C = class<T> extends B { x: T; }; const E = class<T> {};',
    'let t: [first: number, second?: string, ...rest: boolean[]] = [1];',
    "declare module 'x' { const y: number; } declare global { interface Window { x: 1 } } declare let z: 1; g();",
    'abstract class A<T> { abstract x: T; abstract m(): void; abstract get y(): T; n(): T { return 1; } }',
    'function f(x: number): number; function f(x: string): string; function f(x: any) { return x; }',
    'class A { f(x: number): void; f(x: string): void; f(x: any) {} override g(): void {} get h(): number { return 1; } }',
    'function f<T extends string = "a", const U = T>(this: Window, x?: T, ...rest: U[]): void {}',
    'const x = { a: 1 } satisfies Record<string, number> as const; const y = <A>{ b: 1 }; const z = (a as unknown as B)!.c!;',
    'const f = (x: number): {\n  readonly a: number;\n} & B => ({ a: x }); const g = async (): Promise<\n  void\n> => {};',
    'class A { static { g(); } #z?: string; static #y: number = 1; get z(): number { return 1; } set z(v: number) {} }',
    'type A<T> = T extends infer U ? U : never; type M = { -readonly [K in keyof T]-?: T[K] }; interface I<in T, out U> extends J {} g();',
    'for (const [k, v] of Object.entries(o) as [string, number][]) g(k, v); using r = f<A<B<C>>>(1);',
  ])('go from all that TypeScript has: %s', async (source) => {
    expect(await compiled(strip(source))).toBe(await compiled(source));
    expect(compile(source).wrongLine).toBeNull();
  });

  it('leave lines and columns where they are', () => {
    const source = 'const f = (x: number,\n  y?: Map<string, [a: number]>): string => x! as string;';
    expect(strip(source)).toBe(
      'const f = (x        ,\n  y                           )         => x           ;',
    );
  });

  it.each([
    ['enum Color { Red }', 'enum is not supported (write `const Color = { Red: 0, Green: 1 } as const`)'],
    ['export const enum Color { Red }', 'enum is not supported'],
    ['function f() { enum Color { Red } }', 'enum is not supported'],
    ['namespace N { export const x = 1; }', 'namespaces are not supported (write `const N = { … }`)'],
    ['module M { export const x = 1; }', 'namespaces are not supported'],
    ["import x = require('x');", 'such an import is not supported'],
    ["\nimport { x } from 'y';", "there is no module 'y' here, only 'flambeau' and 'flambeau/vision'"],
  ])('are refused where they are more: %s', (source, message) => {
    expect(() => compile(source)).toThrow(message);
    expect(() => compile(source)).toThrow(/\(line [12]\)$/);
  });
});

describe('snippets', () => {
  /** Runs snippets one after the other in one scope and gives their values. */
  async function run(...sources: string[]): Promise<unknown[]> {
    const scope = new Scope({}, { flambeau: { tensor: 'the library' } });
    const values: unknown[] = [];
    for (const [i, source] of sources.entries()) values.push(await scope.run(compile(source), i));
    return values;
  }

  it('see what earlier ones have defined', async () => {
    const source = ['const a = 1; let b = 2, c; var { d, e: [f] } = { d: 4, e: [6] };', '[a, b, c, d, f]'];
    expect((await run(...source))[1]).toEqual([1, 2, undefined, 4, 6]);
    expect(
      (
        await run(
          'function f(x: number) { return x + g; }\nlet g = 1',
          'class A { x = f(1) }',
          'g = 5; new A().x',
        )
      )[2],
    ).toBe(6);
    expect((await run('g()\nfunction g() { return 3 }\nconst h = g', 'h()'))[1]).toBe(3);
  });

  it('share variables with the functions that have seen them', async () => {
    expect((await run('let n = 0; const up = () => ++n;', 'up(); up(); n', 'n = 10; up()')).slice(1)).toEqual(
      [2, 11],
    );
  });

  it('may run again with other values', async () => {
    expect(await run('const a = 1; a', 'const a = 2; a', 'let a = 3; a', 'a')).toEqual([1, 2, 3, 3]);
  });

  it('give the value of the last expression, and nothing else', async () => {
    expect(
      await run('1 + 1', '2; // two', '3; const x = 1', "'text' as string", 'if (true) 5', '({ a: 1 }).a!'),
    ).toEqual([2, 2, undefined, 'text', undefined, 1]);
  });

  it('have properties from parameters of constructors', async () => {
    const source = `class A { constructor(public x: number, private readonly y = 2, z?: number) {} }
      class B extends A { constructor(protected w: string[]) { super(w.length); this.w.push('b'); } }
      const b = new B(['a']);
      [b.x, (b as any).y, 'z' in b, (b as any).w]`;
    expect(await run(source)).toEqual([[1, 2, false, ['a', 'b']]]);
  });

  it('may wait, and are strict', async () => {
    expect(await run('const x = await Promise.resolve(7); x', 'await x')).toEqual([7, 7]);
    await expect(run('undeclared = 1')).rejects.toThrow('undeclared is not defined');
  });

  it('protect constants, and variables that have no value yet', async () => {
    await expect(run('const a = 1', 'a = 2')).rejects.toThrow('Assignment to constant variable.');
    await expect(run('const a = 1; a++')).rejects.toThrow('Assignment to constant variable.');
    await expect(run('let x = x + 1;')).rejects.toThrow("Cannot access 'x' before initialization");
  });

  it('may import the library', async () => {
    const library = { tensor: 'the library' };
    expect(await run("import * as torch from 'flambeau'; torch", 'torch')).toEqual([library, library]);
    expect(await run("import { type Tensor, tensor as t } from 'flambeau';\nt", 't')).toEqual([
      'the library',
      'the library',
    ]);
    expect(await run("import type { Tensor } from 'flambeau';\n3")).toEqual([3]);
  });

  it('may export what they define, in vain', async () => {
    expect(
      await run('const a = 1; export { a as b };\nexport type { A };\nexport const c = a + 1;', 'c'),
    ).toEqual([undefined, 2]);
  });

  it('tell the line of an error', async () => {
    const scope = new Scope({}, {});
    const error = await scope
      .run(compile('const a = 1;\n\nlet b: any = null; b.c()'), 4)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(lineOf(error as Error, 4)).toBe(3);
    expect(lineOf(error as Error, 3)).toBeNull();
    expect(compile('const a = 1;\nconst b = = 2;').wrongLine).toBe(2);
    expect(compile('const a = 1;').wrongLine).toBeNull();
    await expect(scope.run(compile('const b = = 2;'), 0)).rejects.toBeInstanceOf(SyntaxError);
  });

  it('let the event loop turn in loops of their own and of async functions, not in those of other functions', async () => {
    const turned = 'let turned = false; setTimeout(() => { turned = true; });';
    const loops = [
      'for (;;) if (turned) break; turned',
      'for (;;) { if (turned) break; } turned',
      'while (!turned); turned',
      'while (!turned) { } turned',
      'do { } while (!turned); turned',
      'for (const x of [1]) for (;;) { if (turned) break } turned',
      'outer: for (;;) for (const k in { a: 1 }) if (turned) break outer; turned',
      'if (true) { try { for (let i = 0; ; i++) { if (turned) break } } finally { } } turned',
      'const step = () => { for (let i = 0; i < 10; i++); }; while (!turned) step(); turned',
      'while (!turned) await null; turned',
      'async function* g() { while (!turned) yield 1; } for await (const x of g()); turned',
      'async function f() { while (!turned); } await f(); turned',
      'const f = async () => { for (;;) if (turned) return turned; }; await f()',
      'class A { async m() { for (;;) { if (turned) break; } } } await new A().m(); turned',
      'const o = { async m() { for (;;) { if (turned) break; } } }; await o.m(); turned',
    ];
    for (const loop of loops) expect((await run(turned, loop))[1], loop).toBe(true);
    for (const text of [
      'const f = () => { for (;;) { } };',
      'class A { m() { for (;;) { } } static { for (;;) { } } }',
      'const o = { m() { for (;;) { } }, n: function* () { for (;;) { } } };',
      'const f = async () => { g(() => { for (;;) { } }); };',
    ])
      expect(compile(text).code, text).not.toContain('await');
    expect(compile('for (;;) {\n  a();\n}\nb = = c;').wrongLine).toBe(4);
  });

  it('are what the compiler sees even where comparisons look like types', async () => {
    expect(await run('const [a, b, c, d] = [1, 2, 4, 3]; [a < b && c > (d), a < b || c > (d)]')).toEqual([
      [true, true],
    ]);
  });
});
