/** The sample of MNIST that comes with the pages. */
import testImages from '../../examples/mysteries/data/t10k-images-idx3-ubyte.gz?url';
import testLabels from '../../examples/mysteries/data/t10k-labels-idx1-ubyte.gz?url';
import trainingImages from '../../examples/mysteries/data/train-images-idx3-ubyte.gz?url';
import trainingLabels from '../../examples/mysteries/data/train-labels-idx1-ubyte.gz?url';

/** Addresses by the names that the files have: a build gives them others. */
const addresses: Readonly<Record<string, string>> = {
  't10k-images-idx3-ubyte.gz': testImages,
  't10k-labels-idx1-ubyte.gz': testLabels,
  'train-images-idx3-ubyte.gz': trainingImages,
  'train-labels-idx1-ubyte.gz': trainingLabels,
};
let known: Promise<File[]> | null = null;

/** 2,000 digits to train with and 2,000 to test, of 14 × 14 dots, as files that `torchvision.datasets.MNIST` opens. */
export function digits(): Promise<File[]> {
  known ??= Promise.all(Object.entries(addresses).map(read)).catch((error) => {
    known = null;
    throw error;
  });
  return known;
}

async function read([name, address]: readonly [string, string]): Promise<File> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`The digits could not be loaded: ${address} answers ${response.status}.`);
  return new File([await response.arrayBuffer()], name);
}
