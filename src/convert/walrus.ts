import { binding, type Code, type Converter, tied } from './converter.js';
import type { Of } from './syntax.js';

/** `name := value`. */
export function walrus(c: Converter, { target, value }: Of<'walrus'>): Code {
  const code = c.expression(value);
  if (target.kind !== 'name') return code;
  const variable = c.scope.find(target.id);
  if (variable === undefined) return code;
  c.learnVersion(variable.current, code.type);
  if (variable.current.declared === null) variable.current.writes++;
  const own = variable.current.declared?.name ?? c.names.of(target.id);
  return { code: `(${own} = ${tied(code, binding.arrow)})`, binds: binding.primary, type: code.type };
}
