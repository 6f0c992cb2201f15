import { annotated } from './annotations.js';
import { learnParameter } from './call_arguments.js';
import { pyfloatOf } from './coerce.js';
import { learnHolder } from './collection_methods.js';
import { assign, pattern } from './comprehensions.js';
import { forget } from './condition_code.js';
import { binding, type Code, type Converter, called, primary, tied } from './converter.js';
import { targetNames } from './expression_parts.js';
import { index, isView, itemsTogether, tensorIndices } from './index_expressions.js';
import { literalInt } from './literals.js';
import type { Variable } from './name_scope.js';
import { combined, unwrapped } from './operator_expressions.js';
import { quoted } from './string_literals.js';
import type { Expression, Of, StatementOf } from './syntax.js';
import {
  elementOf,
  hasTuple,
  isKnown,
  isNumber,
  isStruct,
  learnAttribute,
  listOf,
  natural,
  sameType,
  type Type,
} from './type_rules.js';

export function assignment(c: Converter, statement: StatementOf<'assign'>): string {
  const { targets, annotation, value } = statement;
  const declared = annotation === null ? undefined : annotated(c, annotation);
  if (value === null) {
    if (declared !== undefined && targets[0].kind === 'name') {
      const variable = c.scope.find(targets[0].id);
      if (variable !== undefined) c.learnVersion(variable.current, declared);
    }
    return '';
  }
  // What a name held so far tells what an empty list is to hold.
  const [first] = targets;
  const apart = takenApart(c, statement);
  if (apart !== null) return apart;
  const wanted = declared ?? expectation(c, first, statement.at);
  const code = c.expression(value, wanted);
  const type = declared !== undefined && isKnown(declared) ? declared : code.type;
  if (targets.length === 1) return assigned(c, first, { ...code, type }, value, statement.at);
  // Several targets: the value is computed once.
  const isSimple = ['number', 'string', 'none', 'boolean', 'name'].includes(value.kind);
  if (isSimple) return targets.map((target) => assigned(c, target, code, value, statement.at)).join('\n');
  const last = targets.at(-1) as Expression;
  const lines = [assigned(c, last, code, value, statement.at)];
  for (const target of targets.slice(0, -1))
    lines.push(assigned(c, target, c.expression(last), value, statement.at));
  return lines.join('\n');
}

/** `a, b = x, y` as two assignments, where the second value does not read the first target. */
function takenApart(c: Converter, { targets, value, at }: StatementOf<'assign'>): string | null {
  const [target] = targets;
  if (targets.length > 1 || value?.kind !== 'tuple' || (target.kind !== 'tuple' && target.kind !== 'list'))
    return null;
  if (target.items.length !== value.items.length) return null;
  if ([...target.items, ...value.items].some(({ kind }) => kind === 'star')) return null;
  if (!target.items.every(({ kind }) => kind === 'name' || kind === 'attribute')) return null;
  const names = target.items.map((item) => c.text(item));
  const reads = (source: Expression, name: string) =>
    new RegExp(`\\b${name.replace(/.*\./, '')}\\b`).test(c.text(source));
  if (value.items.some((item, i) => names.slice(0, i).some((name) => reads(item, name)))) return null;
  // Parts that call something run in their order, as before.
  return target.items
    .map((item, i) =>
      assigned(c, item, c.expression(value.items[i], expectation(c, item, at)), value.items[i], at),
    )
    .filter((line) => line !== '')
    .join('\n');
}

/** The type of a variable or attribute that is about to be written, as far as it is known from elsewhere. */
function expectation(c: Converter, target: Expression, at: number): Type | undefined {
  if (target.kind === 'name') {
    const variable = c.scope.find(target.id);
    const version = variable?.versions.find(({ key }) => key.endsWith(`/${at}`)) ?? variable?.versions[0];
    return version?.type;
  }
  if (target.kind === 'attribute') {
    const object = c.expression(target.object);
    return object.type.k === 'instance' ? object.type.of.attribute(target.name) : undefined;
  }
  return undefined;
}

