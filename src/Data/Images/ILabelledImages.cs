namespace Lcnn.Distributed.Data.Images;

/// <summary>A source of labelled images of one shape; immutable, so that any number of threads may gather from it.</summary>
public interface ILabelledImages
{
    /// <summary>Samples.</summary>
    int Count { get; }

    /// <summary>Channels of an image: 1 grey, 3 red, green and blue.</summary>
    int Channels { get; }

    /// <summary>Rows of an image.</summary>
    int Height { get; }

    /// <summary>Columns of an image.</summary>
    int Width { get; }

    /// <summary>Values of one image: channels times height times width.</summary>
    int ImageLength => Channels * Height * Width;

    /// <summary>Labels are 0 .. Classes-1.</summary>
    int Classes { get; }

    /// <summary>What the labels mean, by label; empty where nobody says.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>Smallest and largest value that an image may give to a network, a channel each; null where values may be any.</summary>
    IReadOnlyList<(double Least, double Most)>? Bounds => null;

    /// <summary>What makes the values that are gathered of pixels; null leaves them as they are.</summary>
    PixelNormalization? Normalization => null;

    /// <summary>All labels, in the set's order.</summary>
    ReadOnlySpan<int> Labels { get; }

    /// <summary>SHA-256 over shape, labels and values, in lower-case hexadecimal.</summary>
    string Sha256 { get; }

    /// <summary>The first <paramref name="limit"/> samples; all of them when there are fewer.</summary>
    ILabelledImages Take(int limit);

    /// <summary>Copies samples as what a network is given; the destination is [indices, channels, height, width].</summary>
    void Gather(ReadOnlySpan<int> indices, Span<float> destination_NCHW);

    /// <summary>Gathers with the random crop and flip that follow from seed, epoch and each sample's index in this data.</summary>
    void GatherAugmented(ReadOnlySpan<int> indices, Span<float> destination_NCHW, long seed, int epoch);

    /// <summary>Copies labels as the 64-bit integers that losses index with.</summary>
    void GatherLabels(ReadOnlySpan<int> indices, Span<long> destination_N);
}
