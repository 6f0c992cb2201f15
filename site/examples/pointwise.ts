//: torch.abs
torch.abs(torch.tensor([-1, 2, -3.5]));
//= tensor([1.0000, 2.0000, 3.5000])

//: torch.acos
torch.acos(torch.tensor([1, 0.5, 0, -1]));
//= tensor([0.0000, 1.0472, 1.5708, 3.1416])

//: torch.acosh
torch.acosh(torch.tensor([1, 2, 0.5]));
//= tensor([0.0000, 1.3170,    nan])

//: torch.add
const x = torch.tensor([1, 2, 3]);
torch.add(x, 10, { alpha: 2 });
//= tensor([21, 22, 23])

//: torch.addcdiv
torch.addcdiv(torch.zeros(3), torch.tensor([1, 2, 3]), torch.tensor([0.5, 2, 4]), { value: 10 });
//= tensor([20.0000, 10.0000,  7.5000])

//: torch.addcmul
torch.addcmul(torch.ones(3), torch.tensor([1, 2, 3]), torch.tensor([4, 5, 6]), { value: 0.1 });
//= tensor([1.4000, 2.0000, 2.8000])

//: torch.angle
torch.angle(torch.tensor([new torch.Complex(1, 1), new torch.Complex(0, 1), new torch.Complex(-1, 0)]));
//= tensor([0.7854, 1.5708, 3.1416])

//: torch.asin
torch.asin(torch.tensor([0, 0.5, 1]));
//= tensor([0.0000, 0.5236, 1.5708])

//: torch.asinh
torch.asinh(torch.tensor([-1, 0, 1]));
//= tensor([-0.8814,  0.0000,  0.8814])

//: torch.atan
torch.atan(torch.tensor([-Infinity, 0, 1]));
//= tensor([-1.5708,  0.0000,  0.7854])

//: torch.atan2
torch.atan2(torch.tensor([1, 1, -1]), torch.tensor([1, -1, -1]));
//= tensor([ 0.7854,  2.3562, -2.3562])

//: torch.atanh
torch.atanh(torch.tensor([0, 0.5, 1]));
//= tensor([0.0000, 0.5493,    inf])

//: torch.ceil
torch.ceil(torch.tensor([-1.5, 0.2, 2]));
//= tensor([-1.,  1.,  2.])

//: torch.celu
torch.celu(torch.tensor([-2, -0.5, 0, 1]), 0.5);
//= tensor([-0.4908, -0.3161,  0.0000,  1.0000])

//: torch.clamp
torch.clamp(torch.tensor([-2, 0.5, 3]), { min: -1, max: 1 });
//= tensor([-1.0000,  0.5000,  1.0000])

//: torch.clampMax
torch.clampMax(torch.tensor([1, 5, 9]), 6);
//= tensor([1, 5, 6])

//: torch.clampMin
torch.clampMin(torch.tensor([1, 5, 9]), 4);
//= tensor([4, 5, 9])

//: torch.complex
torch.complex(torch.tensor([1.5, 2]), torch.tensor([0.5, -1]));
//= tensor([1.5000+0.5000j, 2.0000-1.0000j])

//: torch.conj
torch.conj(torch.tensor([new torch.Complex(1, 3), new torch.Complex(2, -4)]));
//= tensor([1.-3.j, 2.+4.j])

//: torch.conjPhysical
torch.conjPhysical(torch.tensor([new torch.Complex(1, 3), new torch.Complex(2, -4)]));
//= tensor([1.-3.j, 2.+4.j])

//: torch.resolveConj
torch.resolveConj(torch.tensor([new torch.Complex(1, 2)]).conj());
//= tensor([1.-2.j])

//: torch.resolveNeg
torch.resolveNeg(torch.tensor([1, -2]));
//= tensor([ 1, -2])

//: torch.copysign
torch.copysign(torch.tensor([1, 2, 3]), torch.tensor([-1, 1, -0.0]));
//= tensor([-1.,  2., -3.])

//: torch.cos
torch.cos(torch.tensor([0, Math.PI / 3, Math.PI]));
//= tensor([ 1.0000,  0.5000, -1.0000])

//: torch.cosh
torch.cosh(torch.tensor([-1, 0, 1]));
//= tensor([1.5431, 1.0000, 1.5431])

//: torch.deg2rad
torch.deg2rad(torch.tensor([0, 90, 180]));
//= tensor([0.0000, 1.5708, 3.1416])

//: torch.digamma
torch.digamma(torch.tensor([1, 2, 0.5]));
//= tensor([-0.5772,  0.4228, -1.9635])

//: torch.div
const a = torch.tensor([7, -7]);
console.log(torch.div(a, 2));
torch.div(a, 2, { roundingMode: 'floor' });
//= tensor([ 3.5000, -3.5000])
//= tensor([ 3, -4])

//: torch.erf
torch.erf(torch.tensor([-1, 0, 0.5, 10]));
//= tensor([-0.8427,  0.0000,  0.5205,  1.0000])

//: torch.erfc
torch.erfc(torch.tensor([0, 1, 5]));
//= tensor([1.0000e+00, 1.5730e-01, 1.5375e-12])

