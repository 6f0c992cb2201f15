//: torch.stft, torch.istft
const wave = torch.sin(torch.arange(64).mul(0.5));
const window = torch.hannWindow(16);
const spectrum = torch.stft(wave, 16, { window, returnComplex: true });
console.log(spectrum.shape);
torch.istft(spectrum, 16, { window, length: 64 }).allclose(wave, { atol: 1e-5 });
//= [9, 17]
//= True

//: torch.bartlettWindow, torch.blackmanWindow, torch.hammingWindow, torch.hannWindow, torch.kaiserWindow by NAME
torch.NAME(5);

//: torch.signal.windows.bartlett, torch.signal.windows.blackman, torch.signal.windows.cosine, torch.signal.windows.hamming, torch.signal.windows.hann, torch.signal.windows.kaiser, torch.signal.windows.nuttall, torch.signal.windows.exponential by NAME
torch.signal.windows.NAME(5);

//: torch.signal.windows.gaussian
torch.signal.windows.gaussian(5, { std: 1 });
//= tensor([0.1353, 0.6065, 1.0000, 0.6065, 0.1353])

//: torch.signal.windows.generalCosine
torch.signal.windows.generalCosine(5, { a: [0.5, 0.5] });
//= tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])

//: torch.signal.windows.generalHamming
torch.signal.windows.generalHamming(5, { alpha: 0.54 });
//= tensor([0.0800, 0.5400, 1.0000, 0.5400, 0.0800])

//: torch.fft.fft
torch.fft.fft(torch.tensor([1, 2, 3, 4]));
//= tensor([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j])

//: torch.fft.ifft
torch.fft.ifft(torch.fft.fft(torch.tensor([1, 2, 3, 4])));
//= tensor([1.+0.j, 2.+0.j, 3.+0.j, 4.+0.j])

//: torch.fft.rfft
torch.fft.rfft(torch.tensor([1, 2, 3, 4]));
//= tensor([10.+0.j, -2.+2.j, -2.+0.j])

//: torch.fft.irfft
torch.fft.irfft(torch.fft.rfft(torch.tensor([1, 2, 3, 4])));
//= tensor([1., 2., 3., 4.])

//: torch.fft.hfft
torch.fft.hfft(torch.tensor([1, 2, 3]), 4);
//= tensor([ 8., -2.,  0., -2.])

//: torch.fft.ihfft
torch.fft.ihfft(torch.tensor([1, 2, 3, 4]));
//= tensor([ 2.5000-0.0000j, -0.5000-0.5000j, -0.5000-0.0000j])

//: torch.fft.fft2, torch.fft.ifft2, torch.fft.fftn, torch.fft.ifftn by NAME
torch.fft.NAME(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);

//: torch.fft.rfft2, torch.fft.rfftn, torch.fft.ihfft2, torch.fft.ihfftn by NAME
torch.fft.NAME(torch.ones(4, 4)).shape;

//: torch.fft.irfft2, torch.fft.irfftn, torch.fft.hfft2, torch.fft.hfftn by NAME
torch.fft.NAME(torch.ones(4, 3)).shape;

//: torch.fft.fftfreq
torch.fft.fftfreq(4, { d: 0.5 });
//= tensor([ 0.0000,  0.5000, -1.0000, -0.5000])

//: torch.fft.rfftfreq
torch.fft.rfftfreq(4, { d: 0.5 });
//= tensor([0.0000, 0.5000, 1.0000])

//: torch.fft.fftshift
torch.fft.fftshift(torch.arange(5));
//= tensor([3, 4, 0, 1, 2])

//: torch.fft.ifftshift
torch.fft.ifftshift(torch.tensor([3, 4, 0, 1, 2]));
//= tensor([0, 1, 2, 3, 4])

//: torch.special.airyAi, torch.special.besselJ0, torch.special.besselJ1, torch.special.besselY0, torch.special.besselY1, torch.special.entr, torch.special.erfcx, torch.special.i0e, torch.special.i1, torch.special.i1e, torch.special.logNdtr, torch.special.modifiedBesselI0, torch.special.modifiedBesselI1, torch.special.modifiedBesselK0, torch.special.modifiedBesselK1, torch.special.ndtr, torch.special.scaledModifiedBesselK0, torch.special.scaledModifiedBesselK1, torch.special.sphericalBesselJ0 by NAME
torch.special.NAME(torch.tensor([0.5, 1, 2]));

