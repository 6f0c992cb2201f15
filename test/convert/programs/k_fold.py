"""Cross-validation: ridge regression with several penalties, each tried on five folds."""
import torch
from torch.utils.data import TensorDataset, DataLoader, Subset

torch.manual_seed(0)
n, d, folds = 50, 6, 5
X = torch.randn(n, d)
true_w = torch.tensor([1.5, -2.0, 0.0, 0.0, 3.0, 0.5])
y = X @ true_w + 0.5 * torch.randn(n)
dataset = TensorDataset(X, y)


def k_fold_indices(n_samples, k):
    order = torch.randperm(n_samples).tolist()
    size = n_samples // k
    for i in range(k):
        held = order[i * size:(i + 1) * size]
        rest = order[:i * size] + order[(i + 1) * size:]
        yield rest, held


def fit_ridge(features, targets, penalty):
    gram = features.T @ features + penalty * torch.eye(features.shape[1])
    return torch.linalg.solve(gram, features.T @ targets)


results = {}
splits = list(k_fold_indices(n, folds))
for penalty in [0.01, 1.0, 10.0, 100.0]:
    errors = []
    for train_ids, test_ids in splits:
        w = fit_ridge(X[train_ids], y[train_ids], penalty)
        error = (X[test_ids] @ w - y[test_ids]).pow(2).mean()
        errors.append(error.item())
    results[penalty] = sum(errors) / len(errors)
    print(f"penalty {penalty:6.2f}: {results[penalty]:.4f} (worst fold {max(errors):.4f})")
best = min(results, key=lambda p: results[p])
print("best", best)

total = 0
for fold, (train_ids, test_ids) in enumerate(splits, 1):
    loader = DataLoader(Subset(dataset, test_ids), batch_size=4)
    sizes = [len(xb) for xb, yb in loader]
    total += sum(sizes)
    if fold in (1, folds):
        print(f"fold {fold}: {len(train_ids)} to train, batches {sizes}")
print(total == n, len(set(train_ids) & set(test_ids)))
