// Tells what a user's module sees of the library in a worker thread (see test/node-files.test.ts).
import * as torch from 'flambeau';
import { transforms } from 'flambeau/vision';
import { loadedFiles } from './loaded_files.mjs';

/** Items that tell whether what was sent here is of the classes that this module imports, and which files the thread has loaded. */
export class Seen extends torch.utils.data.Dataset {
  constructor(sent, transform) {
    super();
    this.sent = sent;
    this.transform = transform;
  }
  get length() {
    return 1;
  }
  at(i) {
    const [item] = this.sent.at(i);
    return {
      isSet: this.sent instanceof torch.utils.data.TensorDataset,
      isTensor: item instanceof torch.Tensor,
      isTransform: this.transform instanceof transforms.Compose,
      files: loadedFiles(),
    };
  }
}
