/** `SummaryWriter`. */
import { AssertionError, NotImplementedError, TypeError, ValueError } from '../core/errors.js';
import { libraryClass } from '../core/object.js';
import { formatNumber, typeName } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { ops } from '../dispatch/registry.js';
import type { Module } from '../nn/module.js';
import { type ByteImage, type CanvasLike, Image } from '../vision/transforms/image.js';
import { prCurveSummary, rawPrCurveSummary } from './curve_summaries.js';
import {
  type EmbeddingInfo,
  metadataText,
  pointsText,
  projectorConfig,
  spriteFile,
} from './embedding_files.js';
import type { Eventually } from './event_file.js';
import { checkModel, graphMessages } from './graph_summary.js';
import { type HistogramBins, histogramOf, rawHistogram } from './histogram_buckets.js';
import { imageSummary } from './image_summaries.js';
import { folderAt, type LogFolder, subfolder } from './log_folder.js';
import { asLogged, type Loggable, logged, whenThere } from './logged_values.js';
import { message, type ProtoMessage } from './proto_message.js';
import { hostAndProcess, RunFile } from './run_file.js';
import {
  audioSummary,
  type CustomScalarsLayout,
  checkDict,
  customScalarsSummary,
  type Hparam,
  type HparamDomain,
  type Hparams,
  hparamsSummaries,
  meshSummary,
  scalarSummary,
  summary,
  tensorSummary,
  textSummary,
} from './summaries.js';

const writer = signature(
  "SummaryWriter(Any log_dir=None, str comment='', int? purge_step=None, int max_queue=10, float flush_secs=120, str filename_suffix='')",
);
const scalar = signature(
  'add_scalar(str tag, Any scalar_value, int? global_step=None, float? walltime=None, bool new_style=False, bool double_precision=False)',
);
const scalars = signature(
  'add_scalars(str main_tag, Dict tag_scalar_dict, int? global_step=None, float? walltime=None)',
);
const tensorSignature = signature(
  'add_tensor(str tag, Tensor tensor, int? global_step=None, float? walltime=None)',
);
const histogram = signature(
  "add_histogram(str tag, Any values, int? global_step=None, str|int|float[] bins='tensorflow', float? walltime=None, int? max_bins=None)",
);
const histogramRaw = signature(
  'add_histogram_raw(str tag, float min, float max, float num, float sum, float sum_squares, float[] bucket_limits, float[] bucket_counts, int? global_step=None, float? walltime=None)',
);
const image = signature(
  "add_image(str tag, Any img_tensor, int? global_step=None, float? walltime=None, str dataformats='CHW')",
);
const images = signature(
  "add_images(str tag, Any img_tensor, int? global_step=None, float? walltime=None, str dataformats='NCHW')",
);
const imageWithBoxes = signature(
  "add_image_with_boxes(str tag, Any img_tensor, Any box_tensor, int? global_step=None, float? walltime=None, float rescale=1.0, str dataformats='CHW', str|str[]? labels=None)",
);
const figureSignature = signature(
  'add_figure(str tag, Object figure, int? global_step=None, bool close=True, float? walltime=None)',
);
const video = signature(
  'add_video(str tag, Any vid_tensor, int? global_step=None, float fps=4.0, float? walltime=None)',
);
const audio = signature(
  'add_audio(str tag, Any snd_tensor, int? global_step=None, int sample_rate=44100, float? walltime=None)',
);
const textSignature = signature(
  'add_text(str tag, str text_string, int? global_step=None, float? walltime=None)',
);
const graph = signature(
  'add_graph(Any model, Any input_to_model=None, bool verbose=False, bool use_strict_trace=True)',
);
const embedding = signature(
  "add_embedding(Any mat, Any[]? metadata=None, Tensor? label_img=None, int? global_step=None, str tag='default', str[]? metadata_header=None)",
);
const prCurve = signature(
  'add_pr_curve(str tag, Any labels, Any predictions, int? global_step=None, int num_thresholds=127, Any weights=None, float? walltime=None)',
);
const prCurveRaw = signature(
  'add_pr_curve_raw(str tag, Any true_positive_counts, Any false_positive_counts, Any true_negative_counts, Any false_negative_counts, Any precision, Any recall, int? global_step=None, int num_thresholds=127, Any weights=None, float? walltime=None)',
);
const multiline = signature(
  "add_custom_scalars_multilinechart(str[] tags, str category='default', str title='untitled')",
);
const margin = signature(
  "add_custom_scalars_marginchart(str[] tags, str category='default', str title='untitled')",
);
const customScalars = signature('add_custom_scalars(Dict layout)');
const mesh = signature(
  'add_mesh(str tag, Tensor vertices, Tensor? colors=None, Tensor? faces=None, Dict? config_dict=None, int? global_step=None, float? walltime=None)',
);
const hparams = signature(
  'add_hparams(Object hparam_dict, Object metric_dict, Dict? hparam_domain_discrete=None, str? run_name=None, int? global_step=None)',
);

