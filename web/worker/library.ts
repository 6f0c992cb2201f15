/** What snippets can import. */
import * as torch from 'flambeau';
import * as python from 'flambeau/python';
import * as torchvision from 'flambeau/vision';

export const library = { flambeau: torch, 'flambeau/vision': torchvision, 'flambeau/python': python };

/** Further entries, which are loaded when a program first asks for one. */
const further = {
  charts: () => import('flambeau/charts'),
  convert: async () => {
    const [module, { parser }] = await Promise.all([import('flambeau/convert'), import('@lezer/python')]);
    return { ...module, convert: (program: string) => module.convert(program, { parser }) };
  },
  distributed: () => import('flambeau/distributed'),
  einops: () => import('flambeau/einops'),
  metrics: () => import('flambeau/metrics'),
  python: async () => python,
  tables: () => import('flambeau/tables'),
  tensorboard: () => import('flambeau/tensorboard'),
  torchinfo: () => import('flambeau/torchinfo'),
  trainer: () => import('flambeau/trainer'),
};

export const entry = (name: keyof typeof further): Promise<object> => further[name]();
