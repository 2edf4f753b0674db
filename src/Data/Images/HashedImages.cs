using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Data.Images;

/// <summary>Images of somebody else's making under the hash of what they hold, not of what they say it is: two silos are told apart by it.</summary>
internal sealed class HashedImages : ILabelledImages
{
    private const int SamplesAtOnce = 256;

    private readonly ILabelledImages _images;
    private readonly Lazy<string> _sha256;

    private HashedImages(ILabelledImages images) => (_images, _sha256) = (images, new Lazy<string>(ComputeSha256));

    public int Count => _images.Count;

    public int Channels => _images.Channels;

    public int Height => _images.Height;

    public int Width => _images.Width;

    public int Classes => _images.Classes;

    public IReadOnlyList<string> ClassNames => _images.ClassNames;

    public IReadOnlyList<(double Least, double Most)>? Bounds => _images.Bounds;

    public PixelNormalization? Normalization => _images.Normalization;

    public ReadOnlySpan<int> Labels => _images.Labels;

    public string Sha256 => _sha256.Value;

    private int Length => Channels * Height * Width;

    /// <summary>The images themselves where they are of this library, which hash what they hold.</summary>
    public static ILabelledImages Of(ILabelledImages images) => images is HashedImages || images.GetType().Assembly == typeof(HashedImages).Assembly ? images : new HashedImages(images);

    public ILabelledImages Take(int limit) => limit >= Count ? this : Of(_images.Take(limit));

    public void Gather(ReadOnlySpan<int> indices, Span<float> destination_NCHW) => _images.Gather(indices, destination_NCHW);

    public void GatherAugmented(ReadOnlySpan<int> indices, Span<float> destination_NCHW, long seed, int epoch) => _images.GatherAugmented(indices, destination_NCHW, seed, epoch);

    public void GatherLabels(ReadOnlySpan<int> indices, Span<long> destination_N) => _images.GatherLabels(indices, destination_N);

    private string ComputeSha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{Count} {Channels} {Height} {Width} {Classes} gathered\n")));
        var label = new byte[sizeof(int)];
        foreach (var value in Labels)
        {
            BinaryPrimitives.WriteInt32LittleEndian(label, value);
            hash.AppendData(label);
        }

        var values = new float[SamplesAtOnce * Length];
        foreach (var indices in Enumerable.Range(0, Count).Chunk(SamplesAtOnce))
        {
            var gathered = values.AsSpan(0, indices.Length * Length);
            Gather(indices, gathered);
            hash.AppendData(MemoryMarshal.AsBytes(gathered)); // little-endian wherever libtorch runs
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