/** A picture that `addFigure` takes: a canvas of whatever maker, or an image. */
export type Figure = CanvasLike | Image;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `runs/Nov29_14-15-04_computer`, as PyTorch names runs. */
function defaultName(comment: string): string {
  const now = new Date();
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('-');
  return `runs/${months[now.getMonth()]}${two(now.getDate())}_${time}_${hostAndProcess()[0]}${comment}`;
}

function folderOf(logDir: unknown, comment: string): LogFolder {
  if (logDir === null || logDir === undefined || logDir === '') return folderAt(defaultName(comment));
  if (typeof logDir === 'string') return folderAt(logDir);
  const { create, exists, name } = logDir as Partial<LogFolder>;
  if (typeof create === 'function' && typeof exists === 'function' && typeof name === 'string')
    return logDir as LogFolder;
  throw new TypeError(
    `SummaryWriter(): argument 'logDir' must be str or an object with 'name', 'exists' and 'create', not ${typeName(logDir)}`,
  );
}

/** Characters that paths have uses of their own for. */
const encodedTag = (tag: string): string =>
  tag.replace(/[%/\\]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);

/**
 * Writes what TensorBoard shows, as PyTorch's `torch.utils.tensorboard.SummaryWriter` does: into files of a folder in Node, in browsers into a
 * `MemoryFolder` or an object of yours that takes bytes.
 *
 * Methods return at once. Values of a device that must be waited for, and pictures, which are packed on the way, are written when they are
 * there, in the order of the calls; `flush` and `close` wait for them, and throw what went wrong.
 *
 * @example
 * const writer = new SummaryWriter('runs/first');
 * for (let step = 0; step < 100; step++) writer.addScalar('loss', train(step), step);
 * await writer.close(); // tensorboard --logdir runs
 */
export class SummaryWriter {
  /** The folder's name. */
  readonly logDir: string;
  readonly #folder: LogFolder;
  readonly #settings: { maxQueue: number; flushSecs: number; filenameSuffix: string };
  #purgeStep: number | null;
  /** The files of the run and of those beside it, by their paths in the folder; null once closed. */
  #files: Map<string, RunFile> | null = null;
  readonly #embeddings: EmbeddingInfo[] = [];
  /** Files other than those of events that are being written. */
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;

  /**
   * @param logDir the folder: a path, or a `MemoryFolder`; by default `runs/` and a name of the time and the computer
   * @param comment stands at the end of that name
   * @param purgeStep events of this step and later, of a run that has failed, are no longer shown
   * @param maxQueue so many events wait before they are written
   * @param flushSecs so many seconds they wait at most
   * @param filenameSuffix stands at the end of files' names
   */
  constructor(...args: Arguments<typeof writer, { logDir: string | LogFolder | null }>) {
    const given = writer.bind(args);
    this.#folder = folderOf(given.logDir, given.comment);
    this.logDir = this.#folder.name;
    this.#settings = given;
    this.#purgeStep = given.purgeStep;
    this.#file();
  }

