"""Logistic regression on two clouds of points, with accuracy, precision and recall."""
import torch
import torch.nn as nn


class LogisticRegression(nn.Module):
    def __init__(self, n_input_features):
        super(LogisticRegression, self).__init__()
        self.linear = nn.Linear(n_input_features, 1)

    def forward(self, x):
        y_predicted = torch.sigmoid(self.linear(x))
        return y_predicted


torch.manual_seed(1234)
n_samples, n_features = 120, 5
X = torch.cat([torch.randn(60, n_features) + 0.8, torch.randn(60, n_features) - 0.8])
y = torch.cat([torch.ones(60), torch.zeros(60)])
order = torch.randperm(n_samples)
X, y = X[order], y[order]
split = int(0.8 * n_samples)
X_train, X_test = X[:split], X[split:]
y_train, y_test = y[:split], y[split:]

# scale
mean, std = X_train.mean(0), X_train.std(0)
X_train = (X_train - mean) / std
X_test = (X_test - mean) / std
y_train = y_train.view(y_train.shape[0], 1)
y_test = y_test.view(y_test.shape[0], 1)

model = LogisticRegression(n_features)
learning_rate = 0.1
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)

for epoch in range(100):
    y_predicted = model(X_train)
    loss = criterion(y_predicted, y_train)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if (epoch + 1) % 25 == 0:
        print(f'epoch: {epoch+1}, loss = {loss.item():.4f}')

with torch.no_grad():
    y_predicted_cls = model(X_test).round()
    acc = y_predicted_cls.eq(y_test).sum() / float(y_test.shape[0])
    print(f'accuracy = {acc:.4f}')
    tp = ((y_predicted_cls == 1) & (y_test == 1)).sum().item()
    fp = ((y_predicted_cls == 1) & (y_test == 0)).sum().item()
    fn = ((y_predicted_cls == 0) & (y_test == 1)).sum().item()
precision = tp / (tp + fp) if tp + fp > 0 else 0.0
recall = tp / (tp + fn) if tp + fn > 0 else 0.0
print("tp", tp, "fp", fp, "fn", fn)
print(f"precision {precision:.3f} recall {recall:.3f} not perfect: {not (fp == 0 and fn == 0)}")
