using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Packed;

/// <summary>What a packed set says of its images: the JSON text in its index. Names of fields are part of the format.</summary>
internal sealed record PackedDescription
{
    /// <summary>Elements are pixels from 0 to <see cref="PixelMaximum"/>.</summary>
    public const string Bytes = "uint8";

    /// <summary>Elements are numbers as they are, little-endian.</summary>
    public const string Floats = "float32";

    private const int LargestSide = 1 << 16;
    private const int LargestClasses = 1 << 16;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Of an image.</summary>
    public required int Channels { get; init; }

    /// <summary>Rows of an image.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of an image.</summary>
    public required int Width { get; init; }

    /// <summary><see cref="Bytes"/> or <see cref="Floats"/>.</summary>
    public required string Element { get; init; }

    /// <summary>The pixel that becomes 1; null for numbers.</summary>
    public int? PixelMaximum { get; init; }

    /// <summary>Labels are 0 .. Classes-1.</summary>
    public required int Classes { get; init; }

    /// <summary>By label, or none.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>Samples to train on.</summary>
    public int TrainCount { get; init; }

    /// <summary>Samples to test with.</summary>
    public int TestCount { get; init; }

    /// <summary>Of the training part, as its source has it.</summary>
    public string TrainSha256 { get; init; } = "";

    /// <summary>Of the test part, as its source has it.</summary>
    public string TestSha256 { get; init; } = "";

    /// <summary>Subtracted from values, one for all channels or one for each; null for none.</summary>
    public IReadOnlyList<float>? Means { get; init; }

    /// <summary>By which values are then divided.</summary>
    public IReadOnlyList<float>? Deviations { get; init; }

    /// <summary>Whether images were resized and cropped.</summary>
    public bool IsResized { get; init; }

    /// <summary>Whether training crops and flips them unless the run says otherwise.</summary>
    public bool IsAugmented { get; init; }

    /// <summary>Share of each class that made the test part; 0 where the source had one.</summary>
    public double Split { get; init; }

    /// <summary>Which samples those are.</summary>
    public long SplitSeed { get; init; }

    /// <summary>What was left out, for people.</summary>
    public string? LeftOut { get; init; }

    /// <summary>Elements of an image.</summary>
    [JsonIgnore]
    public int ImageLength => Channels * Height * Width;

    /// <summary>Bytes of an image.</summary>
    [JsonIgnore]
    public long ImageBytes => (long)ImageLength * (Element == Floats ? sizeof(float) : 1);

    /// <summary>Samples of both parts.</summary>
    [JsonIgnore]
    public int Count => TrainCount + TestCount;

    /// <summary>What is applied to values; null for nothing.</summary>
    [JsonIgnore]
    public PixelNormalization? Normalization => Means is null ? null : new PixelNormalization([.. Means.Select(mean => (double)mean)], [.. Deviations!.Select(deviation => (double)deviation)]);

    /// <summary>How elements are stored and become values.</summary>
    public ImageElements NewElements() => Element == Floats
        ? new FloatElements(Channels, Height * Width, Normalization)
        : new ByteElements(Channels, Height * Width, PixelMaximum!.Value, Normalization);

    /// <summary>The text.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, _json);

    /// <summary>Out of the text; nothing in it contradicts anything else in it.</summary>
    /// <exception cref="DataFileException">It does.</exception>
    public static PackedDescription Parse(string path, ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<PackedDescription>(json, _json) is { } description && description.Problem is not { } problem
                ? description
                : throw PackedLayout.Contradiction(path, "a description of images", $"one whose {JsonSerializer.Deserialize<PackedDescription>(json, _json)?.Problem ?? "text is null"}");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or NotSupportedException)
        {
            throw PackedLayout.Contradiction(path, "a description of images in its index", $"a text that is none ({exception.Message})");
        }
    }

    private string? Problem =>
        Channels is < 1 or > LargestSide || Height is < 1 or > LargestSide || Width is < 1 or > LargestSide || (long)Channels * Height > int.MaxValue
            || (long)Channels * Height * Width > int.MaxValue / sizeof(float) ? Text($"shape is {Channels}x{Height}x{Width}")
        : Element is not (Bytes or Floats) ? $"element is '{Element}'"
        : (Element == Bytes) != PixelMaximum is >= 1 and <= byte.MaxValue ? Text($"largest pixel is {PixelMaximum}")
        : Classes is < 2 or > LargestClasses || (ClassNames.Count != 0 && ClassNames.Count != Classes) || ClassNames.Contains(null) ? Text($"classes are {Classes} with {ClassNames.Count} names")
        : TrainCount < 1 || TestCount < 1 || (long)TrainCount + TestCount > int.MaxValue ? Text($"parts have {TrainCount} and {TestCount} samples")
        : !IsHash(TrainSha256) || !IsHash(TestSha256) ? "hashes are none"
        : (Means?.Count ?? 0) != (Deviations?.Count ?? 0) || (Means is { } means && means.Count != 1 && means.Count != Channels) || Means?.All(float.IsFinite) == false
            || Deviations?.All(deviation => float.IsFinite(deviation) && deviation > 0) == false ? "means and deviations do not fit"
        : null;

    private static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