//: torch.special.ndtri
torch.special.ndtri(torch.tensor([0.025, 0.5, 0.975]));
//= tensor([-1.9600,  0.0000,  1.9600])

//: torch.special.chebyshevPolynomialT, torch.special.chebyshevPolynomialU, torch.special.chebyshevPolynomialV, torch.special.chebyshevPolynomialW, torch.special.hermitePolynomialH, torch.special.hermitePolynomialHe, torch.special.laguerrePolynomialL, torch.special.legendrePolynomialP, torch.special.shiftedChebyshevPolynomialT, torch.special.shiftedChebyshevPolynomialU, torch.special.shiftedChebyshevPolynomialV, torch.special.shiftedChebyshevPolynomialW by NAME
torch.special.NAME(torch.tensor([0, 0.5, 1]), 3);

//: torch.special.xlog1py
torch.special.xlog1py(torch.tensor([0, 2.5]), torch.tensor([-1, 1.5]));
//= tensor([0.0000, 2.2907])

//: torch.special.zeta
torch.special.zeta(torch.tensor([2, 4.5]), 1);
//= tensor([1.6449, 1.0547])

//: torch.special.gammaln
torch.special.gammaln(torch.tensor([1, 4, 0.5]));
//= tensor([0.0000, 1.7918, 0.5724])

//: torch.special.multigammaln
torch.special.multigammaln(torch.tensor([2, 3.5]), 2);
//= tensor([0.4516, 2.4665])

//: torch.masked.sum, torch.masked.prod, torch.masked.amax, torch.masked.amin, torch.masked.argmax, torch.masked.argmin, torch.masked.mean, torch.masked.median, torch.masked.logsumexp, torch.masked.softmax, torch.masked.logSoftmax, torch.masked.softmin, torch.masked.cumsum, torch.masked.cumprod by NAME
const mask = torch.tensor([true, false, true]);
torch.masked.NAME(torch.tensor([1, 20, 3.5]), 0, { mask });

//: torch.masked.norm, torch.masked.normalize by NAME
const mask = torch.tensor([true, false, true]);
torch.masked.NAME(torch.tensor([3, 20, 4.5]), 2, 0, { mask });

//: torch.masked.std, torch.masked.var by NAME
const mask = torch.tensor([true, false, true]);
torch.masked.NAME(torch.tensor([1, 20, 3.5]), 0, { unbiased: true, mask });

//: torch.masked.logaddexp
torch.masked.logaddexp(torch.tensor([0, 0.5]), torch.tensor([0, 0.5]), {
  inputMask: torch.tensor([true, false]),
});
//= tensor([0.6931, 0.5000])

//: torch.sparse.mm
const S = torch.eye(2).toSparse();
torch.sparse.mm(
  S,
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
//= tensor([[1.0000, 2.0000],
//=         [3.0000, 4.5000]])

//: torch.sparse.addmm
torch.sparse.addmm(torch.ones(2, 2), torch.eye(2).toSparse(), torch.eye(2));
//= tensor([[2., 1.],
//=         [1., 2.]])

//: torch.sparse.sum
torch.sparse.sum(
  torch
    .tensor([
      [0, 2],
      [3, 0.5],
    ])
    .toSparse(),
);
//= tensor(5.5000)

//: torch.sparse.softmax, torch.sparse.logSoftmax by NAME
torch.sparse
  .NAME(
    torch
      .tensor([
        [0, 2],
        [3, 0.5],
      ])
      .toSparse(),
    1,
  )
  .toDense();

//: torch.sparse.spdiags
torch.sparse.spdiags(torch.tensor([[1, 2, 3]]), torch.tensor([0]), [3, 3]).toDense();
//= tensor([[1, 0, 0],
//=         [0, 2, 0],
//=         [0, 0, 3]])

//: torch.sparse.checkSparseTensorInvariants
torch.sparse.checkSparseTensorInvariants.isEnabled();
//= False
