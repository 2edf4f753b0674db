using System.Diagnostics;

namespace Lcnn.Distributed.EndToEndTests.Cli;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_OfTheProgram_NamesEveryCommand()
    {
        await using var lcnn = await LcnnProcess.RunAsync("--help");

        Assert.Equal(0, await lcnn.WaitForExitAsync());
        var text = string.Join('\n', lcnn.Output);
        Assert.All(["train", "eval", "doctor", "datasets", "bench"], command => Assert.Contains($"  {command}", text, StringComparison.Ordinal));
        Assert.Empty(lcnn.Error);
    }

    [Fact]
    public async Task Help_OfTrain_TellsEveryOptionsDefault()
    {
        await using var lcnn = await LcnnProcess.RunAsync("train", "--help");

        Assert.Equal(0, await lcnn.WaitForExitAsync());
        var options = lcnn.Output.Where(line => line.StartsWith("  --", StringComparison.Ordinal)).ToList();
        Assert.True(options.Count >= 28, $"{options.Count} options");
        Assert.All(options, line => Assert.Contains("Default: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_Asked_IsANumber()
    {
        await using var lcnn = await LcnnProcess.RunAsync("--version");

        Assert.Equal(0, await lcnn.WaitForExitAsync());
        Assert.Matches(@"^\d+\.\d+\.\d+", Assert.Single(lcnn.Output));
    }

    [Fact]
    public async Task Train_BadArguments_NamesAllAndExitsWithTwo()
    {
        await using var lcnn = await LcnnProcess.RunAsync("train", "--dataset", "digit", "--epochs", "0", "--lr", "NaN", "--bogus");

        Assert.Equal(2, await lcnn.WaitForExitAsync());
        Assert.Empty(lcnn.Output);
        Assert.Equal(["--bogus", "--dataset", "--epochs", "--lr"], lcnn.Error.SkipLast(1).Select(line => line.Split(": ")[1]));
    }

    [Fact]
    public async Task Train_BadArgumentsWithJson_IsOneFailedEvent()
    {
        await using var lcnn = await LcnnProcess.RunAsync("train", "--epochs", "0", "--json");

        Assert.Equal(2, await lcnn.WaitForExitAsync());
        var failed = Assert.Single(lcnn.Events);
        Assert.Equal("failed", failed.GetProperty("event").GetString());
        Assert.True(failed.GetProperty("badInput").GetBoolean());
    }

    [Fact]
    public async Task Help_ReaderGoesAwayAtOnce_IsNoCrash()
    {
        var start = new ProcessStartInfo("sh", ["-c", $"dotnet '{LcnnProgram.Path}' train --help | true; dotnet '{LcnnProgram.Path}' train --json --epochs 0 | true"])
        {
            RedirectStandardError = true,
        };
        using var shell = Process.Start(start)!;

        var error = await shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
    }
}
