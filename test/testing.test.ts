/** `torch.testing.assertClose`: the reports are PyTorch's own for the same values. */
import * as torch from 'flambeau';
import { expect, it } from 'vitest';

const { ones, tensor } = torch;
const NaN = Number.NaN;

/** A comparison, and the error with its text; null where it is close. */
const cases: readonly (readonly [unknown[], string, string | null, string])[] = [
  [
    [tensor([1.25, 2, 3]), tensor([1.25, 2.1, 3])],
    '[tensor([1.25,2,3]), tensor([1.25,2.1,3])]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 1 / 3 (33.3%)\nGreatest absolute difference: 0.09999990463256836 at index (1,) (up to 1e-05 allowed)\nGreatest relative difference: 0.04761900380253792 at index (1,) (up to 1.3e-06 allowed)',
  ],
  [
    [
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([
        [1, 2],
        [5, 9],
      ]),
    ],
    '[tensor([[1,2],[3,4]]), tensor([[1,2],[5,9]])]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 2 / 4 (50.0%)\nGreatest absolute difference: 5 at index (1, 1)\nGreatest relative difference: 0.5555555820465088 at index (1, 1)',
  ],
  [
    [tensor(1.5), tensor(2)],
    '[tensor(1.5), tensor(2)]',
    'AssertionError',
    "The values for attribute 'dtype' do not match: torch.float32 != torch.int64.",
  ],
  [
    [tensor(1.5), tensor(2.25)],
    '[tensor(1.5), tensor(2.25)]',
    'AssertionError',
    'Scalars are not close!\n\nExpected 2.25 but got 1.5.\nAbsolute difference: 0.75 (up to 1e-05 allowed)\nRelative difference: 0.3333333333333333 (up to 1.3e-06 allowed)',
  ],
  [
    [tensor(3), tensor(4)],
    '[tensor(3), tensor(4)]',
    'AssertionError',
    'Scalars are not equal!\n\nExpected 4 but got 3.\nAbsolute difference: 1\nRelative difference: 0.25',
  ],
  [
    [tensor(true), tensor(false)],
    '[tensor(true), tensor(false)]',
    'AssertionError',
    'Scalars are not equal!\n\nExpected False but got True.\nAbsolute difference: 1\nRelative difference: inf',
  ],
  [
    [tensor([true, false]), tensor([false, false])],
    '[tensor([true,false]), tensor([false,false])]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1 at index (0,)\nGreatest relative difference: inf at index (0,)',
  ],
  [
    [tensor([1, NaN]), tensor([1, NaN])],
    '[tensor([1.,NaN]), tensor([1,NaN])]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: nan at index (1,) (up to 1e-05 allowed)\nGreatest relative difference: nan at index (1,) (up to 1.3e-06 allowed)',
  ],
  [
    [tensor([0.5, 1]), tensor([0, 0]).float()],
    '[tensor([0.5,1]), tensor([0,0]).float()]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 2 / 2 (100.0%)\nGreatest absolute difference: 1.0 at index (1,) (up to 1e-05 allowed)\nGreatest relative difference: inf at index (0,) (up to 1.3e-06 allowed)',
  ],
  [
    [tensor([1, 2, 3.5]), tensor([1, 2])],
    '[tensor([1,2,3.5]), tensor([1,2])]',
    'AssertionError',
    "The values for attribute 'shape' do not match: torch.Size([3]) != torch.Size([2]).",
  ],
  [
    [ones(2, 3), ones(3, 2)],
    '[ones(2,3), ones(3,2)]',
    'AssertionError',
    "The values for attribute 'shape' do not match: torch.Size([2, 3]) != torch.Size([3, 2]).",
  ],
  [
    [1, 2],
    '[1, 2]',
    'AssertionError',
    'Scalars are not equal!\n\nExpected 2 but got 1.\nAbsolute difference: 1\nRelative difference: 0.5',
  ],
  [
    [1.5, 2.5],
    '[1.5, 2.5]',
    'AssertionError',
    'Scalars are not close!\n\nExpected 2.5 but got 1.5.\nAbsolute difference: 1.0 (up to 1e-07 allowed)\nRelative difference: 0.4 (up to 1e-07 allowed)',
  ],
  [[true, false], '[true, false]', 'AssertionError', 'Booleans mismatch: True is not False'],
  [[null, 1], '[null, 1]', 'AssertionError', 'None mismatch: None is not 1'],
  [
    [
      [1, 2.5],
      [1, 2.75],
    ],
    '[[1,2.5],[1,2.75]]',
    'AssertionError',
    'Scalars are not close!\n\nExpected 2.75 but got 2.5.\nAbsolute difference: 0.25 (up to 1e-07 allowed)\nRelative difference: 0.09090909090909091 (up to 1e-07 allowed)\n\nThe failure occurred for item [1]',
  ],
  [[[1], [1, 2]], '[[1],[1,2]]', 'AssertionError', 'The length of the sequences mismatch: 1 != 2'],
  [
    [
      { a: 1, b: 2 },
      { a: 1, c: 2 },
    ],
    '[{a:1,b:2},{a:1,c:2}]',
    'AssertionError',
    "The keys of the mappings do not match:\nMissing keys in the actual mapping: ['c']\nAdditional keys in the actual mapping: ['b']",
  ],
  [
    [{ a: [tensor([1.5])] }, { a: [tensor([2.5])] }],
    '[{a:[tensor([1.5])]},{a:[tensor([2.5])]}]',
    'AssertionError',
    "Tensor-likes are not close!\n\nMismatched elements: 1 / 1 (100.0%)\nGreatest absolute difference: 1.0 at index (0,) (up to 1e-05 allowed)\nGreatest relative difference: 0.4000000059604645 at index (0,) (up to 1.3e-06 allowed)\n\nThe failure occurred for item ['a'][0]",
  ],
  [
    [tensor([1.5]), [1.5]],
    '[tensor([1.5]), [1.5]]',
    'TypeError',
    "No comparison pair was able to handle inputs of type <class 'torch.Tensor'> and <class 'list'>.",
  ],
  [
    ['a', 'b'],
    "['a', 'b']",
    'TypeError',
    "No comparison pair was able to handle inputs of type <class 'str'> and <class 'str'>.",
  ],
  [
    [tensor([1.5]), tensor([2.5]), { rtol: 0 }],
    '[tensor([1.5]), tensor([2.5]), {rtol:0}]',
    'ValueError',
    "Both 'rtol' and 'atol' must be either specified or omitted, but got no atol.",
  ],
  [
    [tensor([1.5]), tensor([2.5]), { atol: 0 }],
    '[tensor([1.5]), tensor([2.5]), {atol:0}]',
    'ValueError',
    "Both 'rtol' and 'atol' must be either specified or omitted, but got no rtol.",
  ],
  [
    [tensor([1.5, 1]), tensor([2.5, 1]), { rtol: 0, atol: 0 }],
    '[tensor([1.5,1]), tensor([2.5,1]), {rtol:0,atol:0}]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1.0 at index (0,)\nGreatest relative difference: 0.4000000059604645 at index (0,)',
  ],
  [
    [tensor([1.5]), tensor([2.5]), { rtol: 0, atol: 0.1 }],
    '[tensor([1.5]), tensor([2.5]), {rtol:0,atol:0.1}]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 1 / 1 (100.0%)\nGreatest absolute difference: 1.0 at index (0,) (up to 0.1 allowed)\nGreatest relative difference: 0.4000000059604645 at index (0,) (up to 0 allowed)',
  ],
  [
    [ones(2, 3), ones(3, 2).t(), { checkStride: true }],
    '[ones(2,3), ones(3,2).t(), {checkStride:true}]',
    'AssertionError',
    "The values for attribute 'stride()' do not match: (3, 1) != (1, 2).",
  ],
  [
    [tensor([1.5]), tensor([2.5]), { msg: 'mine' }],
    "[tensor([1.5]), tensor([2.5]), {msg:'mine'}]",
    'AssertionError',
    'mine',
  ],
  [
    [tensor([1.5]), tensor([2.5]), { msg: (m: string) => `Head\n\n${m}` }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of the line above
    '[tensor([1.5]), tensor([2.5]), {msg:(m)=>`Head\\n\\n${m}`}]',
    'AssertionError',
    'Head\n\nTensor-likes are not close!\n\nMismatched elements: 1 / 1 (100.0%)\nGreatest absolute difference: 1.0 at index (0,) (up to 1e-05 allowed)\nGreatest relative difference: 0.4000000059604645 at index (0,) (up to 1.3e-06 allowed)',
  ],
  [
    [tensor([1, 2]), tensor([1.5, 2]), { checkDtype: false }],
    '[tensor([1,2]), tensor([1.5,2]), {checkDtype:false}]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 0.5 at index (0,) (up to 1e-05 allowed)\nGreatest relative difference: 0.3333333432674408 at index (0,) (up to 1.3e-06 allowed)',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.float16 }), tensor([1, 1, 1, 0], { dtype: torch.float16 })],
    '[tensor([1,2,0,3],{dtype:torch.float16}), tensor([1,1,1,0],{dtype:torch.float16})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3.0 at index (3,) (up to 1e-05 allowed)\nGreatest relative difference: inf at index (3,) (up to 0.001 allowed)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.float16 }), tensor([[0], [0]], { dtype: torch.float16 })],
    '[tensor([[1],[0]],{dtype:torch.float16}), tensor([[0],[0]],{dtype:torch.float16})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1.0 at index (0, 0) (up to 1e-05 allowed)\nGreatest relative difference: inf at index (0, 0) (up to 0.001 allowed)',
  ],
  [
    [tensor(0, { dtype: torch.float16 }), tensor(1, { dtype: torch.float16 })],
    '[tensor(0,{dtype:torch.float16}), tensor(1,{dtype:torch.float16})]',
    'AssertionError',
    'Scalars are not close!\n\nExpected 1.0 but got 0.0.\nAbsolute difference: 1.0 (up to 1e-05 allowed)\nRelative difference: 1.0 (up to 0.001 allowed)',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.bfloat16 }), tensor([1, 1, 1, 0], { dtype: torch.bfloat16 })],
    '[tensor([1,2,0,3],{dtype:torch.bfloat16}), tensor([1,1,1,0],{dtype:torch.bfloat16})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3.0 at index (3,) (up to 1e-05 allowed)\nGreatest relative difference: inf at index (3,) (up to 0.016 allowed)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.bfloat16 }), tensor([[0], [0]], { dtype: torch.bfloat16 })],
    '[tensor([[1],[0]],{dtype:torch.bfloat16}), tensor([[0],[0]],{dtype:torch.bfloat16})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1.0 at index (0, 0) (up to 1e-05 allowed)\nGreatest relative difference: inf at index (0, 0) (up to 0.016 allowed)',
  ],
  [
    [tensor(0, { dtype: torch.bfloat16 }), tensor(1, { dtype: torch.bfloat16 })],
    '[tensor(0,{dtype:torch.bfloat16}), tensor(1,{dtype:torch.bfloat16})]',
    'AssertionError',
    'Scalars are not close!\n\nExpected 1.0 but got 0.0.\nAbsolute difference: 1.0 (up to 1e-05 allowed)\nRelative difference: 1.0 (up to 0.016 allowed)',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.float64 }), tensor([1, 1, 1, 0], { dtype: torch.float64 })],
    '[tensor([1,2,0,3],{dtype:torch.float64}), tensor([1,1,1,0],{dtype:torch.float64})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3.0 at index (3,) (up to 1e-07 allowed)\nGreatest relative difference: inf at index (3,) (up to 1e-07 allowed)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.float64 }), tensor([[0], [0]], { dtype: torch.float64 })],
    '[tensor([[1],[0]],{dtype:torch.float64}), tensor([[0],[0]],{dtype:torch.float64})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1.0 at index (0, 0) (up to 1e-07 allowed)\nGreatest relative difference: inf at index (0, 0) (up to 1e-07 allowed)',
  ],
  [
    [tensor(0, { dtype: torch.float64 }), tensor(1, { dtype: torch.float64 })],
    '[tensor(0,{dtype:torch.float64}), tensor(1,{dtype:torch.float64})]',
    'AssertionError',
    'Scalars are not close!\n\nExpected 1.0 but got 0.0.\nAbsolute difference: 1.0 (up to 1e-07 allowed)\nRelative difference: 1.0 (up to 1e-07 allowed)',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.complex64 }), tensor([1, 1, 1, 0], { dtype: torch.complex64 })],
    '[tensor([1,2,0,3],{dtype:torch.complex64}), tensor([1,1,1,0],{dtype:torch.complex64})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3.0 at index (3,) (up to 1e-05 allowed)\nGreatest relative difference: inf at index (3,) (up to 1.3e-06 allowed)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.complex64 }), tensor([[0], [0]], { dtype: torch.complex64 })],
    '[tensor([[1],[0]],{dtype:torch.complex64}), tensor([[0],[0]],{dtype:torch.complex64})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1.0 at index (0, 0) (up to 1e-05 allowed)\nGreatest relative difference: inf at index (0, 0) (up to 1.3e-06 allowed)',
  ],
  [
    [tensor(0, { dtype: torch.complex64 }), tensor(1, { dtype: torch.complex64 })],
    '[tensor(0,{dtype:torch.complex64}), tensor(1,{dtype:torch.complex64})]',
    'AssertionError',
    'Scalars are not close!\n\nExpected (1+0j) but got 0j.\nAbsolute difference: 1.0 (up to 1e-05 allowed)\nRelative difference: 1.0 (up to 1.3e-06 allowed)',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.complex128 }), tensor([1, 1, 1, 0], { dtype: torch.complex128 })],
    '[tensor([1,2,0,3],{dtype:torch.complex128}), tensor([1,1,1,0],{dtype:torch.complex128})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3.0 at index (3,) (up to 1e-07 allowed)\nGreatest relative difference: inf at index (3,) (up to 1e-07 allowed)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.complex128 }), tensor([[0], [0]], { dtype: torch.complex128 })],
    '[tensor([[1],[0]],{dtype:torch.complex128}), tensor([[0],[0]],{dtype:torch.complex128})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1.0 at index (0, 0) (up to 1e-07 allowed)\nGreatest relative difference: inf at index (0, 0) (up to 1e-07 allowed)',
  ],
  [
    [tensor(0, { dtype: torch.complex128 }), tensor(1, { dtype: torch.complex128 })],
    '[tensor(0,{dtype:torch.complex128}), tensor(1,{dtype:torch.complex128})]',
    'AssertionError',
    'Scalars are not close!\n\nExpected (1+0j) but got 0j.\nAbsolute difference: 1.0 (up to 1e-07 allowed)\nRelative difference: 1.0 (up to 1e-07 allowed)',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.int8 }), tensor([1, 1, 1, 0], { dtype: torch.int8 })],
    '[tensor([1,2,0,3],{dtype:torch.int8}), tensor([1,1,1,0],{dtype:torch.int8})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3 at index (3,)\nGreatest relative difference: inf at index (3,)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.int8 }), tensor([[0], [0]], { dtype: torch.int8 })],
    '[tensor([[1],[0]],{dtype:torch.int8}), tensor([[0],[0]],{dtype:torch.int8})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1 at index (0, 0)\nGreatest relative difference: inf at index (0, 0)',
  ],
  [
    [tensor(0, { dtype: torch.int8 }), tensor(1, { dtype: torch.int8 })],
    '[tensor(0,{dtype:torch.int8}), tensor(1,{dtype:torch.int8})]',
    'AssertionError',
    'Scalars are not equal!\n\nExpected 1 but got 0.\nAbsolute difference: 1\nRelative difference: 1.0',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.uint8 }), tensor([1, 1, 1, 0], { dtype: torch.uint8 })],
    '[tensor([1,2,0,3],{dtype:torch.uint8}), tensor([1,1,1,0],{dtype:torch.uint8})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3 at index (3,)\nGreatest relative difference: inf at index (3,)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.uint8 }), tensor([[0], [0]], { dtype: torch.uint8 })],
    '[tensor([[1],[0]],{dtype:torch.uint8}), tensor([[0],[0]],{dtype:torch.uint8})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1 at index (0, 0)\nGreatest relative difference: inf at index (0, 0)',
  ],
  [
    [tensor(0, { dtype: torch.uint8 }), tensor(1, { dtype: torch.uint8 })],
    '[tensor(0,{dtype:torch.uint8}), tensor(1,{dtype:torch.uint8})]',
    'AssertionError',
    'Scalars are not equal!\n\nExpected 1 but got 0.\nAbsolute difference: 1\nRelative difference: 1.0',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.int64 }), tensor([1, 1, 1, 0], { dtype: torch.int64 })],
    '[tensor([1,2,0,3],{dtype:torch.int64}), tensor([1,1,1,0],{dtype:torch.int64})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3 at index (3,)\nGreatest relative difference: inf at index (3,)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.int64 }), tensor([[0], [0]], { dtype: torch.int64 })],
    '[tensor([[1],[0]],{dtype:torch.int64}), tensor([[0],[0]],{dtype:torch.int64})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1 at index (0, 0)\nGreatest relative difference: inf at index (0, 0)',
  ],
  [
    [tensor(0, { dtype: torch.int64 }), tensor(1, { dtype: torch.int64 })],
    '[tensor(0,{dtype:torch.int64}), tensor(1,{dtype:torch.int64})]',
    'AssertionError',
    'Scalars are not equal!\n\nExpected 1 but got 0.\nAbsolute difference: 1\nRelative difference: 1.0',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.int32 }), tensor([1, 1, 1, 0], { dtype: torch.int32 })],
    '[tensor([1,2,0,3],{dtype:torch.int32}), tensor([1,1,1,0],{dtype:torch.int32})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3 at index (3,)\nGreatest relative difference: inf at index (3,)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.int32 }), tensor([[0], [0]], { dtype: torch.int32 })],
    '[tensor([[1],[0]],{dtype:torch.int32}), tensor([[0],[0]],{dtype:torch.int32})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1 at index (0, 0)\nGreatest relative difference: inf at index (0, 0)',
  ],
  [
    [tensor(0, { dtype: torch.int32 }), tensor(1, { dtype: torch.int32 })],
    '[tensor(0,{dtype:torch.int32}), tensor(1,{dtype:torch.int32})]',
    'AssertionError',
    'Scalars are not equal!\n\nExpected 1 but got 0.\nAbsolute difference: 1\nRelative difference: 1.0',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.int16 }), tensor([1, 1, 1, 0], { dtype: torch.int16 })],
    '[tensor([1,2,0,3],{dtype:torch.int16}), tensor([1,1,1,0],{dtype:torch.int16})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3 at index (3,)\nGreatest relative difference: inf at index (3,)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.int16 }), tensor([[0], [0]], { dtype: torch.int16 })],
    '[tensor([[1],[0]],{dtype:torch.int16}), tensor([[0],[0]],{dtype:torch.int16})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1 at index (0, 0)\nGreatest relative difference: inf at index (0, 0)',
  ],
  [
    [tensor(0, { dtype: torch.int16 }), tensor(1, { dtype: torch.int16 })],
    '[tensor(0,{dtype:torch.int16}), tensor(1,{dtype:torch.int16})]',
    'AssertionError',
    'Scalars are not equal!\n\nExpected 1 but got 0.\nAbsolute difference: 1\nRelative difference: 1.0',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.float32 }), tensor([1, 1, 1, 0], { dtype: torch.float32 })],
    '[tensor([1,2,0,3],{dtype:torch.float32}), tensor([1,1,1,0],{dtype:torch.float32})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 3 / 4 (75.0%)\nGreatest absolute difference: 3.0 at index (3,) (up to 1e-05 allowed)\nGreatest relative difference: inf at index (3,) (up to 1.3e-06 allowed)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.float32 }), tensor([[0], [0]], { dtype: torch.float32 })],
    '[tensor([[1],[0]],{dtype:torch.float32}), tensor([[0],[0]],{dtype:torch.float32})]',
    'AssertionError',
    'Tensor-likes are not close!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1.0 at index (0, 0) (up to 1e-05 allowed)\nGreatest relative difference: inf at index (0, 0) (up to 1.3e-06 allowed)',
  ],
  [
    [tensor(0, { dtype: torch.float32 }), tensor(1, { dtype: torch.float32 })],
    '[tensor(0,{dtype:torch.float32}), tensor(1,{dtype:torch.float32})]',
    'AssertionError',
    'Scalars are not close!\n\nExpected 1.0 but got 0.0.\nAbsolute difference: 1.0 (up to 1e-05 allowed)\nRelative difference: 1.0 (up to 1.3e-06 allowed)',
  ],
  [
    [tensor([1, 2, 0, 3], { dtype: torch.bool }), tensor([1, 1, 1, 0], { dtype: torch.bool })],
    '[tensor([1,2,0,3],{dtype:torch.bool}), tensor([1,1,1,0],{dtype:torch.bool})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 2 / 4 (50.0%)\nGreatest absolute difference: 1 at index (2,)\nGreatest relative difference: inf at index (3,)',
  ],
  [
    [tensor([[1], [0]], { dtype: torch.bool }), tensor([[0], [0]], { dtype: torch.bool })],
    '[tensor([[1],[0]],{dtype:torch.bool}), tensor([[0],[0]],{dtype:torch.bool})]',
    'AssertionError',
    'Tensor-likes are not equal!\n\nMismatched elements: 1 / 2 (50.0%)\nGreatest absolute difference: 1 at index (0, 0)\nGreatest relative difference: inf at index (0, 0)',
  ],
  [
    [tensor(0, { dtype: torch.bool }), tensor(1, { dtype: torch.bool })],
    '[tensor(0,{dtype:torch.bool}), tensor(1,{dtype:torch.bool})]',
    'AssertionError',
    'Scalars are not equal!\n\nExpected True but got False.\nAbsolute difference: 1\nRelative difference: 1.0',
  ],
];

