/** `torch.distributed.checkpoint`: states of many processes as one checkpoint, which any number of processes loads. */
export { asyncSave } from './async_save.js';
export { CheckpointException } from './checkpoint_exception.js';
export {
  getModelStateDict,
  getOptimizerStateDict,
  getStateDict,
  type NamedOptimizerState,
  type StateDictOptions,
  setModelStateDict,
  setOptimizerStateDict,
  setStateDict,
} from './distributed_states.js';
export { FileSystemReader, FileSystemWriter } from './file_system_storage.js';
export { load } from './load_checkpoint.js';
export { DefaultLoadPlanner, DefaultSavePlanner } from './planners.js';
export { save } from './save_checkpoint.js';
export type { StateDict, Stateful } from './stateful.js';
