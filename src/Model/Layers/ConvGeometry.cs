namespace Lcnn.Distributed.Model.Layers;

/// <summary>Sizes of a square-kernel convolution on images of a fixed size.</summary>
/// <param name="InChannels">Channels of the input.</param>
/// <param name="OutChannels">Channels of the output.</param>
/// <param name="Kernel">Side of the kernel.</param>
/// <param name="Stride">Step in both directions.</param>
/// <param name="Padding">Zeros on every side.</param>
/// <param name="Height">Rows of the input.</param>
/// <param name="Width">Columns of the input.</param>
/// <param name="Groups">Input and output channels are in so many groups, each of which sees its own alone.</param>
public sealed record ConvGeometry(int InChannels, int OutChannels, int Kernel, int Stride, int Padding, int Height, int Width, int Groups = 1)
{
    /// <summary>Rows of the output.</summary>
    public int OutHeight => Out(Height);

    /// <summary>Columns of the output.</summary>
    public int OutWidth => Out(Width);

    internal long[] Strides { get; } = [Stride, Stride];

    internal long[] Paddings { get; } = [Padding, Padding];

    internal long[] WeightShape { get; } = [OutChannels, InChannels / Groups, Kernel, Kernel];

    /// <summary>Multiply-accumulates of one forward pass over one image.</summary>
    public long MacsPerImage => (long)OutHeight * OutWidth * OutChannels * (InChannels / Groups) * Kernel * Kernel;

    private int Out(int size) => ((size + (2 * Padding) - Kernel) / Stride) + 1;
}