  /** The file of the run, or of one beside it. */
  #file(run = ''): RunFile {
    this.#files ??= new Map();
    let file = this.#files.get(run);
    if (file === undefined) {
      file = new RunFile(run === '' ? this.#folder : subfolder(this.#folder, run), this.#settings);
      this.#files.set(run, file);
      if (run === '' && this.#purgeStep !== null) {
        const moment = { step: this.#purgeStep };
        const start = 1;
        file.add(message().set(3, 'brain.Event:2'), moment);
        file.add(message().set(7, message().int(1, start)), moment);
        this.#purgeStep = null;
      }
    }
    return file;
  }

  #add(
    value: Eventually<ProtoMessage>,
    given: { globalStep?: number | null; walltime?: number | null },
    run = '',
  ): void {
    this.#file(run).addSummary(value, { step: given.globalStep ?? null, walltime: given.walltime ?? null });
  }

  /** The folder's name. */
  getLogdir(): string {
    return this.logDir;
  }

  /**
   * Adds a number to a curve.
   *
   * @param tag the curve's name
   * @param scalarValue a number, or a tensor of one element
   * @param globalStep where on the curve
   * @param walltime the time in seconds since 1970; by default now
   * @param newStyle writes it as a tensor, which loads faster
   * @param doublePrecision as one of float64
   */
  addScalar(...args: Arguments<typeof scalar, { scalarValue: Loggable }>): void {
    const given = scalar.bind(args);
    this.#add(scalarSummary(given.tag, given.scalarValue, given.newStyle, given.doublePrecision), given);
  }