/** A statement that gives a target a value. */
export function assigned(
  c: Converter,
  target: Expression,
  value: Code,
  source: Expression,
  at: number,
): string {
  switch (target.kind) {
    case 'name':
      return nameAssigned(c, target, value, source, at);
    case 'tuple':
    case 'list':
      return unpacked(c, target, value, source, at);
    case 'attribute':
      return attributeAssigned(c, target, value, source);
    case 'index':
      return itemAssigned(c, target, value, source);
    default:
      c.error(target, 'Nothing can be assigned to this.');
      return '';
  }
}

function nameAssigned(c: Converter, target: Of<'name'>, value: Code, source: Expression, at: number): string {
  forget(c, target.id);
  const variable = c.scope.written(target.id, at, true);
  if (value.type.k === 'maker') {
    if (variable !== undefined) c.learnVersion(variable.current, value.type);
    return '';
  }
  if (variable === undefined) return '';
  const { current } = variable;
  c.learnVersion(current, value.type);
  if (value.type.k !== 'none' && value.type.k !== 'optional' && current.type.k === 'optional')
    c.scope.narrowed = new Set([...c.scope.narrowed, target.id]);
  const { declared } = current;
  const code = pyfloatOf(c, value, current.type, source);
  if (declared === null) {
    current.writes++;
    return '';
  }
  if (!isDeclaring(c, variable, at)) return `${declared.name} = ${code};`;
  const keyword = declared.writes > 1 ? 'let' : 'const';
  return `${keyword} ${declared.name}${annotationOf(c, value, current.type, source, declared.writes > 1)} = ${code};`;
}

/** Whether a statement is where its variable is declared. */
function isDeclaring(c: Converter, variable: Variable, at: number): boolean {
  const { placement, current } = variable;
  if (placement === null || !placement.isInline || c.scope.own(variable.name) !== variable) return false;
  if (current.declared?.isParameter || placement.block !== c.scope.block) return false;
  return (
    current.isFirst &&
    (current.key.endsWith(`/${at}`) || (variable.versions[0] === current && placement.before === at))
  );
}

/** `: T`, where the value alone would not tell. */
function annotationOf(c: Converter, value: Code, type: Type, source: Expression, isWritten: boolean): string {
  if (!isKnown(type)) {
    if (/^(\[\]|\{\}|new (Map|Set)\(\))$/.test(value.code))
      c.error(source, "What this is to hold is not known: annotate it, as in 'x: list[int] = []'.");
    return '';
  }
  const isEmpty = /^(\[\]|\{\}|null|new (Map|Set)\(\)|py\.deque.*|new py\.DefaultMap.*)$/.test(value.code);
  const isWider = isWritten && !sameType(value.type, type) && c.typeText(value.type) !== c.typeText(type);
  const holdsTuples =
    hasTuple(type) &&
    source.kind !== 'call' &&
    source.kind !== 'attribute' &&
    source.kind !== 'index' &&
    source.kind !== 'name';
  const isRecord =
    type.k === 'dict' &&
    !isStruct(type) &&
    type.isRecord &&
    source.kind === 'dict' &&
    source.entries.length > 0;
  return isEmpty || isWider || holdsTuples || isRecord ? `: ${c.typeText(type)}` : '';
}

function unpacked(
  c: Converter,
  target: Of<'tuple' | 'list' | 'set'>,
  value: Code,
  source: Expression,
  at: number,
): string {
  const names = targetNames(target);
  const star = target.items.findIndex(({ kind }) => kind === 'star');
  if (star >= 0 && star < target.items.length - 1) return unpackedAround(c, target, value, source, at, star);
  const isPlain = target.items.every(isNamePattern);
  if (!isPlain) return unpackedByParts(c, target, value, source, at);
  const open = unwrapped(value);
  for (const name of names) {
    forget(c, name);
    c.scope.written(name, at, true);
  }
  assign(c, target, open.type, source);
  const variables = [...new Set(names)].map((name) => c.scope.find(name)).filter((one) => one !== undefined);
  if (variables.some(({ current }) => current.declared === null)) {
    for (const { current } of variables) current.writes++;
    return '';
  }
  const declaring = variables.filter((variable) => isDeclaring(c, variable, at));
  const list = `${pattern(c, target)} = ${arrayCode(c, open)};`;
  if (declaring.length === variables.length) {
    const isConst = variables.every(({ current }) => current.declared!.writes <= 1);
    return `${isConst ? 'const' : 'let'} ${list}`;
  }
  const lines = declaring.map(({ current }) => `let ${current.declared!.name}: ${c.typeText(current.type)};`);
  return [...lines, list].join('\n');
}

