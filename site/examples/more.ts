//: einops.rearrange
const images = torch.arange(24).reshape(2, 3, 2, 2);
console.log(einops.rearrange(images, 'b c h w -> b (h w) c').shape);
einops.rearrange(images, 'b c (h p) w -> (b p) c h w', { p: 2 }).shape;
//= [2, 4, 3]
//= [4, 3, 1, 2]

//: einops.reduce
einops.reduce(torch.arange(8).float().reshape(2, 4), 'b (n k) -> b n', 'mean', { k: 2 });
//= tensor([[0.5000, 2.5000],
//=         [4.5000, 6.5000]])

//: einops.repeat
einops.repeat(torch.tensor([1, 2]), 'x -> x n', { n: 3 });
//= tensor([[1, 1, 1],
//=         [2, 2, 2]])

//: einops.einsum
einops.einsum(torch.ones(2, 3), torch.ones(3, 4), 'row k, k column -> row column').shape;
//= [2, 4]

//: einops.parseShape
einops.parseShape(torch.zeros(2, 3, 4), 'batch _ width');
//= {'batch': 2, 'width': 4}

//: einops.pack, einops.unpack
const [packed, shapes] = einops.pack([torch.ones(2, 3), torch.zeros(2)], 'batch *');
console.log(packed.shape, shapes);
einops.unpack(packed, shapes, 'batch *').map((part) => part.shape);
//= [2, 4] [[3], []]
//= [[2, 3], [2]]

//: einops.Rearrange, einops.Reduce
const net = new nn.Sequential(
  new einops.Rearrange('b c h w -> b h w c'),
  new einops.Reduce('b h w c -> b c', 'max'),
);
net.forward(torch.zeros(2, 3, 4, 4)).shape;
//= [2, 3]

//: einops.EinMix
new einops.EinMix('b t (h d) -> b h t e', { weightShape: 'h d e', h: 2, d: 3, e: 4 }).forward(
  torch.ones(1, 5, 6),
).shape;
//= [1, 2, 5, 4]

//: metrics.Metric, metrics.Accuracy
const accuracy = new metrics.Accuracy({ task: 'multiclass', numClasses: 3 });
accuracy.update(torch.tensor([0, 1, 2]), torch.tensor([0, 1, 1]));
accuracy.update(torch.tensor([2, 2]), torch.tensor([2, 2]));
accuracy.compute();
//= tensor(0.8000)

//: metrics.MeanMetric, metrics.SumMetric, metrics.MaxMetric, metrics.MinMetric by NAME
const metric = new metrics.NAME();
for (const loss of [3, 1, 2]) metric.update(loss);
metric.compute();

//: metrics.BinaryAccuracy, metrics.BinaryPrecision, metrics.BinaryRecall, metrics.BinaryF1Score, metrics.BinaryAUROC, metrics.BinaryConfusionMatrix by NAME
const metric = new metrics.NAME();
metric.update(torch.tensor([0.9, 0.2, 0.6, 0.4]), torch.tensor([1, 0, 0, 1]));
metric.compute();

//: metrics.MulticlassAccuracy, metrics.MulticlassPrecision, metrics.MulticlassRecall, metrics.MulticlassF1Score, metrics.MulticlassConfusionMatrix by NAME
const metric = new metrics.NAME({ numClasses: 3 });
metric.update(torch.tensor([0, 1, 2, 2]), torch.tensor([0, 1, 1, 2]));
metric.compute();

//: metrics.MulticlassAUROC
const metric = new metrics.MulticlassAUROC({ numClasses: 2 });
metric.update(
  torch.tensor([
    [0.9, 0.1],
    [0.4, 0.6],
    [0.7, 0.3],
  ]),
  torch.tensor([0, 1, 1]),
);
metric.compute();
//= tensor(1.)

//: metrics.MultilabelAccuracy, metrics.MultilabelPrecision, metrics.MultilabelRecall, metrics.MultilabelF1Score, metrics.MultilabelAUROC, metrics.MultilabelConfusionMatrix by NAME
const metric = new metrics.NAME({ numLabels: 2 });
metric.update(
  torch.tensor([
    [0.9, 0.1],
    [0.4, 0.6],
  ]),
  torch.tensor([
    [1, 0],
    [0, 1],
  ]),
);
metric.compute();

