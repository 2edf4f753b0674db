using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>A silo in a process of its own, in all the ways it can leave a cluster.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly Regex _takenUp = new("this silo coordinates it from generation ([0-9]+) on");
    private static readonly Regex _firstStep = new("generation ([0-9]+) made its first step");

    private SiloProcess(LcnnProcess process, JsonElement ready) => (Process, Ready) = (process, ready);

    /// <summary>The process.</summary>
    public LcnnProcess Process { get; }

    /// <summary>What it said when it took part in its cluster.</summary>
    public JsonElement Ready { get; }

    /// <summary>Address of the silo.</summary>
    public string Silo => Ready.Text("silo");

    /// <summary>The generation from which it coordinates a run, or did; -1 if it never has.</summary>
    public int CoordinatesFrom => Process.Error.Select(line => NumberIn(_takenUp.Match(line))).Append(-1).Max();

    /// <summary>Whether it coordinates, or has coordinated, a run.</summary>
    public bool HasCoordinated => CoordinatesFrom >= 0;

    /// <summary>How many times it has taken up a run as its coordinator.</summary>
    public int CoordinatedCount => Process.Error.Count(_takenUp.IsMatch);

    /// <summary>Whether it schedules, or has scheduled, a sweep.</summary>
    public bool HasScheduled => Process.Error.Any(IsScheduling);

    /// <summary>Starts one on free ports and waits until it is ready.</summary>
    public static Task<SiloProcess> StartAsync(string cluster, string workingDirectory, params IReadOnlyList<string> arguments) =>
        StartWithFaultAsync(cluster, workingDirectory, fault: "", arguments);

    /// <summary>As <see cref="StartAsync"/>, with a fault built in: LCNN_FAULT of the program.</summary>
    public static Task<SiloProcess> StartWithFaultAsync(
        string cluster, string workingDirectory, string fault, params IReadOnlyList<string> arguments) => StartOnAsync([], cluster, workingDirectory, fault, arguments);

    /// <summary>As the others, on a host of a network.</summary>
    /// <param name="host">What a command line on that host begins with.</param>
    public static async Task<SiloProcess> StartOnAsync(
        IReadOnlyList<string> host, string cluster, string workingDirectory, string fault, params IReadOnlyList<string> arguments)
    {
        var process = LcnnProcess.StartOn(
            host, workingDirectory, ["silo", "--json", "--silo-port", "0", "--gateway-port", "0", .. arguments],
            ("LCNN_CLUSTER", cluster), ("LCNN_FAULT", fault));
        try
        {
            return new SiloProcess(process, await process.WaitForEventAsync("ready"));
        }
        catch (Exception exception)
        {
            var said = process.ToString();
            await process.DisposeAsync();
            throw new InvalidOperationException($"the silo was not ready: {said}", exception);
        }
    }

    /// <summary>Returns when it has seen another silo join.</summary>
    public Task WaitForJoinAsync(SiloProcess other) => WaitForAsync(other, "joined the cluster");

    /// <summary>Returns when another silo counts as gone.</summary>
    public Task WaitForLossAsync(SiloProcess other) => WaitForAsync(other, "is gone from the cluster");

    /// <summary>Returns when the run that it coordinates makes steps in a generation later than one.</summary>
    public Task WaitForFirstStepAsync(long after) => Process.WaitForErrorAsync(line => NumberIn(_firstStep.Match(line)) > after);

    /// <summary>Returns when it has taken up so many runs as their coordinator.</summary>
    public Task WaitForRunsAsync(int count)
    {
        var seen = 0;
        return Process.WaitForErrorAsync(line => _takenUp.IsMatch(line) && ++seen == count);
    }

    /// <summary>Returns when it schedules a sweep.</summary>
    public Task WaitForSchedulingAsync() => Process.WaitForErrorAsync(IsScheduling);

    /// <summary>SIGKILL, as a power cut.</summary>
    public void Kill9() => Process.Kill();

    /// <summary>SIGSTOP: it hangs.</summary>
    public void Stop() => Process.Send(PosixSignals.Stop);

    /// <summary>SIGCONT: it goes on, and does not know for how long it hung.</summary>
    public void Continue() => Process.Send(PosixSignals.Continue);

    /// <summary>SIGTERM: it hands over and leaves.</summary>
    public void Terminate() => Process.SendTerminate();

    public Task<int> WaitForExitAsync() => Process.WaitForExitAsync();

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static bool IsScheduling(string line) => line.Contains("this silo schedules it", StringComparison.Ordinal);

    private static int NumberIn(Match match) => match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : -1;

    // The log writes addresses as "S127.0.0.1:11111:7", the program as "127.0.0.1:11111@7".
    private Task<string> WaitForAsync(SiloProcess other, string what)
    {
        var name = $"S{other.Silo.Replace('@', ':')}";
        return Process.WaitForErrorAsync(line => line.Contains(name, StringComparison.Ordinal) && line.Contains(what, StringComparison.Ordinal));
    }
}