//: torch.erfinv
torch.erfinv(torch.tensor([-1, 0, 0.5]));
//= tensor([  -inf, 0.0000, 0.4769])

//: torch.exp
torch.exp(torch.tensor([0, 1, Math.log(2)]));
//= tensor([1.0000, 2.7183, 2.0000])

//: torch.exp2
torch.exp2(torch.tensor([-1, 0, 3]));
//= tensor([0.5000, 1.0000, 8.0000])

//: torch.expm1
torch.expm1(torch.tensor([1e-6, 1]));
//= tensor([1.0000e-06, 1.7183e+00])

//: torch.floatPower
torch.floatPower(torch.tensor([2, 3]), 2);
//= tensor([4., 9.], dtype=torch.float64)

//: torch.floor
torch.floor(torch.tensor([-1.5, 0.2, 2]));
//= tensor([-2.,  0.,  2.])

//: torch.floorDivide
torch.floorDivide(torch.tensor([7, -7]), 2);
//= tensor([ 3, -4])

//: torch.fmod
torch.fmod(torch.tensor([-3, 7]), 2);
//= tensor([-1,  1])

//: torch.frac
torch.frac(torch.tensor([1.25, -3.5]));
//= tensor([ 0.2500, -0.5000])

//: torch.frexp
const { mantissa, exponent } = torch.frexp(torch.tensor([1, 10, 0.3]));
console.log(mantissa);
exponent;
//= tensor([0.5000, 0.6250, 0.6000])
//= tensor([ 1,  4, -1], dtype=torch.int32)

//: torch.gcd
torch.gcd(torch.tensor([12, 18]), torch.tensor([8, 27]));
//= tensor([4, 9])

//: torch.hardshrink
torch.hardshrink(torch.tensor([-1, -0.3, 0.5, 2]));
//= tensor([-1.,  0.,  0.,  2.])

//: torch.heaviside
torch.heaviside(torch.tensor([-1.5, 0, 2]), torch.tensor(0.5));
//= tensor([0.0000, 0.5000, 1.0000])

//: torch.hypot
torch.hypot(torch.tensor([3, 0.5]), torch.tensor([4, 1.2]));
//= tensor([5.0000, 1.3000])

//: torch.i0
torch.i0(torch.tensor([0, 1, 2]));
//= tensor([1.0000, 1.2661, 2.2796])

//: torch.igamma
torch.igamma(torch.tensor([0.5, 4]), torch.tensor([1, 4.5]));
//= tensor([0.8427, 0.6577])

//: torch.igammac
torch.igammac(torch.tensor([0.5, 4]), torch.tensor([1, 4.5]));
//= tensor([0.1573, 0.3423])

//: torch.imag
torch.imag(torch.tensor([new torch.Complex(1, 3), new torch.Complex(2, -4)]));
//= tensor([ 3., -4.])

//: torch.lcm
torch.lcm(torch.tensor([4, 6]), torch.tensor([6, 8]));
//= tensor([12, 24])

//: torch.ldexp
torch.ldexp(torch.tensor([1, 1.5]), torch.tensor([3, 1]));
//= tensor([8., 3.])

//: torch.lerp
torch.lerp(torch.tensor([0.5, 10]), torch.tensor([10.5, 20]), 0.25);
//= tensor([ 3.0000, 12.5000])

//: torch.lgamma
torch.lgamma(torch.tensor([1, 4, 0.5]));
//= tensor([0.0000, 1.7918, 0.5724])

//: torch.log
torch.log(torch.tensor([1, Math.E, 0, -1]));
//= tensor([0., 1., -inf, nan])

//: torch.log10
torch.log10(torch.tensor([1, 1000, 0.01]));
//= tensor([ 0.,  3., -2.])

//: torch.log1p
torch.log1p(torch.tensor([1e-6, 1]));
//= tensor([1.0000e-06, 6.9315e-01])

//: torch.log2
torch.log2(torch.tensor([1, 8, 0.5]));
//= tensor([ 0.,  3., -1.])

//: torch.logaddexp
torch.logaddexp(torch.tensor([0.5, 1000]), torch.tensor([0.5, 1000]));
//= tensor([   1.1931, 1000.6932])

//: torch.logaddexp2
torch.logaddexp2(torch.tensor([0.5, 1000]), torch.tensor([0.5, 1000]));
//= tensor([   1.5000, 1001.0000])

//: torch.logit
torch.logit(torch.tensor([0.1, 0.5, 0.9]));
//= tensor([-2.1972,  0.0000,  2.1972])

//: torch.mul
torch.mul(torch.tensor([[1], [2]]), torch.tensor([10, 20, 30]));
//= tensor([[10, 20, 30],
//=         [20, 40, 60]])

//: torch.mvlgamma
torch.mvlgamma(torch.tensor([2, 3]), 2);
//= tensor([0.4516, 1.5502])

//: torch.nanToNum
torch.nanToNum(torch.tensor([NaN, Infinity, 1]), { nan: 0, posinf: 9 });
//= tensor([0., 9., 1.])

//: torch.neg
torch.neg(torch.tensor([1, -2]));
//= tensor([-1,  2])

