"""Records what torchmetrics 1.9 gives for the cases below.

python torchmetrics_cases.py > metrics.json.golden
"""

import json, sys, warnings, itertools
import torch

register = torch.library.register_fake
# torchvision, which torchmetrics imports, has its compiled operators missing here.
torch.library.register_fake = lambda name, *a, **k: (lambda f: f) if str(name).startswith("torchvision::") else register(name, *a, **k)
import torchmetrics as tm
import torchmetrics.functional as F

warnings.simplefilter("ignore")
torch.manual_seed(0)
r = lambda *s: (torch.rand(*s) * 64).floor() / 64  # exact in any precision
data = {
    "binary": [(r(9), torch.randint(0, 2, (9,))) for _ in range(3)],
    "binary2d": [(r(4, 3), torch.randint(0, 2, (4, 3))) for _ in range(2)],
    "logits": [(r(9) * 6 - 3, torch.randint(0, 2, (9,))) for _ in range(2)],
    "classes": [(torch.randint(0, 4, (11,)), torch.randint(0, 4, (11,))) for _ in range(3)],
    "scores": [(r(11, 4), torch.randint(0, 4, (11,))) for _ in range(3)],
    "scores3d": [(r(5, 4, 3), torch.randint(0, 4, (5, 3))) for _ in range(2)],
    "missing": [(torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1])), (torch.tensor([3, 0]), torch.tensor([0, 0]))],
    "labels": [(r(7, 3), torch.randint(0, 2, (7, 3))) for _ in range(3)],
    "labels3d": [(r(4, 3, 2), torch.randint(0, 2, (4, 3, 2))) for _ in range(2)],
    "numbers": [(r(8) * 5, r(8) * 5) for _ in range(3)],
    "outputs": [(r(8, 2) * 5, r(8, 2) * 5) for _ in range(2)],
}
cases = []
averages = ["micro", "macro", "weighted", "none", None]
for name in ["Accuracy", "Precision", "Recall", "F1Score"]:
    for given in [{}, {"threshold": 0.25}, {"ignore_index": 0}, {"zero_division": 1.0}]:
        cases.append(("Binary" + name, given, "binary"))
    cases.append(("Binary" + name, {}, "logits"))
    cases.append(("Binary" + name, {"multidim_average": "samplewise"}, "binary2d"))
    for average in averages:
        c = {"num_classes": 4, "average": average}
        cases += [("Multiclass" + name, c, "classes"), ("Multiclass" + name, c, "missing"),
                  ("Multiclass" + name, {**c, "ignore_index": 1}, "scores"),
                  ("Multiclass" + name, {**c, "top_k": 2}, "scores"),
                  ("Multiclass" + name, {**c, "multidim_average": "samplewise", "ignore_index": 2}, "scores3d"),
                  ("Multiclass" + name, {**c, "multidim_average": "samplewise", "ignore_index": -1}, "scores3d")]
        l = {"num_labels": 3, "average": average}
        cases += [("Multilabel" + name, l, "labels"), ("Multilabel" + name, {**l, "ignore_index": 0}, "labels"),
                  ("Multilabel" + name, {**l, "multidim_average": "samplewise"}, "labels3d")]
    cases.append((name, {"task": "multiclass", "num_classes": 4}, "scores"))
    cases.append((name, {"task": "binary"}, "binary"))
    cases.append((name, {"task": "multilabel", "num_labels": 3, "average": "macro"}, "labels"))
for normalize in [None, "true", "pred", "all"]:
    cases += [("BinaryConfusionMatrix", {"normalize": normalize}, "binary"),
              ("MulticlassConfusionMatrix", {"num_classes": 4, "normalize": normalize, "ignore_index": 1}, "scores"),
              ("MulticlassConfusionMatrix", {"num_classes": 4, "normalize": normalize}, "missing"),
              ("MultilabelConfusionMatrix", {"num_labels": 3, "normalize": normalize, "ignore_index": 0}, "labels3d")]
cases.append(("ConfusionMatrix", {"task": "multiclass", "num_classes": 4}, "classes"))
for thresholds in [None, 5, [0.1, 0.5, 0.9]]:
    t = {"thresholds": thresholds}
    cases += [("BinaryAUROC", t, "binary"), ("BinaryAUROC", {**t, "max_fpr": 0.5}, "binary"), ("BinaryAUROC", t, "logits")]
    for average in ["macro", "weighted", "none"]:
        cases += [("MulticlassAUROC", {**t, "num_classes": 4, "average": average}, "scores"),
                  ("MulticlassAUROC", {**t, "num_classes": 4, "average": average, "ignore_index": 0}, "scores3d"),
                  ("MultilabelAUROC", {**t, "num_labels": 3, "average": average}, "labels")]
    cases += [("MultilabelAUROC", {**t, "num_labels": 3, "average": "micro"}, "labels"),
              ("MultilabelAUROC", {**t, "num_labels": 3, "ignore_index": 1}, "labels3d")]
cases.append(("AUROC", {"task": "multiclass", "num_classes": 4}, "scores"))
cases += [("MeanSquaredError", {}, "numbers"), ("MeanSquaredError", {"squared": False}, "numbers"),
          ("MeanSquaredError", {"num_outputs": 2}, "outputs"), ("MeanAbsoluteError", {}, "numbers"),
          ("MeanAbsoluteError", {"num_outputs": 2}, "outputs"), ("R2Score", {}, "numbers"), ("R2Score", {"adjusted": 2}, "numbers")]
