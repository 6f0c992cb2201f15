/** Ten losses of a small convolutional network from a seed. */
export function trainSmall(torch) {
  const { nn } = torch;
  torch.manualSeed(0);
  const net = new nn.Sequential(
    new nn.Conv2d(3, 8, 3),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(8 * 14 * 14, 10),
  );
  const optimizer = new torch.optim.Adam(net.parameters());
  return Array.from({ length: 10 }, () => {
    optimizer.zeroGrad();
    const loss = net
      .forward(torch.randn(32, 3, 16, 16))
      .pow(2)
      .mean();
    loss.backward();
    optimizer.step();
    return loss.item();
  });
}
