"""Records what torch.utils.tensorboard (PyTorch 2.13) writes for the calls below.

python tensorboard_events.py > tensorboard.json.golden
"""

import base64, glob, json, os, sys, tempfile
import numpy as np
import torch
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from torch.utils.tensorboard import SummaryWriter

x = torch.arange(-40, 60).float() / 8
labels = torch.tensor([1, 0, 1, 1, 0, 0, 1, 0])
predictions = torch.tensor([0.9, 0.1, 0.8, 0.35, 0.4, 0.6, 0.7, 0.05])
points = torch.arange(6).float().reshape(3, 2) / 10
square = torch.arange(48).float().reshape(3, 4, 4) / 40
boxes = torch.tensor([[1, 1, 4, 4], [2, 5, 7, 9]])
big = torch.zeros(3, 12, 10)

# Each call is Python; the test has the same in TypeScript, by its name.
calls = {
    "scalar": lambda w: w.add_scalar("a/b", 0.5, 3, 1.25),
    "scalar of 0": lambda w: w.add_scalar("zero", 0, 0, 1.25),
    "scalar of a tensor": lambda w: w.add_scalar("t", torch.tensor([[2.5]]), 1, 2.0),
    "scalar as a tensor": lambda w: w.add_scalar("n", 0.1, 3, 1.25, new_style=True),
    "scalar as a double": lambda w: w.add_scalar("d", 0.1, 3, 1.25, new_style=True, double_precision=True),
    "negative step": lambda w: w.add_scalar("s", 1.0, -2, 1.25),
    "histogram": lambda w: w.add_histogram("h", x, 2, walltime=1.0),
    "histogram of ints": lambda w: w.add_histogram("h", torch.arange(10), 2, walltime=1.0),
    "histogram of 7 ranges": lambda w: w.add_histogram("h", x, 2, bins=7, walltime=1.0),
    "histogram by edges": lambda w: w.add_histogram("h", x, 2, bins=[-1.0, 0.0, 0.5, 4.0], walltime=1.0),
    "histogram of nothing in its range": lambda w: w.add_histogram("h", x, 2, bins=[100.0, 101.0], walltime=1.0),
    "histogram joined": lambda w: w.add_histogram("h", x, 2, max_bins=50, walltime=1.0),
    **{
        f"histogram by {rule}": (lambda rule: lambda w: w.add_histogram("h", x * x * 0.125, 2, bins=rule, walltime=1.0))(rule)
        for rule in ["auto", "fd", "doane", "scott", "stone", "rice", "sturges", "sqrt"]
    },
    "histogram raw": lambda w: w.add_histogram_raw("r", 0, 2, 3, 4.5, 5.5, [1.0, 2.0], [1, 2], 4, 1.0),
    "text": lambda w: w.add_text("t", "**ünder** _way_", 1, 1.0),
    "tensor": lambda w: w.add_tensor("t", torch.arange(6).reshape(2, 3), 1, 1.0),
    **{
        f"tensor of {str(dtype)[6:]}": (lambda dtype: lambda w: w.add_tensor("t", torch.tensor([0, 1, 2]).to(dtype), 1, 1.0))(dtype)
        for dtype in [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int8, torch.uint8,
                      torch.int16, torch.int32, torch.bool, torch.complex64, torch.complex128]
    },
    "tensor of negative ints": lambda w: w.add_tensor("t", torch.tensor([-3, 2**40]), 1, 1.0),
    "audio": lambda w: w.add_audio("a", torch.tensor([[0.0, 0.5, -0.25, 1.0]]), 1, 8000, 1.0),
    "pr curve": lambda w: w.add_pr_curve("p", labels, predictions, 1, 11, walltime=1.0),
    "pr curve with weights": lambda w: w.add_pr_curve("p", labels, predictions, 1, 200, weights=np.array([1, 2, 1, 0.5, 1, 1, 3, 1]), walltime=1.0),
    "pr curve raw": lambda w: w.add_pr_curve_raw("p", [3, 1], [2, 0], [0, 2], [0, 2], [0.5, 1], [1, 0.25], 1, 2, walltime=1.0),
    "mesh": lambda w: w.add_mesh("m", torch.zeros(1, 2, 3), colors=torch.ones(1, 2, 3), faces=torch.tensor([[[0, 1, 0]]]), config_dict={"lights": [{"b": 1, "a": "x"}]}, global_step=1, walltime=1.0),
    "mesh of points": lambda w: w.add_mesh("m", torch.ones(1, 2, 3) / 4, global_step=1, walltime=1.0),
    "scalars": lambda w: w.add_scalars("run/14", {"x": 1.5, "y": 2}, 5, 1.0),
    "step that purges": None,
}
untimed = {
    "multiline": lambda w: w.add_custom_scalars_multilinechart(["a", "b"], "c", "t"),
    "margin": lambda w: w.add_custom_scalars_marginchart(["a", "b", "c"]),
    "custom scalars": lambda w: w.add_custom_scalars({"T": {"s": ["Multiline", ["a", "b"]]}, "U": {"d": ["Margin", ["x", "y", "z"]], "e": ["Multiline", ["q"]]}}),
    "hparams": lambda w: w.add_hparams({"lr": 0.25}, {"acc": 0.5, "loss": 2}, {"lr": [0.25, 0.5]}, run_name="r1"),
    "hparams of text": lambda w: w.add_hparams({"opt": "sgd", "none": None}, {"acc": 0.5}, {"opt": ["sgd", "adam"]}, run_name="r2", global_step=3),
    "hparams of bool": lambda w: w.add_hparams({"flag": True}, {}, run_name="r3"),
}
pictures = {
    "CHW": lambda w: w.add_image("i", square, 1, 1.0),
    "HWC of bytes": lambda w: w.add_image("i", (square * 40).to(torch.uint8).permute(1, 2, 0), 1, 1.0, dataformats="HWC"),
    "HW": lambda w: w.add_image("i", square[0], 1, 1.0, dataformats="HW"),
    "1HW": lambda w: w.add_image("i", square[:1], 1, 1.0),
    "NCHW": lambda w: w.add_images("i", torch.stack([square * (i % 4) / 3 for i in range(10)]), 1, 1.0),
    "NHWC of one channel": lambda w: w.add_images("i", square.reshape(3, 4, 4, 1), 1, 1.0, dataformats="NHWC"),
    "boxes": lambda w: w.add_image_with_boxes("i", big, boxes, 1, 1.0),
    "boxes, rescaled": lambda w: w.add_image_with_boxes("i", big + 0.5, boxes, 1, 1.0, rescale=2),
}
refused = {
    "scalar of two": lambda w: w.add_scalar("a", torch.ones(2)),
    "scalar of a list": lambda w: w.add_scalar("a", [1]),
    "empty histogram": lambda w: w.add_histogram("h", torch.ones(0)),
    "unknown rule": lambda w: w.add_histogram("h", x, bins="best"),
    "falling edges": lambda w: w.add_histogram("h", x, bins=[1.0, 0.0]),
    "no value between edges": lambda w: w.add_histogram("h", x, bins=[100.0, 101.0, 102.0]),
    "raw histogram of other lengths": lambda w: w.add_histogram_raw("r", 0, 2, 3, 4.5, 5.5, [1.0], [1, 2]),
    "format of twice the same": lambda w: w.add_image("i", square, dataformats="HHW"),
    "format of other length": lambda w: w.add_image("i", square, dataformats="HW"),
    "two channels in rows": lambda w: w.add_images("i", torch.ones(2, 2, 4, 4)),
    "margin of two": lambda w: w.add_custom_scalars_marginchart(["a", "b"]),
    "mesh of two dimensions": lambda w: w.add_mesh("m", torch.ones(2, 3)),
    "sound of two dimensions": lambda w: w.add_audio("a", torch.ones(2, 2)),
    "hparam of a list": lambda w: w.add_hparams({"a": [1]}, {}, run_name="e1"),
    "domain of another type": lambda w: w.add_hparams({"a": 1.5}, {}, {"a": ["x"]}, run_name="e2"),
    "labels of another number": lambda w: w.add_embedding(points, metadata=["a"]),
    "points of one dimension": lambda w: w.add_embedding(points[0]),
}


