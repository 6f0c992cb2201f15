// What every function and method says of an argument that none takes: the texts list overloads in the order in which they are tried.

/** By names: the errors' texts, or what there is in place of a function. */
export async function refusals(torch) {
  const found = {};
  const { fft, linalg, masked, nn, signal, special } = torch;
  const modules = { fft, linalg, masked, signal: signal.windows, special, functional: nn.functional };
  for (const [module, functions] of Object.entries({ torch, ...modules }))
    for (const name of Object.keys(functions).sort())
      found[`${module}.${name}`] = await refusal(functions[name], undefined);
  for (const name of Object.getOwnPropertyNames(torch.Tensor.prototype).sort()) {
    const { value } = Object.getOwnPropertyDescriptor(torch.Tensor.prototype, name);
    found[`Tensor.${name}`] = await refusal(value, torch.ones(2));
  }
  for (const [name, value] of Object.entries(torch))
    if (value !== null && typeof value === 'object')
      found[`torch.${name}`] = Object.keys(value).sort().join();
  return found;
}

async function refusal(value, self) {
  if (typeof value !== 'function' || /^class\b/.test(String(value))) return typeof value;
  try {
    await value.call(self, () => {});
    return 'nothing';
  } catch (error) {
    return String(error.message);
  }
}
