/** The networks that can be trained, and what suits them. */
export const networks = {
  deeper: { title: 'A deeper one', usual: { epochs: '30', batchSize: '50', learningRate: '0.05' } },
  chapter: { title: 'The chapter’s', usual: { epochs: '20', batchSize: '4', learningRate: '0.001' } },
} as const;

export type NetworkName = keyof typeof networks;
export const isNetwork = (name: string | null): name is NetworkName =>
  name !== null && Object.hasOwn(networks, name);
