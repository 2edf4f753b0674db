using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>The folder of vectors that the authors' code made: LCNN_GOLDEN, or else the committed copy beside the tests.</summary>
/// <remarks>Tests enumerate what it holds and read all sizes from it, so that another set is checked without a change of code.</remarks>
public static class GoldenFolder
{
    public const string CenteredSoftplus = "^psoftplus$";
    public const string ConvSpectralNorm = "^conv_sn_.+$";
    public const string LinearSpectralNorm = "^linear_sn_.+$";
    public const string ConvBlock = "^convbn_.+$";
    public const string ResidualBlock = "^block_.+$";
    public const string Network = "^tiny_(?!.+_sgd_).+$";
    public const string Steps = "^tiny_.+_sgd_.+$";

    private static readonly Lazy<JsonElement> _scalars = new(ReadScalars);

    public static string Path { get; } =
        System.IO.Path.GetFullPath(Environment.GetEnvironmentVariable("LCNN_GOLDEN") is { Length: > 0 } chosen ? chosen : Committed);

    public static IReadOnlyList<string> Kinds { get; } =
        [CenteredSoftplus, ConvSpectralNorm, LinearSpectralNorm, ConvBlock, ResidualBlock, Network, Steps];

    /// <summary>What torch.optim makes of some of them: of the committed set alone.</summary>
    public static string Optimizers => System.IO.Path.Combine(Committed, "optimizers");

    /// <summary>What autoattack's code makes of a small network.</summary>
    public static string Attacks => System.IO.Path.Combine(Committed, "attacks");

    /// <summary>Files that torch.save wrote.</summary>
    public static string Exchange => System.IO.Path.Combine(Committed, "exchange");

    private static string Committed => System.IO.Path.Combine(AppContext.BaseDirectory, "golden");

    /// <summary>Configurations and scalar results of every case.</summary>
    public static JsonElement Scalars => _scalars.Value;

    /// <summary>Every file of tensors, without its extension.</summary>
    public static IReadOnlyList<string> Files() =>
        [.. Directory.EnumerateFiles(Path, "*.safetensors").Select(System.IO.Path.GetFileNameWithoutExtension).Order()!];

    /// <summary>The files of one kind.</summary>
    public static IReadOnlyList<string> Files(string kind) => [.. Files().Where(name => Regex.IsMatch(name, kind))];

    /// <summary>One test case a file.</summary>
    public static TheoryData<string> Cases(string kind) => [.. Files(kind)];

    /// <summary>Two test cases a file: raw and effective form.</summary>
    public static TheoryData<string, Form> CasesInBothForms(string kind)
    {
        var cases = new TheoryData<string, Form>();
        foreach (var name in Files(kind))
        {
            cases.Add(name, Form.Raw);
            cases.Add(name, Form.Effective);
        }

        return cases;
    }

    /// <summary>A file that does not depend on the set: from it, or else the committed one.</summary>
    public static JsonElement ReadCommonJson(string file) =>
        ReadJson(File.Exists(System.IO.Path.Combine(Path, file)) ? Path : Committed, file);

    private static JsonElement ReadScalars() => ReadJson(Path, "scalars.json");

    /// <summary>A file of JSON.</summary>
    public static JsonElement ReadJson(string folder, string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(folder, file)));
        return document.RootElement.Clone();
    }
}
