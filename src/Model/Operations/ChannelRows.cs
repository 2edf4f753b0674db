using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>Images as rows in which a channel's numbers stand one below the other: sums and affine maps a channel then run over plain memory.</summary>
/// <remarks>A row holds a whole line of an image, W C numbers, as rows of C alone are too short for vectors.</remarks>
/// <param name="like_BCHW">Gives the sizes.</param>
internal readonly struct ChannelRows(Tensor like_BCHW)
{
    private readonly long[] _shape = like_BCHW.shape;

    private long Width => _shape[3];

    /// <summary>[B, C, H, W], channels-last, to [B H, W C]: the same memory unless its layout is another.</summary>
    public Tensor Of(Tensor t_BCHW)
    {
        var t_BHWC = t_BCHW.permute(0, 2, 3, 1);
        return (t_BHWC.is_contiguous() ? t_BHWC : t_BHWC.contiguous()).view(_shape[0] * _shape[2], Width * _shape[1]);
    }

    /// <summary>[B H, W C] back to [B, C, H, W], the same memory.</summary>
    public Tensor Images(Tensor rows) => rows.view(_shape[0], _shape[2], Width, _shape[1]).permute(0, 3, 1, 2);

    /// <summary>The sum of every channel, shape [C].</summary>
    public Tensor Sum(Tensor rows) => rows.sum([0L]).view(Width, _shape[1]).sum([0L]);

    /// <summary>One number a channel, shape [C], along a row.</summary>
    public Tensor Spread(Tensor of_C) => of_C.repeat(Width);
}
