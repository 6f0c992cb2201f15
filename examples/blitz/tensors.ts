/** Chapter 1: what a tensor is, how to make one and what to do with it. */
import * as torch from 'flambeau';
import type { Notebook } from './notebook.js';

export function tensors({ section, print }: Notebook): void {
  section('from nested arrays');
  // A tensor can be made from nested arrays. Whole numbers give int64, as in Python; one fraction among them
  // gives float32.
  const data = [
    [1, 2],
    [3, 4],
  ];
  const xData = torch.tensor(data);
  print(xData, xData.dtype);

  section('from a typed array');
  // In the place of NumPy's arrays JavaScript has typed arrays. With a shape one becomes a tensor, which shares
  // its memory.
  const ndarray = { data: new BigInt64Array([1n, 2n, 3n, 4n]), shape: [2, 2] };
  const xNp = torch.fromNumpy(ndarray);
  print(xNp);

  section('like another tensor');
  // A new tensor takes shape and dtype from another one, unless it is told otherwise.
  const xOnes = torch.onesLike(xData); // retains the properties of xData
  print(`Ones Tensor: \n ${xOnes} \n`);
  const xRand = torch.randLike(xData, { dtype: torch.float }); // overrides its datatype
  print(`Random Tensor: \n ${xRand} \n`);

  section('from a shape');
  // Random or constant values need a shape: an array, or numbers one after the other.
  const shape = [2, 3];
  print(`Random Tensor: \n ${torch.rand(shape)} \n`);
  print(`Ones Tensor: \n ${torch.ones(shape)} \n`);
  print(`Zeros Tensor: \n ${torch.zeros(shape)}`);

  section('attributes');
  // A tensor knows its shape, its dtype and the device that it lies on.
  let tensor = torch.rand(3, 4);
  print(`Shape of tensor: ${tensor.size()}`);
  print(`Datatype of tensor: ${tensor.dtype}`);
  print(`Device tensor is stored on: ${tensor.device}`);
  // Moved to the GPU, if one was started: await torch.webgpu.init()
  if (torch.webgpu.isAvailable()) tensor = tensor.to('webgpu');

  section('indexing and slicing');
  // index() stands for Python's square brackets. It takes numbers, slices as Python writes them, and masks, and
  // gives a view of the same memory wherever that is possible.
  tensor = torch.ones(4, 4);
  tensor.indexPut_([':', 1], 0); // Python's tensor[:, 1] = 0
  print(tensor);
  print('First row:', tensor.index(0));
  print('First column:', tensor.index(':', 0));
  print('Last column:', tensor.index('...', -1));

  section('joining');
  // cat joins tensors along a dimension that they have, stack along a new one.
  const t1 = torch.cat([tensor, tensor, tensor], 1);
  print(t1);
  print(torch.stack([tensor.index(0), tensor.index(1)]));

  section('arithmetic');
  // Arithmetic works element by element, and shapes are broadcast.
  print(`tensor.mul(tensor) \n ${tensor.mul(tensor)} \n`);
  // JavaScript has no operators for objects: every operator is a method.
  print(`tensor * tensor \n ${torch.mul(tensor, tensor)}`);

  section('matrix product');
  // matmul multiplies matrices; T is the transpose of one.
  print(`tensor.matmul(tensor.T) \n ${tensor.matmul(tensor.T)} \n`);
  print(`tensor @ tensor.T \n ${torch.matmul(tensor, tensor.T)}`);

  section('in place');
  // Methods that end in an underscore change their tensor in place.
  print(tensor, '\n');
  tensor.add_(5);
  print(tensor);

  section('sharing memory');
  // A tensor on the CPU and an array can share their memory: what changes one changes the other.
  let t = torch.ones(5);
  const n = t.numpy();
  print(`t: ${t}`);
  print(`n: ${n}`);
  t.add_(1); // seen through n, too
  print(`t: ${t}`);
  print(`n: ${n}`);
  const array = new Float64Array(5).fill(1);
  t = torch.fromNumpy(array);
  for (let i = 0; i < array.length; i++) array[i] += 1; // seen through t, too
  print(`t: ${t}`);
  print('n:', array);

  section('printing');
  // Tensors of all kinds are printed as Python prints them.
  torch.manualSeed(0);
  const float64 = { dtype: torch.float64 };
  for (const v of [
    torch.tensor(3.5),
    torch.tensor([]),
    torch.tensor([1, 2.5, 1e10]),
    torch.tensor([1e-8, 1]),
    torch.tensor([true, false]),
    torch.tensor([1, -20, 300]),
    torch.randn(3, 3).mul(1000),
    torch.randn(2, 2, 2),
    torch.zeros(2, 0, 3),
    torch.arange(2000),
    torch.arange(1, 10001, { dtype: torch.float }).reshape(100, 100),
    torch.tensor([NaN, Infinity, -Infinity, 1]),
    torch.tensor([1, 2], float64),
    torch.tensor([1, 2], { dtype: torch.uint8 }),
    torch.randn(2, 2, { requiresGrad: true }),
    torch.randn(2, 2, { requiresGrad: true }).mul(2).sum(),
    new torch.nn.Linear(2, 2).weight,
    torch.tensor([torch.Complex(1, 2), torch.Complex(3.5, -1)]),
    torch.tensor([0.1, 1e5, -3]),
    torch.randn(4, 4).to(torch.bfloat16),
    torch.randn(5).half(),
  ])
    print(v);
}
