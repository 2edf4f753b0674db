using Lcnn.Distributed.Client;
using PublicApiGenerator;

namespace Lcnn.Distributed.UnitTests.Client;

public sealed class PublicApiTests
{
    private static readonly ApiGeneratorOptions _options = new() { IncludeAssemblyAttributes = false };

    /// <summary>What the package promises; a change here is a change for its users and belongs into the changelog.</summary>
    [Fact]
    public void PublicApi_OfTheClient_IsTheApprovedOne()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Client", "PublicApi.txt");

        var actual = Lines(typeof(LcnnClient).Assembly.GeneratePublicApi(_options));

        Assert.True(
            Lines(File.ReadAllText(file)).SequenceEqual(actual),
            $"the public API changed: if that is meant, tests/UnitTests/Client/PublicApi.txt must be\n{string.Join('\n', actual)}");
    }

    private static List<string> Lines(string text) => [.. text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
}
