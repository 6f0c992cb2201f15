import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deviceFiguresIn, operatorsDocument, operatorsIn, operatorsOf } from '../conformance/operators.js';
import { entries } from '../src/dispatch/registry.js';
import '../src/index.js';

const { functions, methods } = entries();
const operators = operatorsOf(functions, methods);
const listed = operators.map(({ path, gradient }) => ({ path, gradient }));

describe('docs/operators.md', () => {
  it('is what the rows say (else: npm run operators)', () => {
    const written = operatorsIn(readFileSync(new URL('../docs/operators.md', import.meta.url), 'utf8'));
    expect(written).toEqual(listed);
  });

  it('names the op of an alias', () => {
    expect(operators.find(({ path }) => path === 'torch.absolute')!.alias).toBe('torch.abs');
  });

  it('reads back what is written', () => {
    const figures = { summary: '3 of 4 of float32 (75.0 %)', cells: new Map([['torch.add', '3/4']]) };
    const document = operatorsDocument(operators, [], figures, []);
    expect(operatorsIn(document)).toEqual(listed);
    expect(deviceFiguresIn(document)).toEqual(figures);
  });

  it('says which kernels a device lacks', () => {
    const figures = { summary: '', cells: new Map<string, string>() };
    expect(operatorsDocument(operators, [], figures, [])).toContain('Every op runs on all devices');
    expect(operatorsDocument(operators, [], figures, ['scan', 'sort'])).toContain(
      'Ops that call one of these kernels run on the CPU alone: `scan`, `sort`.',
    );
  });

  it('knows which ops have gradients', () => {
    const gradient = new Map(operators.map((o) => [o.path, o.gradient]));
    expect(gradient.get('torch.add')).toBe(true);
    expect(gradient.get('torch.nn.functional.relu')).toBe(true);
    expect(gradient.get('torch.matmul')).toBe(true);
    expect(gradient.get('torch.eq')).toBe(false);
    expect(gradient.get('torch.argmax')).toBe(false);
    expect(gradient.has('Tensor.add_')).toBe(false);
    expect(gradient.has('torch.nn.functional.elu_')).toBe(false);
    expect(gradient.get('Tensor.uniform_')).toBeDefined();
  });
});