/** Something that can be taken apart: what is no tuple of TypeScript's is said to be one. */
function arrayCode(c: Converter, value: Code): string {
  const { type } = value;
  if (type.k === 'list' && type.isSize) return `${tied(value, binding.relation)}`;
  if (type.k === 'tensor') return tied(value, binding.arrow);
  if (type.k === 'iterator') return `[...${tied(value, binding.call)}]`;
  void c;
  return tied(value, binding.arrow);
}

const isNamePattern = (target: Expression): boolean =>
  target.kind === 'name' ||
  (target.kind === 'star' && target.value.kind === 'name') ||
  ((target.kind === 'tuple' || target.kind === 'list') && target.items.every(isNamePattern));

/** `first, *others, last = …`: JavaScript takes the rest at the end only. */
function unpackedAround(
  c: Converter,
  target: Of<'tuple' | 'list' | 'set'>,
  value: Code,
  source: Expression,
  at: number,
  star: number,
): string {
  const all = c.fresh('parts');
  const of = elementOf(value.type);
  const behind = target.items.length - 1 - star;
  const lines = target.items.map((item, i) => {
    if (item.kind === 'star') {
      const isIgnored = item.value.kind === 'name' && item.value.id === '_';
      return isIgnored
        ? ''
        : assigned(c, item.value, called(`${all}.slice(${i}, -${behind})`, listOf(of)), source, at);
    }
    const code = i < star ? `${all}[${i}]` : `${all}.at(-${target.items.length - i})!`;
    return assigned(c, item, called(code, of), source, at);
  });
  return [`const ${all} = ${tied(value, binding.arrow)};`, ...lines].filter((line) => line !== '').join('\n');
}

/** Targets that are attributes or items. */
function unpackedByParts(
  c: Converter,
  target: Of<'tuple' | 'list' | 'set'>,
  value: Code,
  source: Expression,
  at: number,
): string {
  const all = c.fresh('parts');
  const open = unwrapped(value);
  const lines = [
    `const ${all}${open.type.k === 'tuple' && isKnown(open.type) ? `: ${c.typeText(open.type)}` : ''} = ${tied(open, binding.arrow)};`,
  ];
  for (const [i, item] of target.items.entries()) {
    const type = open.type.k === 'tuple' ? (open.type.items[i] ?? natural) : elementOf(open.type);
    lines.push(assigned(c, item, primary(`${all}[${i}]`, type), source, at));
  }
  return lines.filter((line) => line !== '').join('\n');
}

function attributeAssigned(c: Converter, target: Of<'attribute'>, value: Code, source: Expression): string {
  const object = unwrapped(c.expression(target.object));
  forget(c, c.text(target));
  const { type } = object;
  const code = tied(object, binding.call);
  if (type.k === 'instance') {
    const setter = type.of.setter(target.name);
    if (setter !== undefined) {
      learnParameter(c, setter.parameters[0], value.type);
      return `${code}.${setter.own} = ${tied(value, binding.arrow)};`;
    }
    if (type.of.method(target.name)?.kind === 'property')
      c.error(target, `'${target.name}' is a property that nothing can be assigned to.`);
    if (learnAttribute(type.of, target.name, value.type)) c.changed = true;
    const known = type.of.attribute(target.name) ?? value.type;
    if (known.k === 'optional' && value.type.k !== 'none' && value.type.k !== 'optional')
      c.scope.narrowed = new Set([...c.scope.narrowed, c.text(target)]);
    return `${code}.${target.name} = ${pyfloatOf(c, value, known, source)};`;
  }
  if (type.k === 'object' && type.path === 'autograd.FunctionContext') {
    return `${code}.${target.name} = ${tied(value, binding.arrow)};`;
  }
  if (type.k === 'never') return '';
  // The library's own attributes have its names.
  const place = c.expression({ ...target });
  return `${place.code.replace(/!$/, '')} = ${tied(value, binding.arrow)};`;
}

