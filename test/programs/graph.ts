/** A graph of two groups of people, drawn from a seed, in which few know somebody of the other group. */
import * as torch from 'flambeau';

export function karateClub(
  people = 34,
): [adjacency: torch.Tensor, features: torch.Tensor, group: torch.Tensor] {
  const group = torch.arange(people).remainder(2);
  const draws = torch.rand(people, people);
  const likely = torch.where(group.unsqueeze(1).eq(group.unsqueeze(0)), 0.3, 0.03);
  const upper = torch.triu(draws.lt(likely), 1);
  const adjacency = upper.logicalOr(upper.t()).float();
  const features = torch.eye(people);
  return [adjacency, features, group];
}