//: metrics.Precision, metrics.Recall, metrics.F1Score, metrics.AUROC, metrics.ConfusionMatrix by NAME
const metric = new metrics.NAME({ task: 'binary' });
metric.update(torch.tensor([0.9, 0.2, 0.6, 0.4]), torch.tensor([1, 0, 0, 1]));
metric.compute();

//: metrics.R2Score
const metric = new metrics.R2Score();
metric.update(torch.tensor([2.5, 0, 2]), torch.tensor([3, -0.5, 2]));
metric.compute();
//= tensor(0.9231)

//: metrics.MetricCollection
const all = new metrics.MetricCollection([new metrics.BinaryAccuracy(), new metrics.BinaryRecall()]);
all.update(torch.tensor([0.9, 0.2, 0.6]), torch.tensor([1, 0, 0]));
all.compute();
//= {'BinaryAccuracy': tensor(0.6667), 'BinaryRecall': tensor(1.)}

//: metrics.functional.accuracy, metrics.functional.precision, metrics.functional.recall, metrics.functional.f1Score, metrics.functional.auroc, metrics.functional.confusionMatrix by NAME
metrics.functional.NAME(torch.tensor([0.9, 0.2, 0.6, 0.4]), torch.tensor([1, 0, 0, 1]), { task: 'binary' });

//: metrics.functional.binaryAccuracy, metrics.functional.binaryPrecision, metrics.functional.binaryRecall, metrics.functional.binaryF1Score, metrics.functional.binaryAuroc, metrics.functional.binaryConfusionMatrix by NAME
metrics.functional.NAME(torch.tensor([0.9, 0.2, 0.6, 0.4]), torch.tensor([1, 0, 0, 1]));

//: metrics.functional.multiclassAccuracy, metrics.functional.multiclassPrecision, metrics.functional.multiclassRecall, metrics.functional.multiclassF1Score, metrics.functional.multiclassConfusionMatrix by NAME
metrics.functional.NAME(torch.tensor([0, 1, 2, 2]), torch.tensor([0, 1, 1, 2]), { numClasses: 3 });

//: metrics.functional.multiclassAuroc
const preds = torch.tensor([
  [0.9, 0.1],
  [0.4, 0.6],
  [0.7, 0.3],
]);
metrics.functional.multiclassAuroc(preds, torch.tensor([0, 1, 1]), { numClasses: 2 });
//= tensor(1.)

//: metrics.functional.multilabelAccuracy, metrics.functional.multilabelPrecision, metrics.functional.multilabelRecall, metrics.functional.multilabelF1Score, metrics.functional.multilabelAuroc, metrics.functional.multilabelConfusionMatrix by NAME
metrics.functional.NAME(
  torch.tensor([
    [0.9, 0.1],
    [0.4, 0.6],
  ]),
  torch.tensor([
    [1, 0],
    [0, 1],
  ]),
  { numLabels: 2 },
);

//: metrics.functional.r2Score
metrics.functional.r2Score(torch.tensor([2.5, 0, 2]), torch.tensor([3, -0.5, 2]));
//= tensor(0.9231)

//: trainer.LightningModule, trainer.Trainer
class Net extends trainer.LightningModule {
  layer = new nn.Linear(2, 1);
  trainingStep([x, y]) {
    return F.mseLoss(this.layer.forward(x), y);
  }
  configureOptimizers() {
    return new torch.optim.SGD(this.parameters(), { lr: 0.1 });
  }
}
const x = torch.rand(32, 2);
const data = new torch.utils.data.TensorDataset(x, x.sum(1, true));
const loader = new torch.utils.data.DataLoader(data, { batchSize: 8 });
const net = new Net();
await new trainer.Trainer({ maxEpochs: 20, enableProgressBar: false }).fit(net, loader);
F.mseLoss(net.layer.forward(x), x.sum(1, true)).lt(0.01);
//= tensor(True)

//: trainer.Callback
class Tells extends trainer.Callback {
  onTrainEnd() {
    console.log('done');
  }
}
class Net extends trainer.LightningModule {
  layer = new nn.Linear(2, 1);
  trainingStep(x) {
    return this.layer.forward(x).square().mean();
  }
  configureOptimizers() {
    return new torch.optim.SGD(this.parameters(), { lr: 0.1 });
  }
}
const settings = { maxEpochs: 1, enableProgressBar: false, callbacks: [new Tells()] };
await new trainer.Trainer(settings).fit(new Net(), [torch.ones(4, 2)]);

//: trainer.EarlyStopping
new trainer.EarlyStopping('val_loss', { patience: 3, mode: 'min' }).patience;
//= 3

