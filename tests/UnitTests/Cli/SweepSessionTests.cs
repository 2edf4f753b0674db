using System.Text.Json;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class SweepSessionTests : IDisposable
{
    private const string Error = "sweep sweep-1 could not be scheduled: 3 tries in a row failed";

    private readonly CliHarness _cli = new();

    public SweepSessionTests() => File.WriteAllText(
        Path.Combine(_cli.Folder, "sweep.yaml"), "base: {dataset: digits, arch: resnet8-lcnn, workers: 1}\nparameters: {lr: {values: [0.1]}}\n");

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(" --json")]
    public async Task Watch_SweepThatFails_EndsWithFailureAndItsReason(string options)
    {
        _cli.Host.Sweep.Events = [new SweepStarted { Sequence = 1, Spec = SampleSweep.Spec }, new SweepFailed { Sequence = 2, Error = Error }];

        Assert.Equal(1, await _cli.RunLineAsync("sweep start sweep.yaml --watch" + options));

        Assert.Contains(Error, _cli.Error + _cli.Console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_SweepThatWasStopped_SaysWhy()
    {
        _cli.Host.Sweep.Status = _cli.Host.Sweep.Status with { StopReason = "the sweep's 3 epochs are spent" };

        Assert.Equal(0, await _cli.RunLineAsync("sweep status sweep-1 --json"));

        using var json = JsonDocument.Parse(Assert.Single(_cli.OutputLines));
        Assert.Equal("the sweep's 3 epochs are spent", json.RootElement.GetProperty("status").GetProperty("stopReason").GetString());
        Assert.Equal(0, await _cli.RunLineAsync("sweep status sweep-1"));
        Assert.Contains("the sweep's 3 epochs are spent", _cli.Console.Output, StringComparison.Ordinal);
    }
}
