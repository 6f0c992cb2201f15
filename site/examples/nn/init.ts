//: torch.nn.init.calculateGain
nn.init.calculateGain('leaky_relu', 0.2)
//= 1.3867504905630728

//: torch.nn.init.fanInAndOut
nn.init.fanInAndOut(torch.zeros(4, 3, 5, 5))
//= [75, 100]

//: torch.nn.init.uniform_, torch.nn.init.normal_, torch.nn.init.ones_, torch.nn.init.zeros_, torch.nn.init.eye_, torch.nn.init.xavierUniform_, torch.nn.init.xavierNormal_, torch.nn.init.kaimingUniform_, torch.nn.init.kaimingNormal_, torch.nn.init.truncNormal_, torch.nn.init.orthogonal_ by NAME
nn.init.NAME(torch.empty(2, 3))

//: torch.nn.init.constant_
nn.init.constant_(torch.empty(2), 0.3)
//= tensor([0.3000, 0.3000])

//: torch.nn.init.dirac_
nn.init.dirac_(torch.empty(2, 2, 3))
//= tensor([[[0., 1., 0.],
//=          [0., 0., 0.]],
//=
//=         [[0., 0., 0.],
//=          [0., 1., 0.]]])

//: torch.nn.init.sparse_
nn.init.sparse_(torch.empty(4, 2), { sparsity: 0.5 }).ne(0).sum(0)
//= tensor([2, 2])
