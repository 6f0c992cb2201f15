/** The pole on a cart of Barto, Sutton and Anderson (1983), as Gymnasium's CartPole-v1 computes it. */
import * as torch from 'flambeau';

export class CartPole {
  private state: number[] = [];

  reset(): torch.Tensor {
    this.state = torch.rand(4, { dtype: torch.float64 }).mul(0.1).sub(0.05).tolist() as number[];
    return torch.tensor(this.state);
  }

  step(action: number): [state: torch.Tensor, reward: number, done: boolean] {
    const [x, v, angle, spin] = this.state;
    const force = action === 1 ? 10 : -10;
    const pushed = (force + 0.05 * spin ** 2 * Math.sin(angle)) / 1.1;
    const turn =
      (9.8 * Math.sin(angle) - Math.cos(angle) * pushed) /
      (0.5 * (4 / 3 - (0.1 * Math.cos(angle) ** 2) / 1.1));
    const push = pushed - (0.05 * turn * Math.cos(angle)) / 1.1;
    this.state = [x + 0.02 * v, v + 0.02 * push, angle + 0.02 * spin, spin + 0.02 * turn];
    const done = Math.abs(this.state[0]) > 2.4 || Math.abs(this.state[2]) > (12 * 2 * Math.PI) / 360;
    return [torch.tensor(this.state), 1, done];
  }
}
