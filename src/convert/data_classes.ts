import { annotated } from './annotations.js';
import { type Converter, indented } from './converter.js';
import { learnReturn, parameterList } from './function_definitions.js';
import { type ClassInfo, FunctionInfo } from './python_types.js';
import type { ClassDefinition, Definition, Expression, Parameter } from './syntax.js';
import { isKnown, learnAttribute, str } from './type_rules.js';

/** Writes what Python does for a dataclass: a constructor of its fields, how it prints, and when two are equal. */
export function dataMembers(c: Converter, of: ClassInfo, statement: ClassDefinition): string {
  const inherited = of.base?.method('__init__')?.parameters ?? [];
  const isInherited = (of.base?.fields ?? null) !== null;
  const sources = statement.body.statements.flatMap((one): Parameter[] => {
    if (one.kind !== 'assign' || one.annotation === null) return [];
    const [target] = one.targets;
    if (target.kind !== 'name') return [];
    const { at, end } = one;
    const fallback = one.value === null ? null : fallbackOf(c, one.value);
    return [{ at, end, name: target.id, annotation: one.annotation, fallback, stars: 0, isNamed: false }];
  });
  const definition: Definition = {
    at: statement.at,
    end: statement.end,
    kind: 'def',
    name: '__init__',
    parameters: [],
    returns: null,
    body: { id: -1, statements: [] },
    decorators: [],
    isAsync: false,
  };
  const init = of.methods.get('__init__') ?? new FunctionInfo('__init__', 'init', definition);
  of.methods.set('__init__', init);
  const own = sources.map((source) => {
    const type = annotated(c, source.annotation as Expression);
    if (c.isFinal && !isKnown(type)) c.needs(source, `'${source.name}' of ${of.name}`, type);
    if (learnAttribute(of, source.name, type)) c.changed = true;
    return { source, name: c.names.of(source.name), type, isAnnotated: true };
  });
  const all = isInherited ? inherited : [];
  if (init.parameters.length !== all.length + own.length) init.parameters = [...all, ...own];
  of.fields = init.parameters.map(({ source }) => source.name);
  const isDerived = of.base !== null;
  const head = isDerived ? [`super(${all.map(({ name }) => name).join(', ')});`] : [];
  const lines = [...head, ...own.map(({ name, source }) => `this.${source.name} = ${name};`)];
  if (of.method('__post_init__') !== undefined) lines.push(`this.${of.method('__post_init__')!.own}();`);
  const parts = [
    `constructor(${parameterList(c, init.parameters, init)}) {\n${indented(lines.join('\n'))}\n}`,
  ];
  const override = of.base === null ? '' : 'override ';
  if (of.source?.body.statements.every((one) => one.kind !== 'def' || !/^__(repr|str)__$/.test(one.name))) {
    const shown = of.methods.get('__repr__') ?? new FunctionInfo('__repr__', 'toString', definition);
    of.methods.set('__repr__', shown);
    learnReturn(c, shown, str);
    const texts = of.fields.map((name) => {
      const type = of.attribute(name)!;
      const spec = c.spec(type);
      return `${name}=\${${c.helper('repr')}(this.${name}${spec === null ? '' : `, '${spec}'`})}`;
    });
    parts.push(`${override}toString(): string {\n  return \`${of.name}(${texts.join(', ')})\`;\n}`);
  }
  const text = c.source;
  if (
    /==|!=|\bin\b/.test(text) &&
    of.source?.body.statements.every((one) => one.kind !== 'def' || one.name !== '__eq__')
  ) {
    const [mine, others] = ['this', 'other'].map((one) =>
      of.fields!.map((name) => `${one}.${name}`).join(', '),
    );
    parts.push(
      `${override}eq(other: unknown): boolean {\n  return other instanceof ${of.own} && ${c.helper('equal')}([${mine}], [${others}]);\n}`,
    );
  }
  return parts.join('\n\n');
}

/** The value of a field if nothing is given. */
function fallbackOf(c: Converter, value: Expression): Expression | null {
  if (value.kind !== 'call' || !/(^|\.)field$/.test(c.text(value.callee))) return value;
  const given = new Map(value.args.map((one) => [one.name, one.value]));
  const plain = given.get('default');
  if (plain !== undefined) return plain;
  const make = given.get('default_factory');
  if (make === undefined) return null;
  const { at, end } = value;
  if (make.kind === 'lambda') return make.body;
  if (make.kind === 'name' && make.id === 'list') return { at, end, kind: 'list', items: [] };
  if (make.kind === 'name' && make.id === 'dict') return { at, end, kind: 'dict', entries: [] };
  return { at, end, kind: 'call', callee: make, args: [] };
}
