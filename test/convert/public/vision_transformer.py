import torch
from torch import nn


class PatchExtractor(nn.Module):
    def __init__(self, patch_size=4):
        super().__init__()
        self.patch_size = patch_size

    def forward(self, input_data):
        batch_size, channels, height, width = input_data.size()
        assert height % self.patch_size == 0 and width % self.patch_size == 0, \
            f"Input height ({height}) and width ({width}) must be divisible by patch size ({self.patch_size})"

        num_patches_h = height // self.patch_size
        num_patches_w = width // self.patch_size
        num_patches = num_patches_h * num_patches_w

        patches = input_data.unfold(2, self.patch_size, self.patch_size). \
            unfold(3, self.patch_size, self.patch_size). \
            permute(0, 2, 3, 1, 4, 5). \
            contiguous(). \
            view(batch_size, num_patches, -1)

        return patches


class InputEmbedding(nn.Module):
    def __init__(self, args):
        super(InputEmbedding, self).__init__()
        self.patch_size = args.patch_size
        self.n_channels = args.n_channels
        self.latent_size = args.latent_size
        self.input_size = self.patch_size * self.patch_size * self.n_channels

        # Linear projection
        self.LinearProjection = nn.Linear(self.input_size, self.latent_size)
        # Class token
        self.class_token = nn.Parameter(torch.randn(1, 1, self.latent_size))
        # Positional embedding
        self.pos_embedding = nn.Parameter(torch.randn(1, 1, self.latent_size))

    def forward(self, input_data):
        patchify = PatchExtractor(patch_size=self.patch_size)
        patches = patchify(input_data)
        linear_projection = self.LinearProjection(patches)
        b, n, _ = linear_projection.shape
        class_token = self.class_token.expand(b, -1, -1)
        linear_projection = torch.cat((class_token, linear_projection), dim=1)
        pos_embed = self.pos_embedding[:, :n + 1, :]
        linear_projection += pos_embed

        return linear_projection


class EncoderBlock(nn.Module):
    def __init__(self, args):
        super(EncoderBlock, self).__init__()
        self.latent_size = args.latent_size
        self.num_heads = args.num_heads
        self.dropout = args.dropout
        self.norm = nn.LayerNorm(self.latent_size)
        self.attention = nn.MultiheadAttention(self.latent_size, self.num_heads, dropout=self.dropout,
                                               batch_first=True)
        self.enc_MLP = nn.Sequential(
            nn.Linear(self.latent_size, self.latent_size * 4),
            nn.GELU(),
            nn.Dropout(self.dropout),
            nn.Linear(self.latent_size * 4, self.latent_size),
            nn.Dropout(self.dropout)
        )

    def forward(self, emb_patches):
        first_norm = self.norm(emb_patches)
        attention_out = self.attention(first_norm, first_norm, first_norm)[0]
        first_added = attention_out + emb_patches
        second_norm = self.norm(first_added)
        mlp_out = self.enc_MLP(second_norm)
        output = mlp_out + first_added
        return output


class ViT(nn.Module):
    def __init__(self, args):
        super(ViT, self).__init__()
        self.num_encoders = args.num_encoders
        self.embedding = InputEmbedding(args)
        self.encoders = nn.ModuleList([EncoderBlock(args) for _ in range(self.num_encoders)])
        self.MLP = nn.Sequential(
            nn.LayerNorm(args.latent_size),
            nn.Linear(args.latent_size, args.num_classes),
        )

    def forward(self, test_input):
        enc_output = self.embedding(test_input)
        for enc_layer in self.encoders:
            enc_output = enc_layer(enc_output)

        class_token_embed = enc_output[:, 0]
        return self.MLP(class_token_embed)


class Config:
    def __init__(self, **kwargs):
        self.patch_size = kwargs.get('patch_size', 4)
        self.n_channels = kwargs.get('n_channels', 3)
        self.latent_size = kwargs.get('latent_size', 16)
        self.num_heads = kwargs.get('num_heads', 4)
        self.num_encoders = kwargs.get('num_encoders', 2)
        self.dropout = kwargs.get('dropout', 0.0)
        self.num_classes = kwargs.get('num_classes', 5)


torch.manual_seed(0)
config = Config(num_classes=3, num_encoders=1)
model = ViT(config)
n_params = sum(p.numel() for p in model.parameters() if p.requires_grad)
print(f"{n_params:,} parameters")
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-4)
criterion = nn.CrossEntropyLoss()
images = torch.randn(9, 3, 8, 8)
labels = torch.tensor([0, 1, 2] * 3)
for epoch in range(8):
    outputs = model(images)
    loss = criterion(outputs, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    accuracy = (outputs.argmax(-1) == labels).float().mean()
    if epoch % 3 == 1:
        print(f"Epoch {epoch + 1}: loss {loss:.4f}, accuracy {accuracy:.2%}")
