namespace Lcnn.Distributed.EndToEndTests.BadInput;

/// <summary>What every refusal of bad input has in common.</summary>
internal static class Refusal
{
    /// <summary>Exit code 2, one failed event and one line that names everything of <paramref name="parts"/>.</summary>
    public static async Task CheckAsync(LcnnProcess lcnn, params IEnumerable<string> parts)
    {
        Assert.True(await lcnn.WaitForExitAsync() == 2, $"{lcnn}");
        var failed = Assert.Single(lcnn.Events);
        Assert.Equal("failed", failed.Kind);
        Assert.True(failed.GetProperty("badInput").GetBoolean());
        Assert.True(failed.Whole("schema") == 1 && failed.Whole("sequence") == 1);
        CheckOneError(lcnn, failed.Text("error"));
        Assert.All(parts, part => Assert.Contains(part, failed.Text("error"), StringComparison.Ordinal));
        Assert.DoesNotContain("Exception", failed.Text("error"), StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", failed.Text("error"), StringComparison.Ordinal);
    }

    /// <summary>The error is told once on standard error, without a stack trace; the runtime may warn beside it.</summary>
    public static void CheckOneError(LcnnProcess lcnn, string error)
    {
        Assert.Equal($"error: {error}", Assert.Single(lcnn.Error, line => line.StartsWith("error: ", StringComparison.Ordinal)));
        Assert.DoesNotContain(lcnn.Error, line => line.Contains("   at ", StringComparison.Ordinal) || line.StartsWith("fail: ", StringComparison.Ordinal));
    }
}
