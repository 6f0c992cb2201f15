import { walked } from './call_arguments.js';
import { dictMethod, listMethod, setMethod } from './collection_methods.js';
import { binding, type Code, type Converter, called, tied } from './converter.js';
import { memberCall } from './library_calls.js';
import { itemOf } from './number_kinds.js';
import { arrayMethod, numpyMethod } from './numpy_calls.js';
import { libraryName } from './own_names.js';
import { pythonCall } from './python_modules.js';
import { stringMethod } from './string_methods.js';
import type { Of } from './syntax.js';
import {
  arrayType,
  bool,
  describe,
  float,
  listOf,
  natural,
  number,
  str,
  type Type,
  tensorOf,
  unknown,
} from './type_rules.js';

/** A method of anything but the program's own objects. */
export function methodCall(c: Converter, place: Of<'call'>, object: Code, name: string): Code {
  const { type } = object;
  switch (type.k) {
    case 'tensor':
      return tensorMethod(c, place, object, name);
    case 'array':
      return arrayMethod(c, place, object, name);
    case 'python':
      if (type.path === 'numpy.RandomState') return numpyMethod(c, place, object, name);
      if (type.path === 'random.Random') {
        const result = pythonCall(c, place, `random.${name}`);
        return { ...result, code: result.code.replace(/^py\.random\b/, tied(object, binding.call)) };
      }
      break;
    case 'object':
      return objectMethod(c, place, object, type.path, name);
    case 'str':
      return stringMethod(c, place, object, name);
    case 'list':
    case 'tuple':
      if (type.k === 'list' && type.isSize && name === 'numel')
        return called(`${tied(object, binding.call)}.numel()`, natural);
      return listMethod(c, place, object, name);
    case 'dict':
      return dictMethod(c, place, object, name);
    case 'set':
      return setMethod(c, place, object, name);
    case 'float':
    case 'number':
      if (name === 'is_integer') return called(`Number.isInteger(${object.code})`, bool);
      if (name === 'item') return object;
      break;
    case 'unknown':
      walked(c, place.args);
      c.needs(
        place.callee,
        `'${c.text((place.callee as Of<'attribute'>).object)}', whose method '${name}' is called,`,
        type,
      );
      return called(`${tied(object, binding.call)}.${libraryName(name)}()`, unknown);
    default:
  }
  walked(c, place.args);
  c.error(place, `'${name}' of ${describe(type)} cannot be converted.`);
  return called(`${tied(object, binding.call)}.${name}()`, unknown);
}

function tensorMethod(c: Converter, place: Of<'call'>, object: Code, name: string): Code {
  const numbers = object.type.k === 'tensor' ? object.type.numbers : '?';
  const code = tied(object, binding.call);
  const { args } = place;
  switch (name) {
    case 'item':
      return called(`${code}.item()`, itemOf(numbers));
    case 'tolist':
      return nested(c, object, numbers);
    case 'storage':
      // Its numbers as a list: the memory of a part of a tensor is refused when the program runs.
      walked(c, args);
      return called(`${c.helper('storage')}(${object.code})`, listOf(itemOf(numbers)));
    case 'size':
      return called(
        `${code}.size(${walked(c, args)
          .map(({ value }) => value.code)
          .join(', ')})`,
        args.length === 0 ? { k: 'list', of: natural, isSize: true } : natural,
      );
    case 'stride':
      return called(`${code}.stride()`, listOf(natural));
    case 'numpy':
      walked(c, args);
      return called(`${c.helper('numpy')}.NDArray.of(${object.code})`, arrayType(numbers));
    case '__len__':
      return called(`${code}.length`, natural);
    case 'register_hook':
      return memberCall(c, place, object, 'Tensor', 'registerHook', args);
    case 'cuda':
    case 'share_memory_':
      break;
    case 'float':
    case 'double':
    case 'half':
    case 'bfloat16':
      return called(`${code}.${name}()`, tensorOf('float'));
    case 'is_contiguous':
      return called(`${code}.isContiguous()`, bool);
    default:
  }
  const result = memberCall(c, place, object, 'Tensor', libraryName(name), args);
  const { type } = result;
  if (type.k === 'number')
    return {
      ...result,
      type: /^(dim|numel|nelement|ndimension|elementSize|storageOffset)$/.test(libraryName(name))
        ? natural
        : number,
    };
  return result;
}

/** Lists of lists are as deep as the tensor has dimensions, which is not known: what is asked of them tells. */
function nested(c: Converter, object: Code, numbers: 'float' | 'int' | 'bool' | '?'): Code {
  const of = itemOf(numbers);
  return {
    code: `${tied(object, binding.call)}.tolist() as ${c.typeText(of)}[]`,
    binds: binding.relation,
    type: listOf(of),
  };
}

function objectMethod(c: Converter, place: Of<'call'>, object: Code, path: string, name: string): Code {
  const code = tied(object, binding.call);
  const { args } = place;
  const type = object.type as Extract<Type, { k: 'object' }>;
  if (name === '__len__') return called(`${code}.length`, natural);
  if (path === 'autograd.FunctionContext')
    return called(
      `${code}.${libraryName(name)}(${walked(c, args)
        .map(({ value }) => tied(value, binding.arrow))
        .join(', ')})`,
      { k: 'none' },
    );
  if (/^nn\.(ModuleDict|ParameterDict)$/.test(path) && ['items', 'keys', 'values'].includes(name)) {
    const value: Type = path === 'nn.ModuleDict' ? { k: 'object', path: 'nn.Module' } : tensorOf('float');
    const of: Type = name === 'items' ? { k: 'tuple', items: [str, value] } : name === 'keys' ? str : value;
    return called(`${code}.${name}()`, listOf(of));
  }
  if (path === 'nn.ModuleList' && ['append', 'extend', 'insert'].includes(name)) {
    const given = walked(c, args);
    return called(
      `${code}.${name}(${given.map(({ value }) => tied(value, binding.arrow)).join(', ')})`,
      object.type,
    );
  }
  if (path.startsWith('optim.lrScheduler.') && name === 'get_last_lr')
    return called(`${code}.getLastLr()`, listOf(float));
  if (path === 'Generator' && name === 'manual_seed')
    return memberCall(c, place, object, path, 'manualSeed', args);
  const own = memberCall(c, place, object, path, libraryName(name), args);
  // Calls that give the object itself keep what is known of it.
  return own.type.k === 'object' && own.type.path === path ? { ...own, type } : own;
}
