//: vision.models.mobilenetV3Large, vision.models.mobilenetV3Small, vision.models.alexnet, vision.models.convnextTiny, vision.models.convnextSmall, vision.models.convnextBase, vision.models.convnextLarge, vision.models.densenet121, vision.models.densenet161, vision.models.densenet169, vision.models.densenet201, vision.models.efficientnetB0, vision.models.efficientnetB1, vision.models.efficientnetB2, vision.models.efficientnetB3, vision.models.efficientnetB4, vision.models.efficientnetB5, vision.models.efficientnetB6, vision.models.efficientnetB7, vision.models.efficientnetV2S, vision.models.efficientnetV2M, vision.models.efficientnetV2L, vision.models.googlenet, vision.models.inceptionV3, vision.models.maxvitT, vision.models.mnasnet0_5, vision.models.mnasnet0_75, vision.models.mnasnet1_0, vision.models.mnasnet1_3, vision.models.mobilenetV2, vision.models.regnetY400mf, vision.models.regnetY800mf, vision.models.regnetY1_6gf, vision.models.regnetY3_2gf, vision.models.regnetY8gf, vision.models.regnetY16gf, vision.models.regnetY32gf, vision.models.regnetY128gf, vision.models.regnetX400mf, vision.models.regnetX800mf, vision.models.regnetX1_6gf, vision.models.regnetX3_2gf, vision.models.regnetX8gf, vision.models.regnetX16gf, vision.models.regnetX32gf, vision.models.resnet18, vision.models.resnet34, vision.models.resnet50, vision.models.resnet101, vision.models.resnet152, vision.models.resnext50_32x4d, vision.models.resnext101_32x8d, vision.models.resnext101_64x4d, vision.models.wideResnet50_2, vision.models.wideResnet101_2, vision.models.shufflenetV2X0_5, vision.models.shufflenetV2X1_0, vision.models.shufflenetV2X1_5, vision.models.shufflenetV2X2_0, vision.models.squeezenet1_0, vision.models.squeezenet1_1, vision.models.swinT, vision.models.swinS, vision.models.swinB, vision.models.swinV2T, vision.models.swinV2S, vision.models.swinV2B, vision.models.vgg11, vision.models.vgg11Bn, vision.models.vgg13, vision.models.vgg13Bn, vision.models.vgg16, vision.models.vgg16Bn, vision.models.vgg19, vision.models.vgg19Bn, vision.models.vitB16, vision.models.vitB32, vision.models.vitL16, vision.models.vitL32, vision.models.vitH14 by NAME
// On the device `meta` there are shapes and no values. With `await` and `{ weights: 'DEFAULT' }` it comes trained.
torch.setDefaultDevice('meta');
const net = torchvision.models.NAME();
torch.setDefaultDevice('cpu');
let count = 0;
for (const p of net.parameters()) count += p.numel();
`${(count / 1e6).toFixed(1)} million parameters`;

//: vision.models.detection.fasterrcnnMobilenetV3Large320Fpn, vision.models.detection.fasterrcnnMobilenetV3LargeFpn, vision.models.detection.fasterrcnnResnet50Fpn, vision.models.detection.fasterrcnnResnet50FpnV2, vision.models.detection.fcosResnet50Fpn, vision.models.detection.keypointrcnnResnet50Fpn, vision.models.detection.maskrcnnResnet50Fpn, vision.models.detection.maskrcnnResnet50FpnV2, vision.models.detection.retinanetResnet50Fpn, vision.models.detection.retinanetResnet50FpnV2, vision.models.detection.ssd300Vgg16, vision.models.detection.ssdlite320MobilenetV3Large by NAME
torch.setDefaultDevice('meta');
const net = torchvision.models.detection.NAME({ weights: null, weightsBackbone: null });
torch.setDefaultDevice('cpu');
let count = 0;
for (const p of net.parameters()) count += p.numel();
`${(count / 1e6).toFixed(1)} million parameters`;

//: vision.models.segmentation.deeplabv3MobilenetV3Large, vision.models.segmentation.deeplabv3Resnet50, vision.models.segmentation.deeplabv3Resnet101, vision.models.segmentation.fcnResnet50, vision.models.segmentation.fcnResnet101, vision.models.segmentation.lrasppMobilenetV3Large by NAME
torch.setDefaultDevice('meta');
const net = torchvision.models.segmentation.NAME({ weights: null, weightsBackbone: null });
torch.setDefaultDevice('cpu');
let count = 0;
for (const p of net.parameters()) count += p.numel();
`${(count / 1e6).toFixed(1)} million parameters`;

//: vision.models.createFeatureExtractor, vision.models.getGraphNodeNames
torch.setDefaultDevice('meta');
const net = torchvision.models.resnet18();
const features = torchvision.models.createFeatureExtractor(net, {
  returnNodes: { layer1: 'near', layer4: 'far' },
});
const { near, far } = features.forward(torch.zeros(1, 3, 224, 224));
console.log(near.shape, far.shape);
torch.setDefaultDevice('cpu');
torchvision.models.getGraphNodeNames(net)[1].length;
//= [1, 64, 56, 56] [1, 512, 7, 7]
//= 70

