using Lcnn.Distributed.Data.Packed;

namespace Lcnn.Distributed.EndToEndTests.LongRuns;

/// <summary>Writes packed sets of noise, brighter in one class than in the other, image by image.</summary>
internal static class GeneratedSet
{
    private const int Side = 256;
    private const int TestCount = 64;

    /// <summary>Writes training images, and some more to test with; returns the path.</summary>
    public static string Write(string path, int trainCount)
    {
        using var writer = new PackedWriter(path);
        var (image, random) = (new byte[3 * Side * Side], new Random(1));
        for (var i = 0; i < trainCount + TestCount; i++)
        {
            random.NextBytes(image);
            if (i % 2 == 1)
            {
                foreach (ref var pixel in image.AsSpan())
                {
                    pixel |= 0x80;
                }
            }

            writer.Add(image, i % 2);
        }

        var description = new PackedDescription
        {
            Channels = 3,
            Height = Side,
            Width = Side,
            Element = PackedDescription.Bytes,
            PixelMaximum = byte.MaxValue,
            Classes = 2,
            ClassNames = ["dim", "bright"],
        };
        writer.Complete(description, [.. Enumerable.Range(0, trainCount + TestCount).Select(i => i >= trainCount)], CancellationToken.None);
        return path;
    }
}
