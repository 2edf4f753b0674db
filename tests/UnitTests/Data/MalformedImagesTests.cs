using System.Buffers.Binary;
using System.Text;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Own;
using Parquet;

namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>Files of a user's own that lie, or hold what nobody can train on: each is refused by name, without the memory that it claims.</summary>
public sealed class MalformedImagesTests : IDisposable
{
    private const long LargestAllocation = 64 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("|u1", "9000000000, 28, 28", "7056000000000: no images are packed so well")]
    [InlineData("|u1", "2000000, 28, 28", "1568000000: no images are packed so well")]
    [InlineData("|u1", "2, 784", "images of shape (N, H, W)", 1568)]
    [InlineData("|u1", "2, 28, 28, 5", "images of shape (N, H, W)", 7840)]
    [InlineData("|u1", "2, 1, 0", "images of 1 to 8192 pixels a side", 0)]
    [InlineData("<i8", "2, 28, 28", "uint8 or floating-point numbers, got i8", 12544)]
    [InlineData("|O", "2, 28, 28", "an array as NumPy writes it")]
    [InlineData("<U5", "2, 28, 28", "uint8 or floating-point numbers, got U5")]
    [InlineData("|u1", "2, 28, 28", "1568 bytes for u1 of shape (2, 28, 28), got 3")]
    [InlineData("|u1", "-1, 28, 28", "an array as NumPy writes it")]
    public void Npz_WithALyingHeader_IsRefused(string type, string shape, string reason, int bytes = 3)
    {
        var header = Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape}), }}\n");
        byte[] array = [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. new byte[bytes]];

        Refused("file.npz", OwnFiles.Zip(true, new() { ["x_train"] = array, ["y_train"] = OwnFiles.Npy("<i8", [2], new byte[16]) }), reason, new ImageOptions { Split = 0.5 });
    }

    [Fact]
    public void Npz_WithoutAnArray_IsRefusedWithItsName()
    {
        Refused("file.npz", OwnFiles.Zip(true, new() { ["images"] = [] }), "none called x_train, but images");
        Refused("other.npz", "no archive"u8.ToArray(), "an intact .npz file");
    }

    [Fact]
    public void Npz_WithBadLabels_NamesThem()
    {
        var file = _folder.Write("file.npz", OwnFiles.Zip(false, new()
        {
            ["x_train"] = OwnFiles.Npy("|u1", [4, 2, 2], new byte[16]),
            ["y_train"] = OwnFiles.Npy("<f8", [4], [.. new[] { 0, 1, -1, 1.5 }.SelectMany(BitConverter.GetBytes)]),
            ["x_test"] = OwnFiles.Npy("|u1", [1, 2, 2], new byte[4]),
            ["y_test"] = OwnFiles.Npy("|u1", [1], [1]),
        }));

        var refusal = Assert.Throws<DataFileException>(() => Read(file));

        Assert.Contains("2 of 5 that cannot: x_train[2]: label -1, expected a whole number from 0 to 65535; x_train[3]: label 1.5", refusal.Got, StringComparison.Ordinal);
        Assert.Equal(2, Read(file, new ImageOptions { SkipBad = true }).Train.Count);
    }

    [Fact]
    public void Npz_OfFloats_AreTakenAsTheyAre()
    {
        var values = Enumerable.Range(0, 16).Select(i => i == 13 ? float.NaN : i / 7f).ToArray();
        byte[] Npz(string type, byte[] data) => OwnFiles.Zip(true, new()
        {
            ["x_train"] = OwnFiles.Npy(type, [4, 2, 2, 1], data),
            ["y_train"] = OwnFiles.Npy("<u2", [4], [0, 0, 1, 0, 0, 0, 1, 0]),
            ["x_test"] = OwnFiles.Npy(type, [4, 2, 2, 1], data),
            ["y_test"] = OwnFiles.Npy("<u2", [4], [0, 0, 1, 0, 0, 0, 1, 0]),
        });
        var single = _folder.Write("single.npz", Npz("<f4", [.. values.SelectMany(BitConverter.GetBytes)]));
        var large = _folder.Write("double.npz", Npz("<f8", [.. values.SelectMany(value => BitConverter.GetBytes((double)value))]));

        var refusal = Assert.Throws<DataFileException>(() => Read(single));
        var data = Read(single, new ImageOptions { SkipBad = true });
        var gathered = new float[12];
        data.Train.Gather([0, 1, 2], gathered);

        Assert.Contains("x_train[3]: holds values that are not finite", refusal.Got, StringComparison.Ordinal);
        Assert.Equal(values[..12], gathered);
        Assert.Equal(data.Sha256, Read(large, new ImageOptions { SkipBad = true }).Sha256);
        Assert.Contains("uint8 images", Assert.Throws<DataFileException>(() => Read(single, new ImageOptions { Size = (4, 4) })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parquet_WithAValueOfTwoGigabytes_IsRefused()
    {
        var file = await OwnFiles.ParquetAsync(OwnFiles.Rows(3), CompressionMethod.None);
        var length = OwnFiles.Encode(0).Length;
        var place = file.AsSpan().IndexOf(OwnFiles.Encode(0).AsSpan(0, 8)) - sizeof(int);
        Assert.Equal(length, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(place)));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(place), int.MaxValue);

        Refused("file.parquet", file, "a value of 2147483647 bytes beyond the end of its page");
    }

    [Fact]
    public async Task Parquet_WithBadRows_NamesThem()
    {
        var rows = OwnFiles.Rows(6);
        (rows[1].label, rows[2].label, rows[3].image!.bytes, rows[4].image!.bytes) = (null, 3, null, [1, 2]);

        Refused("file.parquet", await OwnFiles.ParquetAsync(rows, CompressionMethod.Snappy),
            "4 of 6 that cannot: file.parquet[1]: has no label; file.parquet[2]: label 3, expected 0 to 2; file.parquet[3]: holds no bytes; "
            + "an image that lies elsewhere is not looked for; file.parquet[4]: no PNG, JPEG or BMP", new ImageOptions { Split = 0.5 });
    }

    [Fact]
    public async Task Parquet_OfAnotherKind_IsRefused()
    {
        Refused("zstd.parquet", await OwnFiles.ParquetAsync(OwnFiles.Rows(6), CompressionMethod.Zstd), "packed with Zstd");
        Refused("text.parquet", "PAR1 is how it begins"u8.ToArray(), "another ending than PAR1");
        Refused("short.parquet", "PAR1"u8.ToArray(), "4 bytes");
    }

    [Theory]
    [InlineData("MATLAB 7.3 MAT-file, Platform: GLNXA64", "one of version 7.3, which is HDF5")]
    [InlineData("not at all", "another header")]
    public void Mat_OfAnotherKind_IsRefused(string text, string reason) => Refused("train_32x32.mat", Encoding.ASCII.GetBytes(text.PadRight(200)), reason);

    private void Refused(string name, byte[] content, string reason, ImageOptions? options = null)
    {
        var path = _folder.Write(name, content);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var refusal = Assert.Throws<DataFileException>(() => Read(path, options));

        Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, LargestAllocation);
    }

    private static DataSet Read(string path, ImageOptions? options = null) => OwnDataSets.Read(path, options ?? new ImageOptions(), null, TestContext.Current.CancellationToken);
}
