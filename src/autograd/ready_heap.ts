import type { Gradient, Node } from './node.js';

/** A pass's state of a node. */
export interface Task {
  readonly node: Node;
  readonly grads: Gradient[];
  /** How many gradients have yet to arrive. */
  waiting: number;
  /** Whether anything wanted lies behind it. */
  needed: boolean;
}

/** The tasks that can run, the latest node first: a binary heap. */
export class ReadyHeap {
  private readonly heap: Task[] = [];

  push(task: Task): void {
    const { heap } = this;
    let i = heap.length;
    heap.push(task);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent].node.sequence >= task.node.sequence) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = task;
  }

  pop(): Task | null {
    const { heap } = this;
    if (heap.length === 0) return null;
    const top = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].node.sequence > heap[child].node.sequence) child++;
      if (heap[child].node.sequence <= last.node.sequence) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return top;
  }
}
