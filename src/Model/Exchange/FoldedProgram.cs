namespace Lcnn.Distributed.Model.Exchange;

/// <summary>The Python around a folded network's modules.</summary>
internal static class FoldedProgram
{
    /// <param name="name">Of the network.</param>
    /// <param name="input">Channels, height and width.</param>
    /// <param name="made">Lines that make its modules.</param>
    /// <param name="run">Lines that compute v1, v2, ... from v0.</param>
    /// <param name="last">Number of the last value.</param>
    public static string Write(string name, string input, int classes, string made, string run, int last) => $$"""
        # {{name}}, as `lcnn export --format folded` wrote it: plain torch.nn, for evaluation. Images of shape [B, {{input}}], logits of shape [B, {{classes}}].
        #     from model import load; model = load()
        import math
        import os

        import torch
        from torch import nn


        class CenteredSoftplus(nn.Module):  # softplus through the origin: (softplus(beta x) - ln 2) / beta
            def __init__(self):
                super().__init__()
                self.register_buffer("beta", torch.tensor(1.0))

            def forward(self, x):
                return (nn.functional.softplus(self.beta * x) - math.log(2)) / self.beta


        class Network(nn.Module):
            def __init__(self):
                super().__init__()
        {{made}}
            def forward(self, v0):
        {{run}}        return v{{last}}


        def load(path=os.path.join(os.path.dirname(os.path.abspath(__file__)), "weights.pt")):
            model = Network()
            model.load_state_dict(torch.load(path, map_location="cpu"))
            return model.eval()

        """.ReplaceLineEndings("\n");
}
