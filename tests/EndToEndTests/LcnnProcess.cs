using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests;

/// <summary>The built program, started as its users start it; killed if a test leaves it running.</summary>
internal sealed class LcnnProcess : IAsyncDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(TestTier.IsLong ? 60 : 5);

    // What ./lcnn sets: without it the runtime's share of the process depends on the processor's cache.
    private static readonly (string Name, string Value)[] _setByTheScript = [("DOTNET_GCgen0size", "0x400000"), ("DOTNET_TC_CallCountThreshold", "0x400")];

    private readonly Process _process;
    private readonly OutputLog _output = new("standard output");
    private readonly OutputLog _error = new("standard error");

    private LcnnProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What was written to standard output so far.</summary>
    public IReadOnlyList<string> Output => _output.Lines;

    /// <summary>What was written to standard error so far.</summary>
    public IReadOnlyList<string> Error => _error.Lines;

    /// <summary>The lines of standard output as JSON; fails on one that is not.</summary>
    public IReadOnlyList<JsonElement> Events => [.. Output.Select(Parse)];

    public static LcnnProcess Start(params IReadOnlyList<string> arguments) => Start(Environment.CurrentDirectory, arguments);

    public static LcnnProcess Start(string workingDirectory, IReadOnlyList<string> arguments, params (string Name, string Value)[] environment) =>
        Start(new ProcessStartInfo("dotnet", [LcnnProgram.Path, .. arguments]) { WorkingDirectory = workingDirectory }, environment);

    /// <summary>Starts it from a line of bash, in which <c>"$@"</c> stands for the program and its arguments.</summary>
    public static LcnnProcess StartInShell(string line, IReadOnlyList<string> arguments, params (string Name, string Value)[] environment) =>
        Start(new ProcessStartInfo("bash", ["-c", line, "bash", "dotnet", LcnnProgram.Path, .. arguments]), environment);

    /// <summary>Starts it on a host of a network.</summary>
    /// <param name="host">What a command line on that host begins with.</param>
    public static LcnnProcess StartOn(IReadOnlyList<string> host, string workingDirectory, IReadOnlyList<string> arguments, params (string Name, string Value)[] environment) =>
        StartLine([.. host, "dotnet", LcnnProgram.Path, .. arguments], workingDirectory, environment);

    /// <summary>Starts whatever a line says, which is to speak as the program does.</summary>
    public static LcnnProcess StartLine(IReadOnlyList<string> line, string workingDirectory, params (string Name, string Value)[] environment) =>
        Start(new ProcessStartInfo(line[0], line.Skip(1)) { WorkingDirectory = workingDirectory }, environment);

    private static LcnnProcess Start(ProcessStartInfo start, IReadOnlyList<(string Name, string Value)> environment)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment.Remove("LCNN_CLUSTER");
        foreach (var (name, value) in _setByTheScript)
        {
            start.Environment.TryAdd(name, value);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var lcnn = new LcnnProcess(process);
        process.OutputDataReceived += (_, line) => lcnn._output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => lcnn._error.Add(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return lcnn;
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<LcnnProcess> RunAsync(params IReadOnlyList<string> arguments)
    {
        var lcnn = Start(arguments);
        await lcnn.WaitForExitAsync();
        return lcnn;
    }

    /// <summary>The exit code, once both streams are read to their ends.</summary>
    public async Task<int> WaitForExitAsync()
    {
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            timeout.CancelAfter(_timeout);
            await _process.WaitForExitAsync(timeout.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"lcnn did not end within {_timeout}; {this}");
        }
    }

    /// <summary>The first line of standard output, past or future, for which the test waits.</summary>
    public async Task<JsonElement> WaitForEventAsync(Func<JsonElement, bool> isAwaited) =>
        Parse(await _output.WaitForAsync(line => isAwaited(Parse(line)), _timeout));

    /// <summary>The first event of a kind, past or future.</summary>
    public Task<JsonElement> WaitForEventAsync(string kind) => WaitForEventAsync(line => line.GetProperty("event").GetString() == kind);

    /// <summary>The first line of standard output, past or future, that a test waits for.</summary>
    public Task<string> WaitForOutputAsync(Func<string, bool> isAwaited) => _output.WaitForAsync(isAwaited, _timeout);

    /// <summary>The first line of standard error, past or future, that a test waits for.</summary>
    public Task<string> WaitForErrorAsync(Func<string, bool> isAwaited) => _error.WaitForAsync(isAwaited, _timeout);

    public void SendInterrupt() => Send(PosixSignals.Interrupt);

    public void SendTerminate() => Send(PosixSignals.Terminate);

    /// <summary>Ends the process as a power cut would.</summary>
    public void Kill() => _process.Kill();

    public override string ToString() =>
        $"standard output:\n{string.Join('\n', Output.TakeLast(20))}\nstandard error:\n{string.Join('\n', Error.TakeLast(20))}";

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>Sends a signal by its number.</summary>
    public void Send(int signal)
    {
        if (PosixSignals.Kill(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"signal {signal} did not reach process {_process.Id}: error {Marshal.GetLastPInvokeError()}");
        }
    }

    private static JsonElement Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}
