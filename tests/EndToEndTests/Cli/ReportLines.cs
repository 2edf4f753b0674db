using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Cli;

/// <summary>What commands other than train write with --json.</summary>
internal static class ReportLines
{
    /// <summary>Runs a command, which must succeed.</summary>
    public static async Task<IReadOnlyList<JsonElement>> RunAsync(params string[] arguments)
    {
        await using var lcnn = await LcnnProcess.RunAsync(arguments);
        Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
        Assert.All(lcnn.Events, line => Assert.Equal(1, line.Whole("schema")));
        return lcnn.Events;
    }
}
