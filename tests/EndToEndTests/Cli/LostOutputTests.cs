namespace Lcnn.Distributed.EndToEndTests.Cli;

/// <summary>What becomes of a run when nobody can be told about it any more.</summary>
public sealed class LostOutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("exec \"$@\" >/dev/full", "", "warning: standard output cannot be written (No space left on device); the work goes on without it")]
    [InlineData("exec \"$@\" >/dev/full 2>/dev/full", "--json", null)]
    [InlineData("exec \"$@\" >&-", "--json", "warning: standard output cannot be written (it is closed); the work goes on without it")]
    [InlineData("exec \"$@\" >&- 2>&-", "", null)]
    [InlineData("\"$@\" | head -n 1; exit ${PIPESTATUS[0]}", "--json", "warning: standard output cannot be written (Broken pipe); the work goes on without it")]
    public async Task Train_OutputThatCannotBeWritten_CompletesTheRun(string line, string option, string? warning)
    {
        await using var lcnn = LcnnProcess.StartInShell(line, Arguments(option));

        Assert.True(await lcnn.WaitForExitAsync() == 0, lcnn.ToString());

        Assert.True(File.Exists(Path.Combine(Run, "report.json")));
        Assert.Equal(warning is null ? [] : [warning], lcnn.Error);
    }

    [Fact]
    public async Task Train_ErrorsThatCannotBeWritten_AreSaidOnStandardOutput()
    {
        await using var lcnn = LcnnProcess.StartInShell(
            "exec \"$@\" 2>/dev/full", Arguments("--snapshot-every", "1", "--epochs", "1000000"));
        await lcnn.WaitForOutputAsync(line => line.StartsWith("epoch 1/", StringComparison.Ordinal));

        lcnn.SendInterrupt(); // answered on standard error

        Assert.Equal(130, await lcnn.WaitForExitAsync());
        Assert.Single(lcnn.Output, "warning: standard error cannot be written (No space left on device); the work goes on without it");
    }

    [Fact]
    public async Task Train_TerminalThatGoesAway_CompletesTheRun()
    {
        var terminal = new PseudoTerminal();
        await using var lcnn = LcnnProcess.StartInShell($"exec \"$@\" >{terminal.Path} 2>&1", Arguments("--epochs", "3"), ("TERM", "xterm"));
        await terminal.WaitForOutputAsync();

        terminal.Dispose();

        Assert.Equal(0, await lcnn.WaitForExitAsync());
        Assert.True(File.Exists(Path.Combine(Run, "report.json")));
    }

    [Fact]
    public async Task Train_HungUp_KeepsASnapshot()
    {
        await using var lcnn = LcnnProcess.StartInShell(
            "exec env --default-signal=HUP \"$@\"", Arguments("--json", "--epochs", "1000000")); // the tests themselves may run under nohup
        await lcnn.WaitForEventAsync("step");

        lcnn.Send(PosixSignals.HangUp);

        Assert.Equal(129, await lcnn.WaitForExitAsync());
        Assert.Equal("SIGHUP", lcnn.Events[^1].Text("reason"));
        Assert.True(Directory.Exists(lcnn.Events[^1].Text("snapshot")));
    }

    [Fact]
    public async Task Train_HungUpButStartedToIgnoreThat_GoesOn()
    {
        await using var lcnn = LcnnProcess.StartInShell("trap '' HUP; exec \"$@\"", Arguments("--json", "--epochs", "3"));
        await lcnn.WaitForEventAsync("step");

        lcnn.Send(PosixSignals.HangUp);

        Assert.Equal(0, await lcnn.WaitForExitAsync());
        Assert.Equal("completed", lcnn.Events[^1].Kind);
    }

    private string[] Arguments(params string[] more) =>
    [
        "train", "--train-limit", "64", "--curvature-samples", "0", "--workers", "1", "--out", Run,
        .. more.Contains("--epochs") ? Array.Empty<string>() : ["--epochs", "1"],
        .. more.Where(argument => argument.Length > 0),
    ];
}
