import { annotated } from './annotations.js';
import { exceptions } from './builtin_names.js';
import { binding, type Code, type Converter, indented, tied } from './converter.js';
import { dataMembers } from './data_classes.js';
import {
  bodyOf,
  decorated,
  functionOf,
  learnParameters,
  learnReturn,
  parameterList,
  resultText,
} from './function_definitions.js';
import { memberOf, pathOf, staticOf } from './library_signatures.js';
import { basesOf, mixedIn } from './mixin_classes.js';
import { ClassInfo, type FunctionInfo } from './python_types.js';
import type { ClassDefinition, Definition, Statement } from './syntax.js';
import {
  elementOf,
  isKnown,
  join,
  learnAttribute,
  natural,
  never,
  objectOf,
  sameType,
  str,
  type Type,
  tensor,
  tensorOf,
} from './type_rules.js';

export function classDefinition(c: Converter, statement: ClassDefinition): string {
  const of = infoOf(c, statement);
  const variable = c.scope.find(statement.name);
  if (variable !== undefined) c.learnVersion(variable.current, { k: 'class', of });
  bases(c, of, statement);
  // What is only mixed into others is written there.
  if (c.mixins.has(statement.name)) return '';
  const isData = statement.decorators.some((one) => /^(dataclasses\.)?dataclass\b/.test(c.text(one)));
  for (const decorator of statement.decorators)
    if (!/^(dataclasses\.)?dataclass\b/.test(c.text(decorator)))
      c.error(decorator, 'Decorators of classes are not converted.');
  const outer = { class: c.currentClass, function: c.currentFunction };
  c.currentClass = of;
  c.currentFunction = null;
  const constants: string[] = [];
  const methods: string[] = [];
  const statements = [...statement.body.statements, ...mixedIn(c, statement)];
  for (const one of statements) if (one.kind === 'def') declareMethod(c, of, one);
  if (isData) methods.push(dataMembers(c, of, statement));
  for (const one of statements)
    if (!isData || one.kind !== 'assign' || one.annotation === null)
      member(c, of, one, constants, methods, statements);
  c.currentClass = outer.class;
  c.currentFunction = outer.function;
  learnItem(c, of);
  const fields = fieldLines(c, of, statement);
  const doc = docOf(c, statements);
  const head = `class ${of.own}${baseText(c, of)}`;
  if (of.pythonBase !== null) constants.unshift(`override name = '${of.name}';`);
  const parts = [[...constants, ...fields].join('\n'), ...methods].filter((part) => part !== '');
  return `${doc}${head} {\n${indented(parts.join('\n\n'))}\n}`;
}

function docOf(c: Converter, [first]: readonly Statement[]): string {
  if (first?.kind !== 'expression' || first.value.kind !== 'string') return '';
  return `${c.statement(first)}\n`;
}

function infoOf(c: Converter, statement: ClassDefinition): ClassInfo {
  let found = c.classes.get(statement.at);
  if (found === undefined) {
    found = new ClassInfo(statement.name, c.names.of(statement.name), statement);
    c.classes.set(statement.at, found);
  }
  return found;
}

function bases(c: Converter, of: ClassInfo, statement: ClassDefinition): void {
  const first = basesOf(statement).at(-1);
  if (first === undefined) return;
  const base = first.value.kind === 'index' ? first.value.object : first.value;
  const { type } = c.expression(base);
  if (type.k === 'class') of.base = type.of;
  else if (type.k === 'library') of.libraryBase = pathOf(type.path);
  else if (type.k === 'python' && /Exception|Error/.test(type.path)) of.pythonBase = type.path;
  else if (type.k !== 'never') c.error(first, `'${c.text(base)}' is no class that is known here.`);
}

function baseText(c: Converter, of: ClassInfo): string {
  if (of.base !== null) return ` extends ${of.base.own}`;
  if (of.pythonBase !== null)
    return ` extends ${exceptions.has(of.pythonBase) ? c.libraryCode(of.pythonBase) : 'Error'}`;
  if (of.libraryBase === null) return '';
  const text = c.libraryCode(of.libraryBase);
  if (of.libraryBase === 'utils.data.Dataset' || of.libraryBase === 'utils.data.IterableDataset')
    return ` extends ${text}<${c.typeText(of.item)}>`;
  return ` extends ${text}`;
}