//: trainer.ModelCheckpoint, trainer.CSVLogger, trainer.TensorBoardLogger
// All three write where they are told: to a folder on disk, or to one in memory.
class Net extends trainer.LightningModule {
  layer = new nn.Linear(2, 1);
  trainingStep(batch) {
    const loss = this.layer.forward(batch).square().mean();
    this.log('loss', loss);
    return loss;
  }
  configureOptimizers() {
    return new torch.optim.SGD(this.parameters(), { lr: 0.1 });
  }
}
const folder = new tensorboard.MemoryFolder();
const callbacks = [new trainer.ModelCheckpoint({ monitor: 'loss', dirpath: folder })];
const logger = [new trainer.CSVLogger(folder), new trainer.TensorBoardLogger(folder)];
const settings = { callbacks, logger, maxEpochs: 1, logEveryNSteps: 1, enableProgressBar: false };
await new trainer.Trainer(settings).fit(new Net(), [torch.ones(4, 2)]);
[...folder.files.keys()].map((name) => name.replace(/tfevents.*/, 'tfevents…')).sort();
//= ['epoch=0-step=1.ckpt', 'events.out.tfevents…', 'metrics.csv']

//: tensorboard.SummaryWriter, tensorboard.MemoryFolder
const folder = new tensorboard.MemoryFolder();
const writer = new tensorboard.SummaryWriter(folder);
for (let step = 0; step < 3; step++) writer.addScalar('loss', 1 / (step + 1), step);
await writer.close();
folder.files.size;
//= 1

//: torchinfo.summary
const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
String(torchinfo.summary(net, [1, 4], { verbose: 0 }));
//= ==========================================================================================
//= Layer (type:depth-idx)                   Output Shape              Param #
//= ==========================================================================================
//= Sequential                               [1, 2]                    --
//= ├─Linear: 1-1                            [1, 8]                    40
//= ├─ReLU: 1-2                              [1, 8]                    --
//= ├─Linear: 1-3                            [1, 2]                    18
//= ==========================================================================================
//= Total params: 58
//= Trainable params: 58
//= Non-trainable params: 0
//= Total mult-adds: 58
//= ==========================================================================================
//= Input size: 80
//= Forward/backward pass size: 80
//= Params size: 232
//= Estimated Total Size: 392
//= ==========================================================================================

//: charts.lineChart
charts.lineChart({ loss: [1, 0.5, 0.25, 0.2] }, { title: 'Training' }).slice(0, 4);
//= <svg

//: charts.smoothed
charts.smoothed([1, 0, 1, 0], 0.5).length;
//= 4

//: tables.readCsv, tables.TableDataset
const file = new TextEncoder().encode('x,label\n1.5,a\n2.5,b\n');
const table = await tables.readCsv(file);
console.log(table);
new tables.TableDataset(table).at(1);
//= {'x': tensor([1.5000, 2.5000], dtype=torch.float64), 'label': ['a', 'b']}
//= {'x': tensor(2.5000, dtype=torch.float64), 'label': 'b'}

//: tables.readJsonl
await tables.readJsonl(new TextEncoder().encode('{"x": 1}\n{"x": 2}\n'));
//= {'x': tensor([1, 2])}

//: tables.CSVStream, tables.TableStream
const file = new TextEncoder().encode('x,y\n1,2\n3,4\n5,6\n');
for await (const batch of new tables.CSVStream(file, { batchSize: 2 })) console.log(batch.x);
//= tensor([1, 3])
//= tensor([5])

//: tables.JSONLStream
const file = new TextEncoder().encode('{"x": 1}\n{"x": 2}\n');
for await (const row of new tables.JSONLStream(file)) console.log(row.x);
//= tensor(1)
//= tensor(2)

//: tables.readParquet, tables.ParquetStream, tables.ParquetDataset, tables.GroupedDataset
// `await tables.readParquet('iris.parquet')` gives columns; bytes that are no such file are refused.
try {
  await tables.readParquet(new Uint8Array(16));
} catch (error) {
  console.log(error instanceof Error);
}
//= True

//: tables.readArrow, tables.ArrowStream, tables.ArrowDataset, tables.useLibrary
// `await tables.readArrow('iris.feather')` gives columns; bytes that are no such file are refused.
try {
  await tables.readArrow(new Uint8Array(16));
} catch (error) {
  console.log(error instanceof Error);
}
//= True
