import { assigned } from './assignments.js';
import { isException } from './builtin_names.js';
import { forget } from './condition_code.js';
import { binding, type Code, type Converter, indented, tied } from './converter.js';
import { endsIn } from './function_definitions.js';
import { instanceTest } from './instance_checks.js';
import { overloaded } from './library_calls.js';
import { entryOf } from './library_signatures.js';
import type { Block, Expression, Handler, StatementOf } from './syntax.js';
import { none, str, type Type } from './type_rules.js';

/** Regions that are functions of the library's, which take what runs within. */
const regions =
  /^(noGrad|enableGrad|inferenceMode|setGradEnabled|autocast|amp\.autocast|autograd\.(detectAnomaly|setDetectAnomaly)|autograd\.graph\.savedTensorsHooks|nn\.utils\.parametrize\.cached)$/;

export function region(c: Converter, statement: StatementOf<'with'>): string {
  const { items, body } = statement;
  const bar = barRegion(c, statement);
  if (bar !== null) return bar;
  const own = ownRegion(c, statement);
  if (own !== null) return own;
  const heads: string[] = [];
  for (const { value, target } of items) {
    const head = headOf(c, value);
    if (target !== null) c.error(target, "'as' of this region is not converted.");
    if (head === null) c.error(value, `'with ${c.text(value)}' is not converted.`);
    else heads.push(head);
  }
  const single = soleAssignment(body);
  const outside = c.scope.block;
  if (single !== null && heads.length === items.length) {
    const { target, value } = single;
    // What the region computes is its value: the assignment stands outside.
    const placement = c.scope.own(target.id)?.placement;
    if (placement !== undefined) {
      const code = c.expression(value);
      const isAsync = code.code.startsWith('await ');
      let text = tied(code, binding.arrow + 1);
      if (text.startsWith('{')) text = `(${text})`;
      for (const head of [...heads].reverse())
        text = `${isAsync ? 'await ' : ''}${head}${isAsync ? 'async ' : ''}() => ${text})`;
      forget(c, target.id);
      const line = assignedOutside(c, target.id, text, code.type, statement, body);
      c.scope.block = outside;
      return line;
    }
  }
  const lines = c.block(body);
  const isAsync = /\bawait\b/.test(lines);
  const leaves = returns(body);
  if (jumps(body) || (leaves && !endsIn(body.statements.at(-1))))
    c.error(
      statement,
      "A 'break' or 'continue' out of this region, or a 'return' that does not end it, is not converted: move it behind the region.",
    );
  let text = `{\n${indented(lines)}\n}`;
  for (const head of [...heads].reverse())
    text = `${isAsync ? 'await ' : ''}${head}${isAsync ? 'async ' : ''}() => ${text})`;
  if (heads.length === 0) return text;
  if (text.startsWith('await') || heads.length > 1) {
    // Regions within regions are one expression.
    text = text.replace(/\(\) => (await )?(?=torch\.)/g, '() => $1');
  }
  return leaves ? `return ${text};` : `${text};`;
}

/** A bar of tqdm's, which goes to the standard error, is left out: what stands within remains. */
function barRegion(c: Converter, { items, body }: StatementOf<'with'>): string | null {
  const [{ value, target }, more] = items;
  if (more !== undefined || value.kind !== 'call' || target?.kind !== 'name') return null;
  const { type } = c.expression(value.callee);
  if (type.k !== 'python' || !/^tqdm\.(auto\.)?tqdm$/.test(type.path)) return null;
  const variable = c.scope.find(target.id);
  if (variable === undefined || value.args.some(({ name }) => name === null)) return null;
  variable.current.type = { k: 'python', path: 'tqdm.bar' };
  return `{\n${indented(c.block(body))}\n}`;
}

/** `with` of an object of the program's. */
function ownRegion(c: Converter, statement: StatementOf<'with'>): string | null {
  const [{ value, target }, more] = statement.items;
  if (more !== undefined || value.kind !== 'call') return null;
  if (c.expression(value.callee).type.k !== 'class') return null;
  const object = c.expression(value);
  if (object.type.k !== 'instance') return null;
  const [enter, exit] = ['__enter__', '__exit__'].map((name) =>
    (object.type as Extract<Type, { k: 'instance' }>).of.method(name),
  );
  if (enter === undefined || exit === undefined) return null;
  for (const parameter of exit.parameters) {
    const type: Type = parameter.source.stars === 1 ? { k: 'list', of: none } : none;
    if (parameter.type.k !== 'never') continue;
    parameter.type = type;
    c.changed = true;
  }
  if (exit.returns.k !== 'none' && exit.returns.k !== 'never')
    c.error(value, "What '__exit__' returns is not converted: it must not swallow exceptions.");
  const name = c.fresh('manager');
  const entered: Code = { code: `${name}.${enter.own}()`, binds: binding.call, type: enter.returns };
  const first = target === null ? `${entered.code};` : assigned(c, target, entered, value, statement.at);
  const lines = c.block(statement.body);
  return `const ${name} = ${object.code};\n${first}\ntry {\n${indented(lines)}\n} finally {\n  ${name}.${exit.own}(${exit.parameters.map(() => 'null').join(', ')});\n}`;
}

