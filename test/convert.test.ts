import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { type Conversion, convert } from 'flambeau/convert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const programs = path('./convert/programs/');
const names = readdirSync(programs)
  .filter((name) => name.endsWith('.py'))
  .map((name) => name.slice(0, -3));
/** Inside the package, where its own name can be imported. */
const folder = path('../dist/converted/');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const told = ({ diagnostics }: Conversion) =>
  diagnostics.map(({ line, severity, message }) => `${line} ${severity}: ${message}`);

describe('programs in the manner of public ones', () => {
  const conversions = new Map<string, Conversion>();
  let complaints = '';

  beforeAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const name of names) {
      const conversion = await convert(readFileSync(`${programs}${name}.py`, 'utf8'));
      conversions.set(name, conversion);
      writeFileSync(`${folder}${name}.ts`, conversion.code);
    }
    writeFileSync(
      `${folder}tsconfig.json`,
      JSON.stringify({
        extends: '../../tsconfig.json',
        compilerOptions: { rootDir: '.', outDir: 'out', declaration: false, sourceMap: false },
        include: ['*.ts'],
      }),
    );
    // All of them as one program: most of the compiler's time is the library's declarations.
    complaints = spawnSync(process.execPath, [path('../node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    }).stdout;
  }, 120_000);

  it('are thirty', () => {
    expect(names).toHaveLength(30);
  });

  it('compile under strict settings, all of them', () => {
    expect(complaints).toBe('');
  });

  it.each(names)('%s is converted without a word, and prints what PyTorch prints', (name) => {
    expect(told(conversions.get(name)!)).toEqual([]);
    const printed = execFileSync(process.execPath, ['--conditions=module', `${folder}out/${name}.js`], {
      encoding: 'utf8',
    });
    expect(printed).toBe(readFileSync(`${programs}${name}.txt`, 'utf8'));
  });
});

describe('what cannot be converted', () => {
  const refused: [what: string, python: string, message: RegExp][] = [
    ['a name that the library lacks', 'import torch\ntorch.compile(1)', /torch\.compile is not in Flambeau/],
    ['a method that it lacks', 'import torch\ntorch.ones(2).data_ptr()', /'dataPtr' in Flambeau/],
    [
      'a named argument that it lacks',
      'import torch\ntorch.ones(2).sum(axis_=0)',
      /no parameter 'axis_' in Flambeau/,
    ],
    [
      'a part of NumPy that is not here',
      'import numpy as np\nx = np.fft.fft([1.0])',
      /numpy\.fft\.fft is not in/,
    ],
    ['pandas', 'import pandas as pd\nx = pd.DataFrame()', /pandas is not here/],
    [
      'an option of a type of its own',
      "import argparse\np = argparse.ArgumentParser()\np.add_argument('--x', type=eval)",
      /Options of the type 'eval'/,
    ],
    ['a parameter of which nothing is known', 'def f(a, b):\n    return a + b', /'a' is not known/],
    ['a list that never holds anything', 'x = []\nprint(x)', /What this is to hold is not known/],
    [
      'a lambda that sees the last value',
      'fs = [lambda: i for i in range(3)]',
      /sees the last 'i' when it is called/,
    ],
    [
      'a constructor that is mixed in',
      'class A:\n    def __init__(self):\n        self.a = 1\nclass B: pass\nclass C(A, B): pass\nx = A()',
      /has a constructor of its own/,
    ],
    ['match', 'match 1:\n    case 1:\n        pass', /'match' is not converted/],
    ['ints beyond 2^53', 'x = 12345678901234567890', /beyond 2\^53/],
  ];
  it.each(refused)('%s is told at its place', async (_, python, message) => {
    const { diagnostics } = await convert(python);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map((error) => error.message).join('\n')).toMatch(message);
    for (const { line, column } of diagnostics) {
      expect(line).toBeGreaterThan(0);
      expect(line).toBeLessThanOrEqual(python.split('\n').length);
      expect(column).toBeGreaterThan(0);
    }
  });

  it('has no code where it is no Python, and says where', async () => {
    const { code, diagnostics } = await convert('x = 1\ny = (2 +\n');
    expect(code).toBe('');
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0].severity).toBe('error');
  });
});

