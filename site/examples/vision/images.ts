//: vision.Image
const image = torchvision.transforms.functional.toPilImage(torch.arange(12).reshape(3, 2, 2).byte());
console.log(image.mode, image.size);
image.convert('L').getpixel([0, 0]);
//= RGB [2, 2]
//= 3

//: vision.io.encodePng, vision.io.decodePng, vision.io.decodeImage
const bytes = torchvision.io.encodePng(torch.arange(12).reshape(3, 2, 2).byte());
console.log((await torchvision.io.decodePng(await bytes)).shape);
(await torchvision.io.decodeImage(await bytes)).equal(torch.arange(12).reshape(3, 2, 2).byte());
//= [3, 2, 2]
//= True

//: vision.io.encodeJpeg, vision.io.decodeJpeg
// Node has this format from the package `sharp`, browsers of themselves.
const bytes = await torchvision.io.encodeJpeg(torch.full([3, 8, 8], 200).byte());
(await torchvision.io.decodeJpeg(bytes)).shape;
//= [3, 8, 8]

//: vision.io.decodeGif
const file = atob('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7');
const bytes = torch.tensor(Uint8Array.from(file, (letter) => letter.charCodeAt(0)));
(await torchvision.io.decodeGif(bytes)).flatten();
//= tensor([0, 0, 0], dtype=torch.uint8)

//: vision.io.decodeWebp
const file = atob('UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=');
const bytes = torch.tensor(Uint8Array.from(file, (letter) => letter.charCodeAt(0)));
(await torchvision.io.decodeWebp(bytes)).flatten();
//= tensor([255, 255, 255], dtype=torch.uint8)

//: vision.io.readImage, vision.io.readFile by NAME
// Paths, URLs, Blobs and bytes are read alike; what is not there is an error.
try {
  await torchvision.io.NAME('no such file.png');
} catch (error) {
  console.log(error instanceof Error);
}

//: vision.io.writePng, vision.io.writeJpeg by NAME
// Writes to a path, in Node: `await torchvision.io.NAME(picture, 'picture.png')`. What is no picture is refused before that.
try {
  await torchvision.io.NAME(torch.rand(3, 4, 4), 'picture');
} catch (error) {
  console.log(error.message);
}

//: vision.io.writeFile
// Writes to a path, in Node: `await torchvision.io.writeFile('picture.png', bytes)`. What are no bytes is refused before that.
try {
  await torchvision.io.writeFile('picture.png', torch.rand(5));
} catch (error) {
  console.log(error.message);
}
//= Input tensor dtype should be uint8

//: vision.utils.makeGrid
torchvision.utils.makeGrid(torch.rand(6, 3, 4, 4), { nrow: 3 }).shape;
//= [3, 14, 20]

//: vision.utils.saveImage
// Writes a picture of a tensor, or a grid of several, in Node: `await torchvision.utils.saveImage(images, 'grid.png')`.
try {
  await torchvision.utils.saveImage(torch.rand(6, 3, 4, 4), 'grid.txt');
} catch (error) {
  console.log(error.message);
}
//= unknown file extension: .txt

//: vision.utils.drawBoundingBoxes
const image = torch.zeros(3, 10, 10).byte();
torchvision.utils
  .drawBoundingBoxes(image, torch.tensor([[1, 1, 8, 8]]), { colors: 'red' })
  .index(0)
  .gt(0)
  .sum();
//= tensor(28)

//: vision.utils.drawSegmentationMasks
const mask = torch.eye(4).bool();
torchvision.utils
  .drawSegmentationMasks(torch.zeros(3, 4, 4).byte(), mask, { colors: 'red', alpha: 1 })
  .index(0);
//= tensor([[255,   0,   0,   0],
//=         [  0, 255,   0,   0],
//=         [  0,   0, 255,   0],
//=         [  0,   0,   0, 255]], dtype=torch.uint8)

//: vision.utils.drawKeypoints
torchvision.utils
  .drawKeypoints(torch.zeros(3, 9, 9).byte(), torch.tensor([[[4, 4]]]), { radius: 1 })
  .gt(0)
  .any();
//= tensor(False)

//: vision.utils.flowToImage
torchvision.utils.flowToImage(torch.rand(2, 4, 4)).shape;
//= [3, 4, 4]
