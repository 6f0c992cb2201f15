/** `torch.hub`: files of weights from the network. */
export { getDir, setDir } from './hub_folder.js';
export { downloadUrlToFile, loadStateDictFromUrl } from './state_dicts.js';
