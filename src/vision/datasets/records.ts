/** Readers of data sets that must be waited for: imported as a whole when the first is opened. */
export { fetchCifar } from './cifar_records.js';
export { fetchMnist } from './mnist_records.js';
