//: torch.allclose
torch.allclose(torch.tensor([0.5, 1e-9]), torch.tensor([0.5, 0]));
//= True

//: torch.bitwiseAnd
torch.bitwiseAnd(torch.tensor([6, 5]), torch.tensor([3, 4]));
//= tensor([2, 4])

//: torch.bitwiseLeftShift
torch.bitwiseLeftShift(torch.tensor([1, 3]), 2);
//= tensor([ 4, 12])

//: torch.bitwiseNot
torch.bitwiseNot(torch.tensor([0, 5, -1]));
//= tensor([-1, -6,  0])

//: torch.bitwiseOr
torch.bitwiseOr(torch.tensor([6, 5]), torch.tensor([3, 2]));
//= tensor([7, 7])

//: torch.bitwiseRightShift
torch.bitwiseRightShift(torch.tensor([8, 13]), 2);
//= tensor([2, 3])

//: torch.bitwiseXor
torch.bitwiseXor(torch.tensor([6, 5]), torch.tensor([3, 5]));
//= tensor([5, 0])

//: torch.eq
torch.eq(torch.tensor([1, 2, 3]), torch.tensor([1, 0, 3]));
//= tensor([ True, False,  True])

//: torch.equal
torch.equal(torch.tensor([1, 2]), torch.tensor([1, 2]));
//= True

//: torch.fmax
torch.fmax(torch.tensor([1, NaN]), torch.tensor([3, 2]));
//= tensor([3., 2.])

//: torch.fmin
torch.fmin(torch.tensor([1, NaN]), torch.tensor([3, 2]));
//= tensor([1., 2.])

//: torch.ge
torch.ge(torch.tensor([1, 2, 3]), 2);
//= tensor([False,  True,  True])

//: torch.gt
torch.gt(torch.tensor([1, 2, 3]), 2);
//= tensor([False, False,  True])

//: torch.isclose
torch.isclose(torch.tensor([0.5, 2]), torch.tensor([0.5000001, 2.1]));
//= tensor([ True, False])

//: torch.isfinite
torch.isfinite(torch.tensor([1, Infinity, NaN]));
//= tensor([ True, False, False])

//: torch.isin
torch.isin(torch.tensor([1, 2, 3, 4]), torch.tensor([2, 4]));
//= tensor([False,  True, False,  True])

//: torch.isinf
torch.isinf(torch.tensor([1, -Infinity, NaN]));
//= tensor([False,  True, False])

//: torch.isnan
torch.isnan(torch.tensor([1, Infinity, NaN]));
//= tensor([False, False,  True])

//: torch.isneginf
torch.isneginf(torch.tensor([Infinity, -Infinity]));
//= tensor([False,  True])

//: torch.isposinf
torch.isposinf(torch.tensor([Infinity, -Infinity]));
//= tensor([ True, False])

//: torch.isreal
torch.isreal(torch.tensor([new torch.Complex(1, 0), new torch.Complex(1, 2)]));
//= tensor([ True, False])

//: torch.le
torch.le(torch.tensor([1, 2, 3]), 2);
//= tensor([ True,  True, False])

//: torch.logicalAnd
torch.logicalAnd(torch.tensor([true, true]), torch.tensor([true, false]));
//= tensor([ True, False])

//: torch.logicalNot
torch.logicalNot(torch.tensor([0, 1, 2]));
//= tensor([ True, False, False])

//: torch.logicalOr
torch.logicalOr(torch.tensor([true, false]), torch.tensor([false, false]));
//= tensor([ True, False])

//: torch.logicalXor
torch.logicalXor(torch.tensor([true, true]), torch.tensor([true, false]));
//= tensor([False,  True])

//: torch.lt
torch.lt(torch.tensor([1, 2, 3]), torch.tensor([2, 2, 2]));
//= tensor([ True, False, False])

//: torch.maximum
torch.maximum(torch.tensor([1, 5]), torch.tensor([3, 2]));
//= tensor([3, 5])

//: torch.minimum
torch.minimum(torch.tensor([1, 5]), torch.tensor([3, 2]));
//= tensor([1, 2])

//: torch.ne
torch.ne(torch.tensor([1, 2, 3]), 2);
//= tensor([ True, False,  True])
