using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Data.Images;

/// <summary>The hash that tells sets of images apart: over shape and kind of elements, labels, and then the stored images in the set's order.</summary>
internal static class ImagesHash
{
    /// <summary>All but the images, which are appended in order.</summary>
    public static IncrementalHash Begin(ImageElements elements, ReadOnlySpan<int> labels_N, int channels, int height, int width, int classes)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{labels_N.Length} {channels} {height} {width} {classes} {elements.Kind}\n")));
        var labels = new byte[labels_N.Length * sizeof(int)];
        for (var i = 0; i < labels_N.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(labels.AsSpan(i * sizeof(int)), labels_N[i]);
        }

        hash.AppendData(labels);
        return hash;
    }

    /// <summary>In lower-case hexadecimal.</summary>
    public static string End(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}
