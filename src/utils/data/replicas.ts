/** The programs that train side by side, as `flambeau/distributed` knows them. */

export interface Replicas {
  readonly rank: number;
  readonly count: number;
}

let find: () => Replicas | null = () => null;

/** Says how to learn which of the programs this is. */
export function setReplicas(of: () => Replicas | null): void {
  find = of;
}

/** Which of the programs this is; null where there is no group of them. */
export const replicas = (): Replicas | null => find();