for m in ["raw_values", "uniform_average", "variance_weighted"]:
    cases.append(("R2Score", {"multioutput": m}, "outputs"))

classes = {**vars(tm), **vars(tm.classification)}


def value(x):
    x = x.detach()
    return {"shape": list(x.shape), "values": [round(v, 6) if v == v else None for v in x.double().flatten().tolist()]}


def functional(name, given, batch):
    snake = "".join("_" + c.lower() if c.isupper() and i and not name[i - 1].isupper() else c.lower() for i, c in enumerate(name))
    snake = snake.replace("f1_score", "f1_score").replace("f1score", "f1_score")
    f = getattr(F.classification, snake, None) or getattr(F, snake)
    if "zero_division" in given and "accuracy" in snake:
        return None
    return value(f(*batch, **given))


records = []
for name, given, key in cases:
    metric = classes[name](**given)
    batches = [value(metric(*b)) for b in data[key]]
    whole = value(metric.compute())
    records.append({"name": name, "given": given, "data": key, "batches": batches, "whole": whole, "functional": functional(name, given, data[key][0])})

p = torch.tensor
wrong = [
    ("BinaryAccuracy", {"threshold": 1.5}, None),
    ("BinaryAccuracy", {"multidim_average": "x"}, None),
    ("BinaryAccuracy", {}, (p([0, 1]), p([0, 2]))),
    ("BinaryAccuracy", {}, (p([0, 2]), p([0, 1]))),
    ("BinaryAccuracy", {}, (p([0, 1, 1]), p([0, 1]))),
    ("BinaryAccuracy", {"multidim_average": "samplewise"}, (p([0, 1]), p([0, 1]))),
    ("MulticlassAccuracy", {"num_classes": 1}, None),
    ("MulticlassAccuracy", {"num_classes": 3, "top_k": 4}, None),
    ("MulticlassAccuracy", {"num_classes": 3, "average": "best"}, None),
    ("MulticlassAccuracy", {}, None),
    ("MulticlassAccuracy", {"num_classes": 3}, (torch.ones(2, 4), p([0, 1]))),
    ("MulticlassAccuracy", {"num_classes": 3}, (torch.ones(2, 3, 2), p([0, 1]))),
    ("MulticlassAccuracy", {"num_classes": 3}, (p([[0, 1]]), p([0]))),
    ("MulticlassAccuracy", {"num_classes": 3}, (p([0, 1]), p([0, 1, 1]))),
    ("MulticlassAccuracy", {"num_classes": 2}, (p([0, 1, 2]), p([0, 1, 2]))),
    ("MultilabelAccuracy", {"num_labels": 3}, (torch.ones(2, 2), p([[0, 1], [1, 0]]))),
    ("MultilabelAccuracy", {"num_labels": 3, "multidim_average": "samplewise"}, (torch.ones(2, 3), torch.ones(2, 3).long())),
    ("Accuracy", {"task": "regression"}, None),
    ("Accuracy", {"task": "multiclass"}, None),
    ("F1Score", {"task": "binary", "zero_division": 0.5}, None),
    ("BinaryConfusionMatrix", {"normalize": "rows"}, None),
    ("MulticlassConfusionMatrix", {"num_classes": 2}, (p([0, 1, 2]), p([0, 1, 2]))),
    ("BinaryAUROC", {"thresholds": 1}, None),
    ("BinaryAUROC", {"thresholds": [0.5, 1.5]}, None),
    ("MulticlassAUROC", {"num_classes": 3, "average": "micro"}, None),
    ("MeanSquaredError", {"num_outputs": 0}, None),
    ("MeanSquaredError", {}, (torch.ones(2), torch.ones(3))),
    ("R2Score", {"adjusted": -1}, None),
    ("R2Score", {"multioutput": "x"}, None),
    ("R2Score", {}, (torch.ones(1), torch.ones(1))),
    ("R2Score", {}, (torch.ones(2, 2, 2), torch.ones(2, 2, 2))),
    ("MeanMetric", {"nan_strategy": "drop"}, None),
    ("MeanMetric", {"nan_strategy": "error"}, (p([1.0, float("nan")]),)),
]
errors = []
for name, given, batch in wrong:
    try:
        metric = classes[name](**given)
        if batch:
            metric(*batch)
        raise SystemExit(f"{name} takes {given} and {batch}")
    except Exception as error:
        tensors = [[value(x), str(x.dtype)[6:]] for x in batch] if batch else None
        errors.append({"name": name, "given": given, "batch": tensors, "error": [type(error).__name__, str(error)]})

aggregates = []
for name in ["MeanMetric", "SumMetric", "MaxMetric", "MinMetric"]:
    for given, batches in [({}, [(2.5,), (p([1.0, 4.0]),)]), ({"nan_strategy": "ignore"}, [(p([1.0, float("nan")]),), (3.0,)]),
                           ({"nan_strategy": 7.5}, [(p([1.0, float("nan")]),)])]:
        m = classes[name](**given)
        aggregates.append({"name": name, "batches": [value(m(*b)) for b in batches], "whole": value(m.compute())})
m = classes["MeanMetric"]()
m.update(p([1.0, 3.0]), p([1.0, 3.0])); m.update(5.0, 0.5)
aggregates.append({"name": "weighted", "batches": [], "whole": value(m.compute())})

out = {"data": {k: [[[value(x), str(x.dtype)[6:]] for x in pair] for pair in v] for k, v in data.items()},
       "cases": records, "errors": errors, "aggregates": aggregates}
json.dump(out, sys.stdout, separators=(",", ":"))