function itemAssigned(c: Converter, target: Of<'index'>, value: Code, source: Expression): string {
  const object = unwrapped(c.expression(target.object));
  const holder = tied(object, binding.call);
  const { type } = object;
  const [item] = type.k === 'tensor' || type.k === 'array' ? target.items : itemsTogether(target);
  switch (type.k) {
    case 'never':
      // An empty dict, so far: what is put into it tells what it holds.
      return '';
    case 'tensor':
    case 'array':
      return `${holder}.indexPut_([${tensorIndices(c, target.items).join(', ')}], ${type.k === 'array' ? tied(value, binding.arrow) : indexValue(c, value)});`;
    case 'list': {
      learnHolder(c, target.object, listOf(value.type));
      const literal = literalInt(item);
      if (item.kind === 'slice') {
        if (item.step !== null) c.error(item, 'An assignment to a slice with a step is not converted.');
        const [start, stop] = [item.start, item.stop].map((one) =>
          one === null ? 'null' : c.expression(one).code,
        );
        learnHolder(c, target.object, listOf(elementOf(value.type)));
        return `${c.helper('replaced')}(${object.code}, ${start}, ${stop}, ${value.code});`;
      }
      const at = c.expression(item);
      const isPlain =
        (literal !== null && literal >= 0) || (at.type.k === 'int' && at.type.isNatural === true);
      const code = pyfloatOf(c, value, type.of, source);
      if (isPlain && !c.catches('IndexError', 'LookupError')) return `${holder}[${at.code}] = ${code};`;
      if (literal !== null) return `${holder}[${holder}.length - ${-literal}] = ${code};`;
      return `${c.helper('put')}(${object.code}, ${at.code}, ${code});`;
    }
    case 'dict': {
      // Options of optimizers have names of their own.
      if (type.value.k === 'library') return `${index(c, target).code} = ${tied(value, binding.arrow)};`;
      const key = c.expression(item);
      learnHolder(c, target.object, { k: 'dict', key: key.type, value: value.type, isRecord: type.isRecord });
      const code = pyfloatOf(c, value, type.value, source);
      if (!type.isRecord) return `${holder}.set(${key.code}, ${code});`;
      const [text] = item.kind === 'string' && item.parts.length === 1 ? item.parts : [];
      if (typeof text === 'string')
        return `${/^[A-Za-z_$][\w$]*$/.test(text) ? `${holder}.${text}` : `${holder}[${quoted(text)}]`} = ${code};`;
      return `${holder}[${key.code}] = ${code};`;
    }
    case 'object':
      if (type.path === 'nn.ModuleDict') return `${holder}.set(${c.expression(item).code}, ${value.code});`;
      if (type.path === 'nn.Sequential' || type.path === 'nn.ModuleList')
        return `${holder}.set(${c.expression(item).code}, ${value.code});`;
      break;
    case 'instance': {
      const method = type.of.method('__setitem__');
      if (method !== undefined) {
        const at = c.expression(item);
        learnParameter(c, method.parameters[0], at.type);
        learnParameter(c, method.parameters[1], value.type);
        return `${holder}.${method.own}(${at.code}, ${value.code});`;
      }
      break;
    }
    default:
  }
  c.needs(target.object, `'${c.text(target.object)}', of which a part is assigned,`, type);
  return '';
}

/** The code of a value that is put into a tensor: a tensor, a number or a truth. */
function indexValue(c: Converter, value: Code): string {
  const { type } = value;
  if (type.k === 'list' || type.k === 'tuple') return `${c.libraryCode('tensor')}(${value.code})`;
  return tied(value, binding.arrow);
}

