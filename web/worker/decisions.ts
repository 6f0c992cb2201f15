/** How a classifier divides the plane: what snippets show by `await draw(net, points, labels)`. */
import * as torch from 'flambeau';
import { asInUse } from './as_in_use.js';
import type { Decisions } from './messages.js';
import type { Pause } from './pause.js';
import { formOf } from './snapshots.js';

type Classifier = torch.nn.Module | ((points: torch.Tensor) => torch.Tensor);

/** So many squares is the picture wide and high. */
const side = 64;
/** The picture goes beyond the outermost points by such a share of their distance from the middle. */
const margin = 0.1;

/**
 * Shows what the classifier makes of the plane around the points, and waits while the reader pauses.
 *
 * @param classifier a module or a function, from [N, 2] to [N, classes]
 * @param points the points that it learns from, [N, 2]
 * @param labels their classes, int64 [N]
 * @throws TypeError if shapes do not fit
 */
export type Draw = (classifier: Classifier, points: torch.Tensor, labels: torch.Tensor) => Promise<void>;

export function decisionDrawing(show: (decisions: Decisions) => void, pause: Pause): Draw {
  return async (classifier, points, labels) => {
    show(await decisionsOf(classifier, points, labels));
    await pause.pass();
  };
}

async function decisionsOf(
  classifier: Classifier,
  points: torch.Tensor,
  labels: torch.Tensor,
): Promise<Decisions> {
  if (!(points instanceof torch.Tensor) || points.dim() !== 2 || points.shape[1] !== 2)
    throw new TypeError(`draw() takes points of shape [N, 2], got ${formOf(points)}`);
  const [count] = points.shape;
  if (!(labels instanceof torch.Tensor) || labels.dim() !== 1 || labels.shape[0] !== count)
    throw new TypeError(`draw() takes labels of shape [${count}], got ${formOf(labels)}`);
  const places = await numbersOf(points);
  const half = (1 + margin) * places.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
  const grid = torch.tensor(gridOf(half)).reshape(-1, 2).to(points.device);
  const scores = answers(classifier, torch.cat([points, grid]));
  if (scores.dim() !== 2 || scores.shape[0] !== count + side * side)
    throw new TypeError(
      `draw() takes a classifier that gives [N, classes], got ${formOf(scores)} for ${count + side * side} points`,
    );
  const [shares, classes] = torch.noGrad(() => scores.softmax(1).max(1));
  const [share, found, right] = await Promise.all([shares, classes, labels].map(numbersOf));
  return {
    side,
    half,
    shares: share.slice(count),
    classes: Uint8Array.from(found.subarray(count)),
    points: places,
    labels: Uint8Array.from(right),
    right: right.reduce((sum, label, i) => sum + Number(label === found[i]), 0),
  };
}

async function numbersOf(tensor: torch.Tensor): Promise<Float32Array> {
  return Float32Array.from((await tensor.toArrayAsync()) as ArrayLike<number | bigint>, Number);
}

function answers(classifier: Classifier, points: torch.Tensor): torch.Tensor {
  return classifier instanceof torch.nn.Module
    ? asInUse(classifier, () => classifier.forward(points) as torch.Tensor)
    : torch.noGrad(() => classifier(points));
}

/** The middles of all squares, row by row from the upper left corner. */
function gridOf(half: number): Float32Array {
  const at = (i: number) => ((2 * i + 1) / side - 1) * half;
  return Float32Array.from({ length: 2 * side * side }, (_, k) => {
    const square = k >> 1;
    return k % 2 === 0 ? at(square % side) : -at(Math.floor(square / side));
  });
}