/** What iterating over a data set gives, and so on: what its own methods return. */
function learnItem(c: Converter, of: ClassInfo): void {
  const method = of.method('__getitem__');
  const iterates = of.method('__iter__');
  const item =
    method !== undefined ? method.returns : iterates !== undefined ? elementOf(iterates.returns) : never;
  if (item.k === 'never' || sameType(of.item, item)) return;
  of.item = item;
  c.changed = true;
}

function declareMethod(c: Converter, of: ClassInfo, definition: Definition): void {
  const method = functionOf(c, definition, of);
  const decorators = definition.decorators.map((decorator) => c.text(decorator).replace(/\(.*$/s, ''));
  if (decorators.some((one) => one.endsWith('.setter'))) {
    method.kind = 'setter';
    of.setters.set(definition.name, method);
    return;
  }
  method.kind = decorators.includes('property')
    ? 'property'
    : decorators.includes('staticmethod')
      ? 'static'
      : decorators.includes('classmethod')
        ? 'class'
        : 'method';
  // A custom function's parts are static, whether they say so or not.
  if (of.ancestor === 'autograd.Function') method.kind = 'static';
  of.methods.set(definition.name, method);
}

const own = ['method', 'class', 'property', 'setter'];

function member(
  c: Converter,
  of: ClassInfo,
  statement: Statement,
  constants: string[],
  methods: string[],
  all: readonly Statement[],
): void {
  switch (statement.kind) {
    case 'def':
      methods.push(methodText(c, of, statement));
      return;
    case 'assign': {
      const [target] = statement.targets;
      if (target.kind !== 'name') break;
      if (statement.value?.kind === 'name') {
        // Another name of a method.
        const method = of.methods.get(statement.value.id);
        if (method !== undefined) {
          of.methods.set(target.id, method);
          return;
        }
      }
      const declared = statement.annotation === null ? null : annotated(c, statement.annotation);
      if (statement.value === null) {
        if (declared !== null && learnAttribute(of, target.id, declared)) c.changed = true;
        return;
      }
      const value = c.expression(statement.value, declared ?? undefined);
      of.constants.set(target.id, declared ?? value.type);
      constants.push(constantLine(c, of, target.id, declared ?? value.type, value));
      return;
    }
    case 'expression':
      if (statement.value.kind === 'string' || statement.value.kind === 'ellipsis') return;
      break;
    case 'pass':
      return;
    default:
  }
  void all;
  c.error(statement, 'This is not converted within a class.');
}

/** A constant is the class's own where the class is asked for it, or where what it holds can change. */
function constantLine(c: Converter, of: ClassInfo, name: string, type: Type, value: Code): string {
  if (!of.statics.has(name) && ['list', 'dict', 'set', 'tensor', 'object', 'instance'].includes(type.k)) {
    of.statics.add(name);
    c.changed = true;
  }
  const isOwn = of.statics.has(name);
  const isOverridden =
    (of.base?.attribute(name) ?? undefined) !== undefined &&
    of.base?.ownerOf(name)?.statics.has(name) === isOwn;
  const isOfLibrary = !isOwn && of.ancestor !== null && memberOf(of.ancestor, name) !== undefined;
  if (of.base?.ownerOf(name)?.statics.has(name) && !isOwn) {
    of.statics.add(name);
    c.changed = true;
  }
  if (c.isFinal && isOwn && of.attributes.has(name))
    c.error(
      of.source!,
      `Both the class ${of.name} and its objects have '${name}': give them different names.`,
    );
  const words = `${isOwn ? 'static ' : ''}${isOverridden || isOfLibrary ? 'override ' : ''}`;
  return `${words}${name}: ${c.typeText(type)} = ${tied(value, binding.arrow)};`;
}

/** The types of parameters that the library gives to a method that it calls. */
function parametersOf(of: ClassInfo, name: string): readonly Type[] | 'tensors' | null {
  const { ancestor } = of;
  if (of.isModule && name === 'forward') return 'tensors';
  if (ancestor === 'autograd.Function') return 'tensors';
  if (ancestor === 'utils.data.Dataset' && name === '__getitem__') return [natural];
  return null;
}

function methodText(c: Converter, of: ClassInfo, definition: Definition): string {
  const method = functionOf(c, definition, of);
  const [self, ...rest] = definition.parameters;
  const isBound = own.includes(method.kind);
  const parameters = isBound ? rest : definition.parameters;
  if (isBound && self === undefined) c.error(definition, `${definition.name}() misses 'self'.`);
  learnParameters(c, method, parameters);
  supplyParameters(c, of, method, definition.name);
  const body = boundBody(c, method, definition, isBound ? (self?.name ?? 'self') : null);
  const inherited = of.base?.method(definition.name);
  // A base that gives nothing yet, as an empty list, gives what derived classes give.
  if (inherited !== undefined && !isKnown(inherited.returns) && isKnown(method.returns))
    learnReturn(c, inherited, method.returns);
  const region = decorated(c, definition);
  const lines = region === null ? body : `return ${region}(() => {\n${indented(body)}\n});`;
  return signed(c, of, method, definition, lines);
}

/** Parameters that nothing here gives, and the library does. */
function supplyParameters(c: Converter, of: ClassInfo, method: FunctionInfo, name: string): void {
  const supplied = parametersOf(of, name);
  if (supplied === null) {
    // Operators compare and combine objects of one class, if nothing says otherwise.
    const [first] = method.parameters;
    // What stands on the left of an operator of another class is a number.
    const isReflected = /^__r(add|sub|mul|truediv)__$/.test(name);
    if (c.late && isReflected && first !== undefined && !first.isAnnotated && first.type.k === 'never') {
      first.type = { k: 'number' };
      c.changed = true;
      return;
    }
    const isBinary = /^__(eq|ne|lt|le|gt|ge|add|sub|mul|truediv|matmul)__$/.test(name);
    if (!c.late || !isBinary || first === undefined || first.isAnnotated || first.type.k !== 'never') return;
    first.type = { k: 'instance', of };
    c.changed = true;
    return;
  }
  for (const [i, parameter] of method.parameters.entries()) {
    if (parameter.isAnnotated || (parameter.type.k !== 'never' && parameter.type.k !== 'none')) continue;
    let type: Type = supplied === 'tensors' ? tensor : (supplied[i] ?? never);
    if (supplied === 'tensors' && of.ancestor === 'autograd.Function')
      type =
        i === 0
          ? objectOf('autograd.FunctionContext')
          : name === 'backward'
            ? tensorOf('float')
            : c.late
              ? tensor
              : never;
    if (supplied === 'tensors' && of.isModule && !c.late) continue;
    if (parameter.source.stars === 1) type = { k: 'list', of: type };
    const all = join(parameter.type, type);
    if (sameType(all, parameter.type)) continue;
    parameter.type = all;
    c.changed = true;
  }
}

function boundBody(c: Converter, method: FunctionInfo, definition: Definition, self: string | null): string {
  if (self === null) return bodyOf(c, method, definition, method.parameters);
  const of = c.currentClass as ClassInfo;
  const isClass = method.kind === 'class';
  // `self` is `this`, whatever it is called.
  const scope = c.scope;
  const outer = scope.own(self);
  const variable = scope.add(self, null);
  variable.current.declared = { name: 'this', writes: 1, isParameter: true };
  variable.current.type = isClass ? { k: 'class', of } : { k: 'instance', of };
  const lines = bodyOf(
    c,
    method,
    { ...definition, parameters: definition.parameters.slice(1) },
    method.parameters,
  );
  scope.restore(self, outer);
  return lines;
}

function signed(
  c: Converter,
  of: ClassInfo,
  method: FunctionInfo,
  definition: Definition,
  lines: string,
): string {
  const list = parameterList(c, method.parameters, method);
  const { name } = definition;
  const body = `{\n${indented(lines)}\n}`;
  if (name === '__init__') return `constructor(${list}) ${withSuper(of, body)}`;
  const overrides = overridden(of, method, name) ? 'override ' : '';
  const isStatic = method.kind === 'static' || method.kind === 'class';
  const prefix = `${isStatic ? 'static ' : ''}${overrides}${method.isAsync ? 'async ' : ''}`;
  if (name === '__len__') {
    learnReturn(c, method, natural);
    return `${overrides}get length(): number ${body}`;
  }
  if (name === '__repr__' || name === '__str__') {
    learnReturn(c, method, str);
    return `${of.libraryBase === null && of.base === null ? '' : 'override '}toString(): string ${body}`;
  }
  if (name === '__iter__' && !method.isGenerator)
    return `${overrides}[Symbol.iterator](): Iterator<${c.typeText(elementOf(method.returns))}> ${body}`;
  if (name === '__iter__' && method.isAsync)
    return `${overrides}async *[Symbol.asyncIterator](): AsyncGenerator<${c.typeText(elementOf(method.returns))}> ${body}`;
  if (name === '__iter__')
    return `${overrides}*[Symbol.iterator](): Generator<${c.typeText(elementOf(method.returns))}> ${body}`;
  if (method.kind === 'setter') return `${overrides}set ${method.own}(${list}) ${body}`;
  if (method.kind === 'property') return `${overrides}get ${method.own}()${resultText(c, method)} ${body}`;
  if (of.ancestor === 'autograd.Function') return customPart(c, method, lines);
  return `${prefix}${method.isGenerator ? '*' : ''}${method.own}(${list})${resultText(c, method)} ${body}`;
}

/** Derived classes call their base's constructor, which Python's need not do. */
function withSuper(of: ClassInfo, body: string): string {
  const isDerived = of.base !== null || of.libraryBase !== null || of.pythonBase !== null;
  return isDerived && !/\bsuper\(/.test(body) ? body.replace('{', '{\n  super();') : body;
}

/** A static part of a custom function: the library gives it its context and anything else. */
function customPart(c: Converter, method: FunctionInfo, lines: string): string {
  const list = parameterList(c, method.parameters, method);
  const result = resultText(c, method);
  return `static override ${method.own}(${list})${result} {\n${indented(lines)}\n}`;
}

function overridden(of: ClassInfo, method: FunctionInfo, name: string): boolean {
  if (of.base?.method(name) !== undefined) return true;
  const { ancestor } = of;
  if (ancestor === null) return false;
  return memberOf(ancestor, method.own) !== undefined || staticOf(ancestor, method.own) !== undefined;
}

/** Declarations of what methods assign to `self`. */
function fieldLines(c: Converter, of: ClassInfo, statement: ClassDefinition): string[] {
  const lines: string[] = [];
  const init = statement.body.statements.find((one) => one.kind === 'def' && one.name === '__init__');
  const inInit = new Set<string>();
  const text = init === undefined ? '' : c.text(init);
  for (const [, name] of text.matchAll(/\bself\.(\w+)\s*(?::[^=\n]+)?(?:=(?!=)|,)/g)) inInit.add(name);
  for (const [name, type] of of.attributes) {
    if (of.ownerOf(name) !== undefined) continue;
    const { ancestor } = of;
    if (ancestor !== null && memberOf(ancestor, name) !== undefined) continue;
    if (c.isFinal && !isKnown(type))
      c.error(
        init ?? statement,
        `What '${name}' of ${of.name} holds is not known: annotate it, as in 'self.${name}: list[int] = []'.`,
      );
    const isRegistered = of.registered.has(name);
    const mark = isRegistered ? '' : inInit.has(name) ? '' : '!';
    lines.push(`${isRegistered ? 'declare ' : ''}${name}${mark}: ${c.typeText(type)};`);
  }
  return lines;
}