  /**
   * Adds a number to each of several curves of one chart. Each is a run of its own.
   *
   * @param mainTag the chart's name
   * @param tagScalarDict numbers by the names of curves
   */
  addScalars(
    ...args: Arguments<typeof scalars, { tagScalarDict: Readonly<Record<string, Loggable>> }>
  ): void {
    const { mainTag, tagScalarDict, globalStep, walltime } = scalars.bind(args);
    const now = walltime ?? Date.now() / 1000;
    for (const [tag, value] of Object.entries(tagScalarDict))
      this.#add(
        scalarSummary(mainTag, value, false, false),
        { globalStep, walltime: now },
        `${mainTag.replaceAll('/', '_')}_${tag}`,
      );
  }

  /** Adds all values of a tensor. */
  addTensor(...args: Arguments<typeof tensorSignature>): void {
    const given = tensorSignature.bind(args);
    this.#add(tensorSummary(given.tag, given.tensor), given);
  }

  /**
   * Adds a histogram.
   *
   * @param values a tensor or a typed array
   * @param bins `'tensorflow'`, a rule of NumPy's (`'auto'`, `'fd'`, …), the number of ranges, or their edges
   * @param maxBins joins ranges where there are more
   */
  addHistogram(...args: Arguments<typeof histogram, { values: Loggable; bins: HistogramBins }>): void {
    const given = histogram.bind(args);
    const value = whenThere(logged(given.values).numbers, (numbers) =>
      summary(
        message()
          .string(1, given.tag)
          .set(5, histogramOf(numbers, given.bins as HistogramBins, given.maxBins)),
      ),
    );
    this.#add(value, given);
  }

  /**
   * Adds a histogram whose numbers are known.
   *
   * @param bucketLimits the right ends of the ranges
   * @param bucketCounts how many values lie in each
   */
  addHistogramRaw(...args: Arguments<typeof histogramRaw>): void {
    const given = histogramRaw.bind(args);
    if (given.bucketLimits.length !== given.bucketCounts.length)
      throw new ValueError('len(bucket_limits) != len(bucket_counts), see the document.');
    const numbers = given as typeof given & { bucketLimits: number[]; bucketCounts: number[] };
    this.#add(summary(message().string(1, given.tag).set(5, rawHistogram(numbers))), given);
  }

  /**
   * Adds a picture.
   *
   * @param imgTensor values from 0 to 1, or bytes
   * @param dataformats the order of its dimensions: `'CHW'`, `'HWC'`, `'HW'`
   */
  addImage(...args: Arguments<typeof image, { imgTensor: Loggable }>): void {
    const given = image.bind(args);
    this.#add(imageSummary(given.tag, given.imgTensor, { format: given.dataformats }), given);
  }

  /** Adds several pictures as one, in rows of eight. */
  addImages(...args: Arguments<typeof images, { imgTensor: Loggable }>): void {
    const given = images.bind(args);
    this.#add(imageSummary(given.tag, given.imgTensor, { format: given.dataformats }), given);
  }

  /**
   * Adds a picture with boxes drawn on it.
   *
   * @param boxTensor boxes [N, 4]: left, top, right, bottom
   * @param rescale its size when shown
   * @param labels texts for the boxes: refused, for there are no fonts
   */
  addImageWithBoxes(
    ...args: Arguments<typeof imageWithBoxes, { imgTensor: Loggable; boxTensor: Loggable }>
  ): void {
    const given = imageWithBoxes.bind(args);
    const labels = typeof given.labels === 'string' ? [given.labels] : given.labels;
    const boxes = asLogged(given.boxTensor);
    if (labels !== null && boxes instanceof Tensor && labels.length === boxes.shape[0])
      throw new NotImplementedError('addImageWithBoxes: labels are not drawn here, for there are no fonts');
    this.#add(
      imageSummary(given.tag, given.imgTensor, {
        format: given.dataformats,
        boxes,
        rescale: given.rescale,
      }),
      given,
    );
  }

  /**
   * Adds what was drawn: a canvas or an image in the place of Matplotlib's figures, or a list of such of one size.
   *
   * @param close of Matplotlib's figures alone
   * @throws NotImplementedError for SVG, which TensorBoard does not show
   */
  addFigure(...args: Arguments<typeof figureSignature, { figure: Figure | readonly Figure[] }>): void {
    const given = figureSignature.bind(args);
    const figure = given.figure as Figure | readonly Figure[];
    const pictures = (Array.isArray(figure) ? (figure as readonly Figure[]) : [figure as Figure]).map(
      toPicture,
    );
    const format = Array.isArray(figure) ? 'NCHW' : 'CHW';
    const picture = Array.isArray(figure) ? ops.stack(pictures) : pictures[0];
    this.#add(imageSummary(given.tag, picture, { format }), given);
  }

  /** Refuses: a video needs an encoder, and there is none. @throws NotImplementedError */
  addVideo(...args: Arguments<typeof video, { vidTensor: Loggable }>): void {
    video.bind(args);
    throw new NotImplementedError(
      'addVideo needs an encoder of animated pictures, which this library has not; add single frames by addImages()',
    );
  }

  /**
   * Adds a sound.
   *
   * @param sndTensor samples from -1 to 1
   */
  addAudio(...args: Arguments<typeof audio, { sndTensor: Loggable }>): void {
    const given = audio.bind(args);
    this.#add(audioSummary(given.tag, logged(given.sndTensor), given.sampleRate, warn), given);
  }

  /** Adds a text, in Markdown. */
  addText(...args: Arguments<typeof textSignature>): void {
    const given = textSignature.bind(args);
    this.#add(textSummary(given.tag, given.textString), given);
  }

  /**
   * Adds the graph of a model, as `torch.fx` traces it in evaluation mode: layers are boxes.
   *
   * @param inputToModel what the model is called with: a tensor, or a list of arguments
   * @param verbose also prints the graph
   * @param useStrictTrace of TorchScript alone
   */
  addGraph(...args: Arguments<typeof graph, { model: Module; inputToModel: unknown }>): void {
    const { model, inputToModel, verbose } = graph.bind(args);
    checkModel(model);
    const inputs = Array.isArray(inputToModel) ? inputToModel : inputToModel === null ? [] : [inputToModel];
    const { graph: found, run } = graphMessages(model, inputs, verbose);
    const file = this.#file();
    file.add(message().bytes(4, found.encode()));
    file.add(message().set(8, message().string(1, 'step1').bytes(2, run.encode())));
  }

  /**
   * Adds points for the projector, in files beside that of events.
   *
   * @param mat the points [N, D]
   * @param metadata what is known of each: a label, or a list of values if there is a header
   * @param labelImg pictures of the points [N, C, H, W]
   * @param metadataHeader titles of those values
   */
  addEmbedding(
    ...args: Arguments<
      typeof embedding,
      { mat: Tensor | ArrayBufferView; metadata: readonly unknown[] | null }
    >
  ): void {
    const { mat, metadata, labelImg, globalStep, tag, metadataHeader } = embedding.bind(args);
    const points = asLogged(mat);
    const step = String(globalStep ?? 0).padStart(5, '0');
    const folder = `${step}/${encodedTag(tag)}`;
    if (!(points instanceof Tensor) || points.ndim !== 2)
      throw new AssertionError('mat should be 2D, where mat.size(0) is the number of data points');
    const count = points.shape[0];
    if (metadata !== null && metadata.length !== count)
      throw new AssertionError('#labels should equal with #data points');
    if (labelImg !== null && labelImg.shape[0] !== count)
      throw new AssertionError('#images should equal with #data points');
    if (this.#folder.exists(folder))
      warn('warning: Embedding dir exists, did you set global_step for add_embedding()?');
    const parts: [name: string, content: Eventually<string | Uint8Array>][] = [];
    if (metadata !== null)
      parts.push([`${folder}/metadata.tsv`, metadataText(metadata, metadataHeader as string[] | null)]);
    if (labelImg !== null) parts.push([`${folder}/sprite.png`, spriteFile(labelImg)]);
    parts.push([`${folder}/tensors.tsv`, pointsText(points)]);
    this.#embeddings.push({
      tensorName: `${tag}:${step}`,
      folder,
      hasMetadata: metadata !== null,
      picture: labelImg === null ? null : [labelImg.shape[3], labelImg.shape[2]],
    });
    parts.push(['projector_config.pbtxt', projectorConfig(this.#embeddings)]);
    for (const part of parts) this.#write(...part);
  }

  /** Writes a file after those before it. */
  #write(path: string, content: Eventually<string | Uint8Array>): void {
    const encode = async (): Promise<void> => {
      const whole = await content;
      const file = this.#folder.create(path);
      await file.write(typeof whole === 'string' ? new TextEncoder().encode(whole) : whole);
      await file.close?.();
    };
    this.#writing = this.#writing.then(encode).catch((error: unknown) => {
      this.#failure ??= error;
    });
  }

  /**
   * Adds the curve of precision by recall.
   *
   * @param labels 0 or 1
   * @param predictions how sure a model is of 1, from 0 to 1
   * @param weights how much each counts
   */
  addPrCurve(
    ...args: Arguments<typeof prCurve, { labels: Loggable; predictions: Loggable; weights: Loggable | null }>
  ): void {
    const given = prCurve.bind(args);
    this.#add(
      prCurveSummary(given.tag, given.labels, given.predictions, given.numThresholds, given.weights),
      given,
    );
  }

  /** Adds a curve of precision by recall whose numbers are known, each a tensor or a list of as many as there are thresholds. */
  addPrCurveRaw(...args: Arguments<typeof prCurveRaw>): void {
    const given = prCurveRaw.bind(args);
    const rows = [
      given.truePositiveCounts,
      given.falsePositiveCounts,
      given.trueNegativeCounts,
      given.falseNegativeCounts,
      given.precision,
      given.recall,
    ];
    this.#add(rawPrCurveSummary(given.tag, rows, given.numThresholds), given);
  }

  /** Says that curves share a chart. */
  addCustomScalarsMultilinechart(...args: Arguments<typeof multiline>): void {
    const { tags, category, title } = multiline.bind(args);
    this.#add(customScalarsSummary({ [category]: { [title]: ['Multiline', tags as string[]] } }), {});
  }

  /** Says that a curve is drawn with margins. @param tags its own, that below and that above */
  addCustomScalarsMarginchart(...args: Arguments<typeof margin>): void {
    const { tags, category, title } = margin.bind(args);
    if (tags.length !== 3) throw new AssertionError(`Expected 3 tags, got ${tags.length}.`);
    this.#add(customScalarsSummary({ [category]: { [title]: ['Margin', tags as string[]] } }), {});
  }

  /**
   * Says which curves share charts.
   *
   * @param layout charts by categories and titles: `{ Taiwan: { stocks: ['Multiline', ['twse/0050', 'twse/2330']] } }`
   */
  addCustomScalars(...args: Arguments<typeof customScalars, { layout: CustomScalarsLayout }>): void {
    // The layout is itself an object of objects, which may be given alone.
    const { layout } = customScalars.bind(args);
    this.#add(customScalarsSummary(layout as CustomScalarsLayout), {});
  }

  /**
   * Adds a body of points in space.
   *
   * @param vertices the points [B, N, 3]
   * @param colors their colours [B, N, 3]
   * @param faces triangles, as the numbers of their points [B, N, 3]
   * @param configDict settings of three.js
   */
  addMesh(...args: Arguments<typeof mesh>): void {
    const { tag, vertices, colors, faces, configDict, ...given } = mesh.bind(args);
    this.#add(meshSummary(tag, vertices, colors, faces, configDict), given);
  }

  /**
   * Adds the settings of a run and what came of them, as a run of its own.
   *
   * @param hparamDict settings: numbers, booleans, texts
   * @param metricDict results by their tags
   * @param hparamDomainDiscrete the values that settings may have; null stands for none where names follow
   * @param runName the name of that run; by default the time
   */
  addHparams(
    ...args: Arguments<
      typeof hparams,
      {
        hparamDict: Hparams;
        metricDict: Readonly<Record<string, Loggable>>;
        hparamDomainDiscrete: HparamDomain | null;
      }
    >
  ): void {
    const given = hparams.bind(args);
    checkDict(given.hparamDict, 'hparam_dict');
    checkDict(given.metricDict, 'metric_dict');
    const metrics = given.metricDict as Readonly<Record<string, Loggable>>;
    const settings = Object.entries(given.hparamDict as Hparams).map(([name, value]) => [
      name,
      valueOf(value),
    ]);
    const [experiment, start, end] = hparamsSummaries(
      Object.fromEntries(settings) as Record<string, Exclude<Hparam, Tensor>>,
      Object.keys(metrics),
      (given.hparamDomainDiscrete ?? {}) as HparamDomain,
    );
    const run = given.runName || formatNumber(Date.now() / 1000);
    for (const value of [experiment, start, end]) this.#add(value, given, run);
    for (const [tag, value] of Object.entries(metrics))
      this.#add(scalarSummary(tag, value, false, false), { globalStep: given.globalStep }, run);
  }

  /** Writes what has been added so far. */
  async flush(): Promise<void> {
    const files = [...(this.#files?.values() ?? [])];
    const settled = await Promise.allSettled([...files.map((file) => file.flush()), this.#writing]);
    this.#throwFirst(settled);
  }

  /** Writes everything and ends the files. What is added later goes to new ones. */
  async close(): Promise<void> {
    const files = [...(this.#files?.values() ?? [])];
    this.#files = null;
    const settled = await Promise.allSettled([...files.map((file) => file.close()), this.#writing]);
    this.#throwFirst(settled);
  }

  #throwFirst(settled: readonly PromiseSettledResult<void>[]): void {
    const failure = this.#failure ?? settled.find(({ status }) => status === 'rejected');
    this.#failure = undefined;
    if (failure === undefined) return;
    throw (failure as Partial<PromiseRejectedResult>).status === 'rejected'
      ? (failure as PromiseRejectedResult).reason
      : failure;
  }

  /** `close`, at the end of a block that begins with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

libraryClass(SummaryWriter, { shown: ['logDir'] });
takesNothing(SummaryWriter.prototype, ['getLogdir', 'flush', 'close']);

/** A setting whose value is there at once: PyTorch reads one of a tensor, too. */
function valueOf(value: Hparam): Exclude<Hparam, Tensor> {
  return value instanceof Tensor ? value.reshape([-1]).select(0, 0).item() : value;
}

/** The picture as a tensor, without alpha. */
function toPicture(figure: Figure): Tensor {
  if (typeof figure === 'string')
    throw new NotImplementedError(
      'addFigure: TensorBoard does not show SVG; draw it on a canvas, and give that',
    );
  const isImage = figure instanceof Image;
  if (!isImage && typeof (figure as Partial<CanvasLike> | null)?.getContext !== 'function')
    throw new TypeError(
      `addFigure(): argument 'figure' must be a canvas or an Image, not ${typeName(figure)}`,
    );
  const picture = (isImage ? figure : Image.fromCanvas(figure)).convert('RGB') as ByteImage;
  return ops.reshape(asTensorOf(picture.planes), [3, picture.height, picture.width]);
}

function asTensorOf(planes: Uint8Array): Tensor {
  return asLogged(planes.slice()) as Tensor;
}