for (const [given, source, kind, text] of cases) {
  const compare = () => torch.testing.assertClose(...(given as [unknown, unknown]));
  const compareLater = () => torch.testing.assertCloseAsync(...(given as [unknown, unknown]));
  it(`${source}: ${kind ?? 'close'}`, async () => {
    if (kind === null) {
      compare();
      await compareLater();
      return;
    }
    for (const failed of [await caught(async () => compare()), await caught(compareLater)]) {
      expect(failed.message).toBe(text);
      expect(failed.name).toBe(kind);
    }
  });
}

async function caught(call: () => Promise<void>): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

it('what is close enough for its dtype is close', () => {
  const { assertClose } = torch.testing;
  assertClose(tensor([1, 2.5]), tensor([1, 2.500001]));
  assertClose(tensor(1.5, { dtype: torch.float16 }), tensor(1.501, { dtype: torch.float16 }));
  assertClose(tensor([1, NaN]), tensor([1, NaN]), { equalNan: true });
  assertClose(
    { a: [1, true, null], b: tensor(2) },
    new Map<string, unknown>([
      ['b', tensor(2)],
      ['a', [1, true, null]],
    ]),
  );
  assertClose(new Float32Array([1, 2]), new Float32Array([1, 2]));
  assertClose(1.5, 1.5 + 1e-8);
  assertClose({ actual: tensor(1), expected: tensor(1) });
  assertClose(tensor(1), tensor(1.5), { checkDtype: false, rtol: 0, atol: 0.5 });
  assertClose(new torch.nn.Parameter(ones(2)), ones(2));
  assertClose(2n ** 60n, 2n ** 60n);
});

it('what is not is refused', () => {
  const { assertClose } = torch.testing;
  expect(() => assertClose(2n ** 60n, 2n ** 60n + 1n)).toThrow(
    'Scalars are not equal!\n\nExpected 1152921504606846977 but got 1152921504606846976.\nAbsolute difference: 1',
  );
  expect(() => assertClose(new torch.nn.Parameter(ones(2)), ones(2), { allowSubclasses: false })).toThrow(
    torch.TypeError,
  );
  expect(() => assertClose(tensor(1), tensor(1), { tolerance: 1 } as never)).toThrow(
    "assertClose() got an unexpected keyword argument 'tolerance'",
  );
  expect(() => (assertClose as () => void)()).toThrow('assertClose() missing 2 required');
});

it('gradients are not asked for', () => {
  torch.testing.assertClose(ones([2], { requiresGrad: true }).mul(2), tensor([2, 2]).float());
});
