using PublicApiGenerator;

namespace Lcnn.Distributed.UnitTests.Client;

/// <summary>Compares what is public with what was approved.</summary>
internal static class ApprovedApi
{
    private static readonly ApiGeneratorOptions _options = new() { IncludeAssemblyAttributes = false };

    /// <summary>Fails with the text that the file must have.</summary>
    /// <param name="file">From the folder of the test project on.</param>
    public static void Check(string file, params Type[] types)
    {
        var approved = Lines(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, file)));

        var actual = Lines(types.GeneratePublicApi(_options));

        Assert.True(approved.SequenceEqual(actual), $"the public API changed: if that is meant, tests/UnitTests/{file} must be\n{string.Join('\n', actual)}");
    }

    private static List<string> Lines(string text) => [.. text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
}