describe('hostile input', () => {
  const deep = (open: string, close: string, n = 5000) => open.repeat(n) + close.repeat(n);
  const texts: [what: string, text: string][] = [
    ['nothing', ''],
    ['blanks', ' \t\n\n  \n'],
    ['brackets without end', deep('(', ')')],
    ['lists without end', `x = ${deep('[', ']')}`],
    ['calls without end', `${'f('.repeat(2000)}1${')'.repeat(2000)}`],
    ['a sum without end', `x = ${Array(5000).fill('1').join(' + ')}`],
    ['attributes without end', `x${'.a'.repeat(5000)}`],
    ['blocks without end', Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}if x:`).join('\n')],
    ['another language', 'const x = { a: 1 }; function f() { return x; }'],
    ['bytes', Array.from({ length: 2000 }, (_, i) => String.fromCharCode((i * 7919) % 65536)).join('')],
    ['half a string', 'x = """abc\n'],
    ['half a format', "print(f'{x!r:{')"],
  ];
  it.each(texts)('%s is answered', async (_, text) => {
    const { diagnostics } = await convert(text);
    expect(Array.isArray(diagnostics)).toBe(true);
  });

  it('tabs and the ends of lines of Windows are read as Python reads them', async () => {
    const plain = 'import torch\nfor i in range(3):\n    if i > 1:\n        print(f"{i}")\n';
    const expected = await convert(plain);
    expect(told(expected)).toEqual([]);
    expect(await convert(plain.replaceAll('    ', '\t'))).toEqual(expected);
    expect(await convert(plain.replaceAll('\n', '\r\n'))).toEqual(expected);
  });

  it('pieces of programs in any order give code and diagnostics, no exception', async () => {
    const pieces = names
      .slice(0, 8)
      .flatMap((name) => readFileSync(`${programs}${name}.py`, 'utf8').split('\n'));
    const line = fc.constantFrom(
      ...pieces,
      'x = [',
      ')',
      'def f(:',
      '    return',
      '\t',
      'class A(A):',
      '*a, b = c',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const { code, diagnostics } = await convert(lines.join('\n'));
        expect(typeof code).toBe('string');
        expect(diagnostics.every(({ line: at }) => at >= 1)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the command line', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [path('../dist/convert/main.js'), ...args], {
      encoding: 'utf8',
      input: 'x = foo',
    });

  it('prints the code, and says by its status whether all was converted', () => {
    const good = run('convert', `${programs}vae.py`);
    expect(good.status).toBe(0);
    expect(good.stdout).toContain("import * as torch from 'flambeau';");
    const bad = run('-');
    expect(bad.status).toBe(1);
    expect(bad.stderr).toBe("stdin:1:5: error: 'foo' is not defined.\n");
    expect(run().status).toBe(2);
    expect(run('no_such_file.py').status).toBe(2);
  });
});

describe("Python's functions of flambeau/python", () => {
  it.runIf(existsSync(process.env.FLAMBEAU_PYTHON ?? ''))('print and round as Python does', async () => {
    const py = await import('flambeau/python');
    const numbers = [
      0,
      -0,
      0.1,
      1 / 3,
      2.5,
      3.5,
      1e16,
      1e-5,
      123456.789,
      -0.125,
      1e22,
      5e-324,
      0.5,
      1e-7,
      99999.5,
    ];
    const specs = [
      '.4f',
      '.0f',
      '.2e',
      '8.3f',
      '+.1f',
      ',.2f',
      '.3g',
      '.1%',
      '010.2f',
      '>12.1f',
      '^9.2f',
      'g',
      '.10g',
      'e',
    ];
    const source = `import json, struct
numbers = [float.fromhex(h) for h in json.loads('''${JSON.stringify(numbers.map(hex))}''')]
specs = ${JSON.stringify(specs)}
print(json.dumps([[repr(n)] + [format(n, s) for s in specs] + [repr(round(n, 2))] for n in numbers]))
print(json.dumps([[-7 % 3, 7 % -3, -7.5 % 2]]))
import random
random.seed(42); x = list(range(10)); random.shuffle(x)
print(json.dumps([random.random(), random.randint(1, 100), x, random.sample(range(100), 5), random.choice(x)]))`;
    const [texts, remainders, draws] = execFileSync(process.env.FLAMBEAU_PYTHON!, ['-c', source], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const own = numbers.map((n) => [
      py.repr(n, 'float'),
      ...specs.map((spec) => py.format(py.as(n, 'float'), spec)),
      py.repr(py.round(n, 2), 'float'),
    ]);
    expect(own).toEqual(texts);
    expect([[py.mod(-7, 3), py.mod(7, -3), py.mod(-7.5, 2)]]).toEqual(remainders);
    py.random.seed(42);
    const items = py.range(10);
    py.random.shuffle(items);
    const drawn = [
      py.random.random(),
      py.random.randint(1, 100),
      items,
      py.random.sample(py.range(100), 5),
      py.random.choice(items),
    ];
    expect(drawn).toEqual(draws);
  });
});

/** A double as Python's `float.fromhex` reads it. */
function hex(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = (bits & ((1n << 52n) - 1n)).toString(16).padStart(13, '0');
  const sign = bits >> 63n ? '-' : '';
  return exponent === 0 ? `${sign}0x0.${fraction}p-1022` : `${sign}0x1.${fraction}p${exponent - 1023}`;
}
