/** What ranks do in `checkpoint.test.ts`. */
const stateOf = (torch, seed) => {
  torch.manualSeed(seed);
  const model = new torch.nn.Sequential(new torch.nn.Linear(5, 7), new torch.nn.Linear(7, 3));
  const optimizer = new torch.optim.Adam(model.parameters(), 0.1);
  model.forward(torch.ones(2, 5)).sum().backward();
  optimizer.step();
  return { model, optimizer, step: seed, list: [torch.full([2], seed), 'text'], plain: [1, 2, 3] };
};

export async function save({ folder, seed }, torch, dist) {
  await dist.checkpoint.save(stateOf(torch, seed), { checkpointId: folder });
}

export async function load({ folder, seed }, torch, dist) {
  const state = stateOf(torch, 1000 + dist.getRank());
  await dist.checkpoint.load(state, { checkpointId: folder });
  const expected = stateOf(torch, seed);
  const [key, group] = [0, 0];
  const moments = (one) => one.optimizer.stateDict().state.get(key).exp_avg;
  return (
    state.step === seed &&
    state.list[1] === 'text' &&
    state.plain.length === 3 &&
    torch.equal(state.list[0], expected.list[0]) &&
    torch.equal(moments(state), moments(expected)) &&
    state.optimizer.paramGroups[group].lr === 0.1 &&
    [...state.model.parameters()].every((p, i) => torch.equal(p, [...expected.model.parameters()][i]))
  );
}

/** Rank 1 of them cannot save what it has. */
export async function saveOneFails({ folder }, torch, dist) {
  const state = { x: torch.ones(3), [`own${dist.getRank()}`]: dist.getRank() === 1 ? () => {} : 1 };
  const error = await dist.checkpoint.save(state, { checkpointId: folder }).then(
    () => null,
    (reason) => reason,
  );
  return error === null ? null : `${error.name}: ${error.message}`;
}
