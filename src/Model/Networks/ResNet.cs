namespace Lcnn.Distributed.Model.Networks;

/// <summary>The reference's residual networks (models/resnet_spectral.py), for any widths, depths and input.</summary>
public static class ResNet
{
    /// <summary>Stem of the first stage's width (or another), stages of basic blocks, average pool, spectrally normalised linear.</summary>
    /// <param name="input">Shape of one sample.</param>
    /// <param name="classes">Number of logits.</param>
    /// <param name="widths">Channels of each stage; the stem has the first.</param>
    /// <param name="blocks">Blocks of each stage; the first block of every stage but the first halves the image.</param>
    /// <param name="style">LCNN or standard.</param>
    public static Network Build(ImageShape input, int classes, IReadOnlyList<int> widths, IReadOnlyList<int> blocks, NetworkStyle style)
    {
        var builder = new NetworkBuilder(input, style);
        builder.Conv("0.0", widths[0], bias: false);
        builder.Activation("0.1");
        for (var stage = 0; stage < widths.Count; stage++)
        {
            for (var block = 0; block < blocks[stage]; block++)
            {
                builder.Residual($"{stage + 1}.{block}", widths[stage], stage > 0 && block == 0 ? 2 : 1);
            }
        }

        builder.AveragePool();
        // Positions widths.Count + 1 and + 2 are the reference's average pool and view.
        builder.Linear($"{widths.Count + 3}", classes, spectral: true);
        return builder.Build();
    }
}