//: vision.models.IntermediateLayerGetter
const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
new torchvision.models.IntermediateLayerGetter(net, { 0: 'hidden' }).forward(torch.ones(1, 2)).hidden.shape;
//= [1, 3]

//: vision.models.getModel, vision.models.getModelBuilder, vision.models.listModels
const { getModel, getModelBuilder, listModels } = torchvision.models;
console.log(listModels({ include: 'resnet*' }));
console.log(getModelBuilder('resnet18') === torchvision.models.resnet18);
torch.setDefaultDevice('meta');
const net = getModel('squeezenet1_1');
torch.setDefaultDevice('cpu');
net.constructor.name;
//= ['resnet101', 'resnet152', 'resnet18', 'resnet34', 'resnet50']
//= True
//= SqueezeNet

//: vision.models.getWeight, vision.models.WeightsEnum
const weights = torchvision.models.getWeight('ResNet18_Weights.IMAGENET1K_V1');
console.log(weights.meta.categories[0]);
weights.transforms();
//= tench
//= ImageClassification(
//=     crop_size=[224]
//=     resize_size=[256]
//=     mean=[0.485, 0.456, 0.406]
//=     std=[0.229, 0.224, 0.225]
//=     interpolation=InterpolationMode.BILINEAR
//= )

//: vision.models.ResNet, vision.models.BasicBlock, vision.models.Bottleneck
const { BasicBlock, ResNet } = torchvision.models;
const net = new ResNet(BasicBlock, [1, 1, 1, 1], { numClasses: 10 });
net.eval().forward(torch.zeros(1, 3, 32, 32)).shape;
//= [1, 10]

//: vision.models.AlexNet, vision.models.SqueezeNet, vision.models.MobileNetV2, vision.models.MNASNet, vision.models.DenseNet, vision.models.GoogLeNet, vision.models.Inception3, vision.models.VGG, vision.models.ShuffleNetV2, vision.models.VisionTransformer, vision.models.SwinTransformer, vision.models.MaxVit, vision.models.ConvNeXt, vision.models.CNBlockConfig, vision.models.EfficientNet, vision.models.MBConvConfig, vision.models.FusedMBConvConfig, vision.models.RegNet, vision.models.BlockParams, vision.models.MobileNetV3, vision.models.InvertedResidualConfig
// Classes of the models; their builders (`torchvision.models.alexnet()`) know the sizes of each variant.
torch.setDefaultDevice('meta');
const net = new torchvision.models.AlexNet({ numClasses: 10 });
torch.setDefaultDevice('cpu');
net.forward(torch.zeros(1, 3, 224, 224, { device: 'meta' })).shape;
//= [1, 10]

//: vision.models.interpolateEmbeddings
torch.setDefaultDevice('meta');
const state = torchvision.models.vitB16().stateDict();
const larger = torchvision.models.interpolateEmbeddings(384, 16, state);
torch.setDefaultDevice('cpu');
larger['encoder.pos_embedding'].shape;
//= [1, 577, 768]

//: vision.models.detection.AnchorGenerator, vision.models.detection.DefaultBoxGenerator, vision.models.detection.FasterRCNN, vision.models.detection.FastRCNNConvFCHead, vision.models.detection.TwoMLPHead, vision.models.detection.FCOS, vision.models.detection.KeypointRCNN, vision.models.detection.KeypointRCNNHeads, vision.models.detection.KeypointRCNNPredictor, vision.models.detection.MaskRCNN, vision.models.detection.MaskRCNNHeads, vision.models.detection.MaskRCNNPredictor, vision.models.detection.BackboneWithFPN, vision.models.detection.RPNHead, vision.models.detection.RetinaNet, vision.models.detection.SSD
// Parts of detectors. A detector for other classes takes a new head:
const { FastRCNNPredictor, TwoMLPHead } = torchvision.models.detection;
const head = new nn.Sequential(new TwoMLPHead(64, 32), new FastRCNNPredictor(32, 3));
const { scores, boxDeltas } = Object.fromEntries(
  ['scores', 'boxDeltas'].map((name, i) => [name, head.forward(torch.ones(5, 64, 1, 1))[i]]),
);
[scores.shape, boxDeltas.shape];
//= [[5, 3], [5, 12]]

//: vision.models.detection.FastRCNNPredictor
const [scores, boxes] = new torchvision.models.detection.FastRCNNPredictor(32, 3).forward(torch.ones(5, 32));
[scores.shape, boxes.shape];
//= [[5, 3], [5, 12]]

//: vision.models.segmentation.DeepLabV3, vision.models.segmentation.FCN, vision.models.segmentation.LRASPP
torch.setDefaultDevice('meta');
const net = torchvision.models.segmentation.fcnResnet50({
  weights: null,
  weightsBackbone: null,
  numClasses: 21,
});
const { out } = net.eval().forward(torch.zeros(1, 3, 64, 64));
torch.setDefaultDevice('cpu');
out.shape;
//= [1, 21, 64, 64]
