"""A block of a transformer, written out: causal attention with several heads, and positions as sines."""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F
from dataclasses import dataclass


class PositionalEncoding(nn.Module):
    def __init__(self, d_model: int, dropout: float = 0.1, max_len: int = 64):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(position * div_term)
        pe[:, 0, 1::2] = torch.cos(position * div_term)
        self.register_buffer('pe', pe)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.pe[:x.size(0)]
        return self.dropout(x)


class CausalSelfAttention(nn.Module):

    def __init__(self, n_embd, n_head, block_size):
        super().__init__()
        assert n_embd % n_head == 0
        self.c_attn = nn.Linear(n_embd, 3 * n_embd, bias=False)
        self.c_proj = nn.Linear(n_embd, n_embd)
        self.n_head = n_head
        self.n_embd = n_embd
        self.register_buffer("bias", torch.tril(torch.ones(block_size, block_size)).view(1, 1, block_size, block_size))

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float('-inf'))
        att = F.softmax(att, dim=-1)
        y = att @ v
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.c_proj(y)


class Block(nn.Module):
    def __init__(self, n_embd, n_head, block_size):
        super().__init__()
        self.ln_1 = nn.LayerNorm(n_embd)
        self.attn = CausalSelfAttention(n_embd, n_head, block_size)
        self.ln_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.ModuleDict(dict(
            c_fc=nn.Linear(n_embd, 4 * n_embd),
            act=nn.GELU(),
            c_proj=nn.Linear(4 * n_embd, n_embd),
        ))

    def mlpf(self, x):
        m = self.mlp
        return m["c_proj"](m["act"](m["c_fc"](x)))

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        x = x + self.mlpf(self.ln_2(x))
        return x


torch.manual_seed(0)
block = Block(n_embd=16, n_head=4, block_size=8)
n_params = sum(p.numel() for p in block.parameters())
print("number of parameters: %.2fK" % (n_params / 1e3,))
print(block.attn.bias.shape, block.attn.c_attn.bias is None)
x = torch.randn(2, 6, 16)
y = block(x)
print(y.shape, f"{y.mean().item():.4f} {y.std().item():.4f}")

# The future does not matter: what comes later changes nothing before
x2 = x.clone()
x2[:, 3:] += 1.0
same = torch.isclose(block(x2), y, atol=1e-6).all(dim=-1)
print(same)

pos = PositionalEncoding(8, dropout=0.0)
print(pos(torch.zeros(3, 1, 8)).squeeze(1))
