using System.Security.Cryptography;
using Lcnn.Distributed.Data.Decoding;
using Lcnn.Distributed.Data.Numpy;

namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>What comes out of an image, and out of resizing it, is what Pillow makes of it (pictures.npz, by make_pictures.py), to the last bit.</summary>
public sealed class PillowTests
{
    private static readonly Lazy<NpzFile> _file = new(() => new NpzFile(Path.Combine(AppContext.BaseDirectory, "Data", "Pictures", "pictures.npz")));

    public static TheoryData<string> Names { get; } =
    [
        "rgb.png", "grey.png", "palette.png", "alpha.png", "greyalpha.png", "onebit.png", "420.jpg", "444.jpg", "422.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg",
        "rgb.bmp", "palette.bmp", "tall.png", "small.png", "large.png",
    ];

    [Theory, MemberData(nameof(Names))]
    public void Decode_AFile_HasPillowsPixels(string name)
    {
        var picture = ImageDecoder.Decode(Read($"{name}:file"));

        AssertEqual(name, "rgb", picture);
        AssertEqual(name, "grey", picture.ToGrey());
    }

    [Theory, MemberData(nameof(Names))]
    public void Cover_ADecodedFile_HasPillowsPixels(string name)
    {
        var picture = ImageDecoder.Decode(Read($"{name}:file"));
        foreach (var (height, width) in new[] { (16, 16), (24, 32), (11, 40) })
        {
            AssertEqual(name, $"{height}x{width}", ImageResizer.Cover(picture, height, width));
        }
    }

    private static void AssertEqual(string name, string key, Picture picture)
    {
        var channels = key == "grey" ? 1 : 3;
        var (plane, planes) = (picture.Height * picture.Width, new byte[channels * picture.Height * picture.Width]);
        picture.CopyPlanes(planes, channels);
        var pixels = new byte[planes.Length];
        for (var i = 0; i < planes.Length; i++)
        {
            pixels[i] = planes[(i % channels * plane) + (i / channels)];
        }

        Assert.Equal(Read($"{name}:{key}"), SHA256.HashData(pixels));
    }

    private static byte[] Read(string key)
    {
        lock (_file)
        {
            return _file.Value.Read(key).Data;
        }
    }
}
