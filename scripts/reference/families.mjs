// Which page of the reference a name stands on.

/** Pages of `torch` itself, by the file of a row under src/ops or of a function under src, and by names where files say too little. */
const torchPages = [
  [
    'tensor',
    'Tensors and dtypes',
    /^core\//,
    /^(Tensor|Size|Device|device|Generator|[fi]info|e|pi|inf|nan|is(Tensor|Complex|Conj|FloatingPoint|Inference|Neg|Nonzero|SameSize|Signed)|numel|resultType|broadcastShapes|typename|deepcopy|sparseCoo|sparseCsr)$/,
  ],
  [
    'creation',
    'Creation',
    /^(creation|from_data|buffers|sparse)|from_data|buffers|sparse_creation/,
    /^(arange|range|linspace|logspace|eye|scalarTensor|complex|polar|sparse\w+Tensor)(Async)?$/,
  ],
  [
    'random',
    'Random numbers',
    /random|distributions\.ts|seed/,
    /^(rand|poisson|binomial|bernoulli|multinomial|normal$)/,
  ],
  [
    'shapes',
    'Shapes, pieces, joining',
    /^(views|slices|splits|joining|copying|coordinates)|ops\/getitem/,
    /(Copy|^split|^tensorSplit|^unsafe\w+|^squeeze|^unsqueeze|^narrow\w*|^repeatInterleave|^slice|^diagonal|^expand|^chunk|^constantPadNd)(Async)?$/,
  ],
  [
    'indexing',
    'Indexing',
    /^(indexing|scatter|masks|getitem|triangular)/,
    /^(where|trilIndices|triuIndices)(Async)?$/,
  ],
  [
    'comparison',
    'Comparisons and logic',
    /^pointwise\/(comparison|logical|bitwise)|equality/,
    /^(eq|ne|l[te]|g[te]|notEqual|less|lessEqual|greater|greaterEqual|bitwise\w+|isreal|isin|equal|allclose)(Async)?$/,
  ],
  [
    'pointwise',
    'Functions of each element',
    /^pointwise\/|floating_point|complex_views|incomplete_gamma/,
    /^(add|sub|subtract|rsub|mul|multiply|div|divide|trueDivide|remainder|fmod|lerp|pow|xlogy|copysign|logaddexp2?|log|exp|clamp|clip|isreal)$/,
  ],
  [
    'reductions',
    'Reductions and scans',
    /^(reductions|scans|quantiles|counting|histograms|hashing|segments|finite_differences|checks|masked)/,
    /^(argm\w+|varMean|stdMean|histogram\w*|cumulativeTrapezoid|trapezoid|trapz|gradient|nanquantile|quantile|softmax|logSoftmax)(Async)?$/,
  ],
  ['sorting', 'Sorting and searching', /^(sorting|searching|unique)/, null],
  ['linalg', 'Products and matrices', /^linalg\//, /^(cdist|matmul)$/],
  [
    'networks',
    'Layers as functions',
    /^nn\/|^rnn\//,
    /^(conv\w+|lstm|gru|rnn\w+|gridSampler\w*|\w+Pool\w+|dropout\w*|\w*[nN]orm)$/,
  ],
  ['windows', 'Windows and spectra', /short_time|window_functions/, /Window$/],
  ['modes', 'Modes and settings', null, null],
];

const titles = {
  'torch.accelerator': 'Accelerators',
  'torch.amp': 'Mixed precision',
  'torch.autograd': 'Automatic differentiation',
  'torch.autograd.forwardAd': 'Forward mode',
  'torch.autograd.functional': 'Jacobians and Hessians',
  'torch.autograd.graph': 'The graph',
  'torch.distributions': 'Distributions',
  'torch.distributions.constraints': 'Constraints',
  'torch.distributions.transforms': 'Transforms',
  'torch.fft': 'Fourier transforms',
  'torch.func': 'Functions of functions',
  'torch.fx': 'Graphs of modules',
  'torch.linalg': 'Linear algebra',
  'torch.masked': 'Masked reductions',
  'torch.nn.functional': 'Functions of networks',
  'torch.nn.init': 'Initial values',
  'torch.nn.utils': 'Tools for modules',
  'torch.nn.utils.prune': 'Pruning',
  'torch.nn.utils.rnn': 'Packed sequences',
  'torch.numpy': "NumPy's files",
  'torch.optim': 'Optimizers',
  'torch.optim.lrScheduler': 'Schedules of learning rates',
  'torch.optim.swaUtils': 'Averaged weights',
  'torch.special': 'Special functions',
  'torch.utils.data': 'Data sets and loaders',
};

const onOne = {
  'torch.cuda': 'devices',
  'torch.mps': 'devices',
  'torch.xpu': 'devices',
  'torch.accelerator': 'devices',
  'torch.webgpu': 'devices',
  'torch.backends': 'devices',
  'torch.backends.cpu': 'devices',
  'torch.random': 'torch-random',
  'torch.testing': 'tools',
  'torch.profiler': 'tools',
  'torch.autograd.profiler': 'tools',
  'torch.utils.benchmark': 'tools',
  'torch.utils.checkpoint': 'tools',
  'torch.utils.collectEnv': 'tools',
  'torch.utils.deterministic': 'tools',
  'torch.utils': 'tools',
  'torch.hub': 'tools',
  'torch.serialization': 'files',
  'torch.numpy': 'files',
  'torch.safetensors': 'files',
  'torch.nn.utils.fusion': 'nn-utils',
  'torch.nn.utils': 'nn-utils',
  'torch.nn.utils.parametrizations': 'nn-utils',
  'torch.nn.utils.parametrize': 'nn-utils',
  'torch.nn.modules.module': 'nn-utils',
  'torch.optim.optimizer': 'optim',
  'torch.signal.windows': 'torch-windows',
  'torch.fx.experimental.proxyTensor': 'fx',
  'torch.autograd.forwardAd': 'autograd',
  'torch.autograd.functional': 'autograd',
  'torch.autograd.graph': 'autograd',
  vision: 'vision-tools',
  'vision.utils': 'vision-tools',
  'vision.io': 'vision-tools',
  'vision.tvTensors': 'vision-tools',
  'vision.models.segmentation': 'vision-segmentation',
  'vision.models.detection': 'vision-detection',
  'metrics.functional': 'metrics',
  torchinfo: 'more',
  distributed: 'distributed',
  charts: 'more',
  tensorboard: 'more',
  einops: 'einops',
  convert: 'python',
  python: 'python',
  'python.random': 'python',
  'python.numpy': 'python',
  'python.numpy.linalg': 'python',
};
const pageTitles = {
  devices: 'Devices',
  tools: 'Measuring, testing, checkpoints',
  files: 'Files',
  'nn-utils': 'Tools for modules',
  optim: 'Optimizers',
  fx: 'Graphs of modules',
  autograd: 'Automatic differentiation',
  'vision-tools': 'Images: files, drawing, boxes as tensors',
  'vision-segmentation': 'Models: segmentation',
  'vision-detection': 'Models: detection',
  metrics: 'Metrics',
  more: 'TensorBoard, charts, summaries',
  distributed: 'Many processes',
  einops: 'einops',
  python: 'Programs from Python',
  vision_models: 'Models',
};

/** Pages of `torch.nn`, by the file of a class. */
const layers = [
  ['containers', 'Modules and containers', /container|^nn\/\w+\.ts$|linear\.ts|flatten|data_parallel/],
  ['convolution', 'Convolution and pooling', /conv|pooling|fold|padding|shuffling|upsampling/],
  ['activation', 'Activations', /activation|adaptive_softmax/],
  ['attention', 'Attention and transformers', /attention|transformer|causal/],
  ['recurrent', 'Recurrent layers', /rnn|recurrent/],
  ['normalization', 'Normalization and dropout', /normal|dropout|local_response/],
  ['losses', 'Losses and distances', /loss|distance/],
  ['embedding', 'Embeddings and lazy layers', /sparse|lazy/],
];

const slug = (text) => text.replaceAll('.', '-');
const plainName = ({ name }) => name.replace(/Async$|_$/g, '');

/** The page of an item: its address and title, and the group that it stands in. */
export function pageOf(item, row) {
  const module = item.path.split('.').slice(0, -1).join('.');
  if (module === 'torch') {
    const file = row?.file ?? item.file;
    const name = plainName(item);
    const found =
      torchPages.find(([, , , names]) => names?.test(item.name) || names?.test(name)) ??
      torchPages.find(([, , files]) => files?.test(file.replace(/^ops\//, ''))) ??
      (/^io\//.test(file) ? null : torchPages.at(-1));
    if (found === null) return { address: 'files', title: pageTitles.files };
    return { address: `torch-${found[0]}`, title: found[1] };
  }
  if (module === 'torch.nn') {
    const [address, title] = layers.find(([, , files]) => files.test(item.file)) ?? layers[0];
    return { address: `nn-${address}`, title };
  }
  const enumeration = /^(.*)\.(?:[A-Z]\w+)$/.exec(module)?.[1];
  const home = enumeration ?? module;
  const address = onOne[home] ?? slug(home.replace(/^torch\./, ''));
  const torchPage = torchPages.find(([name]) => address === `torch-${name}`);
  return {
    address,
    title:
      pageTitles[address] ??
      titles[home] ??
      torchPage?.[1] ??
      (home === 'vision.models' ? 'Models: classification' : home.replace('vision.', 'vision: ')),
  };
}

/** Groups of the sidebar, in order, by the pages' addresses. */
export const groups = [
  ['torch', /^torch-/],
  ['torch.nn', /^nn-/],
  ['Training', /^(optim|autograd|func|amp|distributions|utils-data|files)/],
  ['Mathematics', /^(linalg|fft|special|masked|signal|sparse)/],
  ['Tools', /^(devices|tools|fx|hub|einops|metrics|trainer|tables|more|python)/],
  ['flambeau/vision', /^vision/],
];
