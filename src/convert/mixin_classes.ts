import type { Converter } from './converter.js';
import type { Argument, Block, ClassDefinition, Statement } from './syntax.js';

/** Whether a base says nothing of how a class works. */
const isEmpty = ({ name, value }: Argument): boolean => {
  const base = value.kind === 'index' ? value.object : value;
  const own = base.kind === 'name' ? base.id : base.kind === 'attribute' ? base.name : '';
  return name !== null || /^(object|ABC|Generic|Protocol)$/.test(own);
};

/** The bases of a class that have something to give; the last of them is the one that it extends. */
export const basesOf = ({ bases }: ClassDefinition): readonly Argument[] =>
  bases.filter((base) => !isEmpty(base));

/** Names of classes that are there only to be mixed into others: they are written where they are mixed in. */
export function mixinNames(body: Block, source: string): Set<string> {
  const found = new Set<string>();
  for (const statement of body.statements) {
    if (statement.kind !== 'class') continue;
    for (const { value } of basesOf(statement).slice(0, -1)) if (value.kind === 'name') found.add(value.id);
  }
  for (const name of [...found]) {
    const rest = source
      .replace(/^class \w+\(.*\):/gm, (line) =>
        line.startsWith(`class ${name}(`) ? '' : line.includes(',') ? '' : line,
      )
      .replaceAll(`super(${name}, self)`, '')
      .replace(new RegExp(`^class ${name}:`, 'gm'), '');
    if (new RegExp(`\\b${name}\\b`).test(rest)) found.delete(name);
  }
  return found;
}

/** What other classes mix into one: their members, which it has as if they were its own. */
export function mixedIn(c: Converter, statement: ClassDefinition): Statement[] {
  const taken = new Set(namesOf(statement.body.statements));
  const found: Statement[] = [];
  for (const [i, base] of basesOf(statement).slice(0, -1).entries()) {
    const { type } = c.expression(base.value);
    const of = type.k === 'class' ? type.of : null;
    if (of === null || of.source === null) {
      if (type.k !== 'never')
        c.error(
          base,
          `'${c.text(base.value)}' cannot be mixed in: of several bases all but the last are classes of the program.`,
        );
      continue;
    }
    if (of.base !== null)
      c.error(
        base,
        `'${of.name}', which is mixed in, has a base of the program's own: that is not converted.`,
      );
    for (const member of of.source.body.statements) {
      const [name] = namesOf([member]);
      if (name === undefined) continue;
      if (name === '__init__')
        c.error(
          base,
          `'${of.name}', which is mixed in, has a constructor of its own: that is not converted.`,
        );
      if (taken.has(name))
        c.error(
          base,
          `'${name}' is there in several classes that ${statement.name} is made of: that is not converted.`,
        );
      taken.add(name);
      // A place of its own: what is known of it is not known of the class that it comes from.
      found.push({ ...member, at: member.at + (i + 1) / 64 + (statement.at % 4096) / 2 ** 20 } as Statement);
    }
  }
  return found;
}

const namesOf = (statements: readonly Statement[]): string[] =>
  statements.flatMap((one) => {
    if (one.kind === 'def') return [one.name];
    if (one.kind !== 'assign') return [];
    const [target] = one.targets;
    return target.kind === 'name' ? [target.id] : [];
  });
