import { listOf, type Type, tensorOf } from './type_rules.js';

/** What a loader makes of a batch of items. */
export function collated(item: Type): Type {
  switch (item.k) {
    case 'int':
    case 'bool':
      return tensorOf('int');
    case 'float':
      return tensorOf('float');
    case 'number':
      return tensorOf('?');
    case 'str':
      return listOf(item);
    case 'tuple':
      return { k: 'tuple', items: item.items.map(collated) };
    case 'list':
      return listOf(collated(item.of));
    case 'dict':
      return {
        ...item,
        value: collated(item.value),
        ...(item.fields === undefined
          ? {}
          : { fields: new Map([...item.fields].map(([name, type]) => [name, collated(type)])) }),
      };
    default:
      return item;
  }
}