function headOf(c: Converter, value: Expression): string | null {
  if (value.kind !== 'call') return null;
  const callee = c.expression(value.callee);
  if (
    callee.type.k !== 'library' ||
    !regions.test(callee.type.path.replace(/^autograd\.(?=setGradEnabled|noGrad|enableGrad)/, ''))
  )
    return null;
  const path = callee.type.path.replace(/^autograd\.(?=setGradEnabled)/, '');
  if (value.args.length === 0) return `${callee.code}(`;
  const entry = entryOf(path);
  if (path === 'setGradEnabled') return `${callee.code}(${c.expression(value.args[0].value).code}, `;
  // The device's kind and the options come first, then the function.
  const codes = value.args
    .filter(({ name }) => name === null || name === 'device_type')
    .map(({ value: own }) => c.expression(own).code);
  const named = value.args
    .filter(({ name }) => name !== null && name !== 'device_type')
    .map(({ name, value: own }) => `${name}: ${c.expression(own).code}`);
  void entry;
  void overloaded;
  const [device, dtype] = codes;
  if (dtype !== undefined) named.unshift(`dtype: ${dtype}`);
  return `${callee.code}(${device === undefined ? '' : `${device}, `}${named.length === 0 ? '' : `{ ${named.join(', ')} }, `}`;
}

function soleAssignment(body: Block) {
  const [only, more] = body.statements;
  if (more !== undefined || only?.kind !== 'assign' || only.value === null || only.targets.length !== 1)
    return null;
  const [target] = only.targets;
  return target.kind === 'name' ? { target, value: only.value, at: only.at } : null;
}

function assignedOutside(
  c: Converter,
  name: string,
  text: string,
  type: Type,
  statement: StatementOf<'with'>,
  body: Block,
): string {
  const variable = c.scope.find(name);
  if (variable === undefined) return `${text};`;
  const { placement } = variable;
  c.learnVersion(variable.current, type);
  const { declared } = variable.current;
  if (declared === null) {
    variable.current.writes++;
    return '';
  }
  const isInside = placement?.block === body;
  // Hoisted right before this statement: it can declare the variable itself.
  const isHere =
    placement !== null &&
    !placement.isInline &&
    placement.before === statement.at &&
    placement.block === c.scope.block;
  if (isInside || isHere) {
    c.hoisted.add(`${variable.current.key}`);
    return `${declared.writes > 1 ? 'let' : 'const'} ${declared.name} = ${text};`;
  }
  return `${declared.name} = ${text};`;
}

/** Whether a loop around the region would be left, or go on. */
function jumps(block: Block): boolean {
  return block.statements.some((statement) => {
    switch (statement.kind) {
      case 'break':
      case 'continue':
        return true;
      case 'if':
        return jumps(statement.body) || (statement.otherwise !== null && jumps(statement.otherwise));
      case 'with':
        return jumps(statement.body);
      case 'try':
        return jumps(statement.body) || statement.handlers.some((handler) => jumps(handler.body));
      default:
        return false;
    }
  });
}

function returns(block: Block): boolean {
  return block.statements.some((statement) => {
    switch (statement.kind) {
      case 'return':
        return true;
      case 'if':
        return returns(statement.body) || (statement.otherwise !== null && returns(statement.otherwise));
      case 'for':
      case 'while':
      case 'with':
        return returns(statement.body);
      default:
        return false;
    }
  });
}

export function attempt(c: Converter, statement: StatementOf<'try'>): string {
  const { body, handlers, otherwise, last } = statement;
  // What stands in `else` runs behind the `try`, where its own errors are not caught.
  const flag = otherwise === null ? null : c.fresh('isDone');
  let text = `try {\n${indented(c.block(body))}${flag === null ? '' : `\n  ${flag} = true;`}\n}`;
  if (handlers.length > 0) {
    const name = c.names.of('error');
    text += ` catch (${name}) {\n${indented(caught(c, handlers, name))}\n}`;
  }
  if (otherwise !== null) {
    text = `let ${flag} = false;\n${text}\nif (${flag}) {\n${indented(c.block(otherwise))}\n}`;
    if (last !== null) text = `try {\n${indented(text)}\n}`;
  }
  if (last !== null) text += ` finally {\n${indented(c.block(last))}\n}`;
  return text;
}

function caught(c: Converter, handlers: readonly Handler[], name: string): string {
  const parts: string[] = [];
  let isOpen = true;
  for (const handler of handlers) {
    const lines = handlerBody(c, handler, name);
    const isAll =
      handler.classes.length === 0 ||
      handler.classes.some((of) => of.kind === 'name' && /^(Base)?Exception$/.test(of.id));
    if (isAll) {
      parts.push(parts.length === 0 ? lines : `{\n${indented(lines)}\n}`);
      isOpen = false;
      break;
    }
    const test = handler.classes.map((of) => instanceTest(c, name, of)).join(' || ');
    parts.push(`if (${test}) {\n${indented(lines)}\n}`);
  }
  return parts.join(' else ') + (isOpen ? ` else {\n  throw ${name};\n}` : '');
}

function handlerBody(c: Converter, handler: Handler, name: string): string {
  if (handler.name === null) return c.block(handler.body);
  const { scope } = c;
  const had = scope.own(handler.name);
  const variable = scope.add(handler.name, null);
  // What Python prints of it is its message.
  variable.current.declared = { name: `(${name} as Error).message`, writes: 1, isParameter: true };
  variable.current.type = str;
  const lines = c.block(handler.body);
  scope.restore(handler.name, had);
  return lines;
}

export function raised(c: Converter, { value }: StatementOf<'raise'>): string {
  if (value === null) return `throw ${c.names.of('error')};`;
  if (value.kind === 'name' && c.scope.find(value.id) === undefined && isException(value.id))
    return `throw ${c.expression({ ...value, kind: 'call', callee: value, args: [] }).code};`;
  return `throw ${c.expression(value).code};`;
}