export function update(c: Converter, statement: StatementOf<'update'>): string {
  const { target, operator, value: source, at } = statement;
  const before = unwrapped(c.expression(target));
  const value = c.expression(source, before.type.k === 'list' ? before.type : undefined);
  const { type } = before;
  const isMixed = type.k === 'tensor' && type.isMixed === true;
  if (
    type.k === 'tensor' &&
    !isMixed &&
    (isNumber(value.type) || value.type.k === 'tensor' || value.type.k === 'never')
  ) {
    const parts = { place: source, operator, before, value };
    return tensorUpdate(c, target, parts.before, operator, value, source);
  }
  if (type.k === 'list' && operator === '+' && !type.isSize) {
    learnHolder(c, target, listOf(elementOf(value.type)));
    return `${tied(before, binding.call)}.push(...${tied(value, binding.call)});`;
  }
  const result = combined(c, source, operator, before, value, target, source);
  // Arrays change in place, numbers of NumPy's give way to others.
  const all =
    type.k === 'array' && target.kind !== 'index'
      ? { ...result, code: `${tied(before, binding.call)}.into(${result.code})` }
      : result;
  if (target.kind === 'name') {
    const variable = c.scope.find(target.id);
    if (variable !== undefined) {
      c.learnVersion(variable.current, all.type);
      if (variable.current.declared === null) variable.current.writes++;
    }
  }
  // Repeated products of ints may leave what numbers hold exactly.
  const isProduct = operator === '*' && type.k === 'int' && value.type.k === 'int';
  if (isProduct && target.kind === 'name') {
    const code = `${c.helper('exact')}(${tied(before, binding.product)} * ${tied(value, binding.power)})`;
    return `${tied(before, binding.call)} = ${code};`;
  }
  const isPlain = isNumber(type) && isNumber(value.type) && ['+', '-', '*', '/'].includes(operator);
  const isText = type.k === 'str' && value.type.k === 'str' && operator === '+';
  const place = tied(before, binding.call);
  if ((isPlain || isText) && target.kind === 'name')
    return `${place} ${operator}= ${value.type.k === 'bool' ? `Number(${value.code})` : tied(value, binding.arrow)};`;
  if ((isPlain || isText) && target.kind === 'attribute') {
    const object = c.expression(target.object);
    if (object.type.k === 'instance' && learnAttribute(object.type.of, target.name, all.type))
      c.changed = true;
    return `${place} ${operator}= ${value.type.k === 'bool' ? `Number(${value.code})` : tied(value, binding.arrow)};`;
  }
  if (target.kind === 'name') return `${place} = ${tied(all, binding.arrow)};`;
  return assigned(c, target, all, source, at);
}

const inPlace: Readonly<Record<string, string>> = {
  '+': 'add_',
  '-': 'sub_',
  '*': 'mul_',
  '/': 'div_',
  '**': 'pow_',
  '//': 'floorDivide_',
  '%': 'remainder_',
  '&': 'bitwiseAnd_',
  '|': 'bitwiseOr_',
  '^': 'bitwiseXor_',
};

/** Tensors are changed in place, as in Python. */
function tensorUpdate(
  c: Converter,
  target: Expression,
  before: Code,
  operator: string,
  value: Code,
  source: Expression,
): string {
  const all = combined(c, source, operator, before, value, target, source);
  const [, argument] =
    /^.*?\.\w+\((.*)\)$/s.exec(all.code.slice(tied(before, binding.call).length - 0)) ?? [];
  const own = inPlace[operator];
  if (own === undefined || argument === undefined) return assigned(c, target, all, source, -1);
  if (target.kind === 'index' && !isView(c, target.items)) {
    const object = unwrapped(c.expression(target.object));
    return `${tied(object, binding.call)}.indexPut_([${tensorIndices(c, target.items).join(', ')}], ${all.code});`;
  }
  return `${tied(before, binding.call)}.${own}(${argument});`;
}