def events(folder):
    found = {}
    for path in sorted(glob.glob(folder + "/**/events*", recursive=True)):
        name = os.path.dirname(os.path.relpath(path, folder))
        found.setdefault(name, []).extend(bytes(e) for e in RawEventFileLoader(path).Load())
    return found


def record(call, timed=True, **kwargs):
    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder, **kwargs) as writer:
            if call:
                call(writer)
        found = events(folder)
        runs = {}
        for name, list in found.items():
            kept = []
            for i, raw in enumerate(list):
                event = Event.FromString(raw)
                if i == 0 or not timed:
                    event.wall_time = 0
                kept.append(base64.b64encode(event.SerializeToString() if i == 0 or not timed else raw).decode())
            runs[name] = kept[1:] if not kwargs else kept
        return runs


def picture(call):
    from PIL import Image
    import io

    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder) as writer:
            call(writer)
        event = Event.FromString(events(folder)[""][1])
        image = event.summary.value[0].image
        pixels = np.asarray(Image.open(io.BytesIO(image.encoded_image_string)))
        return {"height": image.height, "width": image.width, "colorspace": image.colorspace, "shape": pixels.shape,
                "pixels": base64.b64encode(pixels.tobytes()).decode()}


def refusal(call):
    with tempfile.TemporaryDirectory() as folder, SummaryWriter(folder) as writer:
        try:
            call(writer)
        except Exception as error:
            return [type(error).__name__, str(error)]
    return None


def projector():
    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder) as w:
            w.add_embedding(points, metadata=["a", "b", "c"])
            w.add_embedding(torch.tensor([[1, 2], [3, 4]]), metadata=[["a", 1], ["b", 2.5]], metadata_header=["n", "v"], global_step=12, tag="x/y%")
            w.add_embedding(points, label_img=torch.stack([square, square / 2, square / 3]), tag="s")
        names = [os.path.relpath(p, folder) for p in glob.glob(folder + "/**/*", recursive=True)]
        files = {n: open(os.path.join(folder, n), "rb").read() for n in names if n.endswith((".tsv", ".pbtxt"))}
        return {n: files[n].decode() for n in sorted(files)}


purge = calls.pop("step that purges", None)
json.dump(
    {
        "timed": {name: record(call) for name, call in calls.items()},
        "purge": record(purge, False, purge_step=7, filename_suffix=".x"),
        "untimed": {name: record(call, False) for name, call in untimed.items()},
        "pictures": {name: picture(call) for name, call in pictures.items()},
        "refused": {name: refusal(call) for name, call in refused.items()},
        "projector": projector(),
    },
    sys.stdout, separators=(",", ":"),
)
