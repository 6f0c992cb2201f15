/** What ranks do in `checkpoint.test.ts` while a state is saved. */
export default async ({ torch, dist, given: { folder } }) => {
  const rank = dist.getRank();
  const { asyncSave, load } = dist.checkpoint;
  const x = torch.full([3], 1.5);
  const own = dist.tensor.distributeTensor(torch.arange(6).float(), null, [new dist.tensor.Shard(0)]);
  const first = asyncSave({ x, own, list: [1, 2] }, { checkpointId: `${folder}/first` });
  const failed = asyncSave({ x, bad: rank === 1 ? () => {} : 1 }, { checkpointId: `${folder}/failed` });
  x.fill_(7);
  const second = asyncSave({ x }, { checkpointId: `${folder}/second` });
  // Training goes on, with collectives of its own.
  for (let i = 0; i < 20; i++) await dist.allReduce(x, dist.ReduceOp.AVG);
  own.toLocal().zero_();
  const error = await failed.then(
    () => null,
    (reason) => reason,
  );
  await Promise.all([first, second]);
  const state = { x: torch.zeros(3), own, list: [] };
  await load(state, { checkpointId: `${folder}/first` });
  const later = { x: torch.zeros(3) };
  await load(later, { checkpointId: `${folder}/second` });
  return {
    first: state.x.tolist(),
    own: own.fullTensor().tolist(),
    list: state.list,
    second: later.x.tolist(),
    error: error.message,
  };
};