//: torch.nextafter
torch.nextafter(torch.ones(1), torch.tensor([2.5])).sub(1);
//= tensor([1.1921e-07])

//: torch.polar
torch.polar(torch.tensor([1.5, 2]), torch.tensor([0, Math.PI / 2]));
//= tensor([ 1.5000e+00+0.j, -8.7423e-08+2.j])

//: torch.polygamma
torch.polygamma(1, torch.tensor([1, 2]));
//= tensor([1.6449, 0.6449])

//: torch.positive
torch.positive(torch.tensor([1, -2]));
//= tensor([ 1, -2])

//: torch.pow
console.log(torch.pow(torch.tensor([1, 2, 3]), 2));
torch.pow(2, torch.tensor([1, 2, 3]));
//= tensor([1, 4, 9])
//= tensor([2, 4, 8])

//: torch.prelu
torch.prelu(torch.tensor([-2, -1, 3]), torch.tensor([0.25]));
//= tensor([-0.5000, -0.2500,  3.0000])

//: torch.rad2deg
torch.rad2deg(torch.tensor([0, Math.PI / 2, Math.PI]));
//= tensor([  0.,  90., 180.])

//: torch.real
torch.real(torch.tensor([new torch.Complex(1, 3), new torch.Complex(2, -4)]));
//= tensor([1., 2.])

//: torch.reciprocal
torch.reciprocal(torch.tensor([1, 2, 4]));
//= tensor([1.0000, 0.5000, 0.2500])

//: torch.relu
torch.relu(torch.tensor([-1, 0, 2]));
//= tensor([0, 0, 2])

//: torch.remainder
torch.remainder(torch.tensor([-3, 7]), 2);
//= tensor([1, 1])

//: torch.round
console.log(torch.round(torch.tensor([0.5, 1.5, -2.5])));
torch.round(torch.tensor([3.14159]), { decimals: 2 });
//= tensor([ 0.,  2., -2.])
//= tensor([3.1400])

//: torch.rsqrt
torch.rsqrt(torch.tensor([1, 4, 16]));
//= tensor([1.0000, 0.5000, 0.2500])

//: torch.rsub
torch.rsub(torch.tensor([1, 2]), 10);
//= tensor([9, 8])

//: torch.selu
torch.selu(torch.tensor([-1, 0, 0.5]));
//= tensor([-1.1113,  0.0000,  0.5254])

//: torch.sgn
torch.sgn(torch.tensor([new torch.Complex(3, 4), new torch.Complex(0, 0)]));
//= tensor([0.6000+0.8000j, 0.0000+0.0000j])

//: torch.sigmoid
torch.sigmoid(torch.tensor([-2, 0, 2]));
//= tensor([0.1192, 0.5000, 0.8808])

//: torch.sign
torch.sign(torch.tensor([-3, 0, 2]));
//= tensor([-1,  0,  1])

//: torch.signbit
torch.signbit(torch.tensor([-1, 0, 1]));
//= tensor([ True, False, False])

//: torch.sin
torch.sin(torch.tensor([0, Math.PI / 6, Math.PI / 2]));
//= tensor([0.0000, 0.5000, 1.0000])

//: torch.sinc
torch.sinc(torch.tensor([0, 0.5, 1]));
//= tensor([ 1.0000e+00,  6.3662e-01, -2.7828e-08])

//: torch.sinh
torch.sinh(torch.tensor([-1, 0, 1]));
//= tensor([-1.1752,  0.0000,  1.1752])

//: torch.sqrt
torch.sqrt(torch.tensor([4, 2, -1]));
//= tensor([2.0000, 1.4142,    nan])

//: torch.square
torch.square(torch.tensor([-2, 3]));
//= tensor([4, 9])

//: torch.sub
torch.sub(torch.tensor([5, 6]), torch.tensor([1, 2]), { alpha: 2 });
//= tensor([3, 2])

//: torch.tan
torch.tan(torch.tensor([0, Math.PI / 4]));
//= tensor([0., 1.])

//: torch.tanh
torch.tanh(torch.tensor([-1, 0, 1]));
//= tensor([-0.7616,  0.0000,  0.7616])

//: torch.threshold
torch.threshold(torch.tensor([-1, 0.5, 2]), 1, 0);
//= tensor([0., 0., 2.])

//: torch.trunc
torch.trunc(torch.tensor([-1.7, 0.2, 2.9]));
//= tensor([-1.,  0.,  2.])

//: torch.viewAsComplex
torch.viewAsComplex(
  torch
    .tensor([
      [1, 2],
      [3, -4],
    ])
    .float(),
);
//= tensor([1.+2.j, 3.-4.j])

//: torch.viewAsReal
torch.viewAsReal(torch.tensor([new torch.Complex(1, 2), new torch.Complex(3, -4)]));
//= tensor([[ 1.,  2.],
//=         [ 3., -4.]])

//: torch.xlogy
torch.xlogy(torch.tensor([0, 2]), torch.tensor([0, Math.E]));
//= tensor([0., 2.])

//: torch.trueDivide, torch.divide by NAME
torch.NAME(torch.tensor([7, -7]), 2);
