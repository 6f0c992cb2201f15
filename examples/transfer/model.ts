/** ResNet-18 with a last layer of its own. */
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';

/** The contents of best.pt. */
export interface Checkpoint {
  readonly epoch: number;
  readonly accuracy: number;
  readonly classes: readonly string[];
  /** The averages' state, which is the one to predict with. */
  readonly model: torch.nn.StateDict;
}

const isCheckpoint = (value: unknown): value is Checkpoint =>
  typeof value === 'object' && value !== null && 'model' in value && 'classes' in value;

/**
 * Makes the network.
 * @param weights a state dict of any ResNet-18, or a checkpoint of an earlier run; null: from scratch
 * @param freeze whether all layers but the last stay as they are
 */
export function makeModel(numClasses: number, weights: unknown, freeze: boolean): torchvision.models.ResNet {
  const state = isCheckpoint(weights) ? weights.model : (weights as torch.nn.StateDict | null);
  const known = state?.['fc.weight'];
  const model = torchvision.models.resnet18({ numClasses: known?.shape[0] ?? numClasses });
  if (state !== null) model.loadStateDict(state);
  if (freeze) model.requiresGrad_(false);
  // What an image is of, the last layer says: it is made for these classes.
  if (known !== undefined) model.fc = new torch.nn.Linear(model.fc.inFeatures, numClasses);
  return model;
}
