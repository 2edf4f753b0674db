using Lcnn.Distributed.UnitTests.Cli;

namespace Lcnn.Distributed.UnitTests.BadInput;

/// <summary>Whatever stands behind an option, the command takes it or names it; no error of the program itself is shown.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("train --epochs=")]
    [InlineData("train --seed=")]
    [InlineData("train --lr=")]
    [InlineData("train --bucket-mb=")]
    [InlineData("train --dataset=")]
    [InlineData("train --transport=")]
    [InlineData("train --data-dir=")]
    [InlineData("train --out=")]
    [InlineData("train --resume=")]
    [InlineData("train --local-silos=")]
    [InlineData("train --cluster=")]
    [InlineData("watch --cluster=")]
    [InlineData("silo --slots=")]
    [InlineData("silo --devices=")]
    [InlineData("silo --advertise=")]
    [InlineData("silo --stall-timeout=")]
    [InlineData("silo --gateway-port=")]
    [InlineData("sweep add sweep-1 --trials=")]
    [InlineData("sweep start --out=")]
    [InlineData("sweep export sweep-1 --format=")]
    [InlineData("fetch run-1 --snapshot=")]
    [InlineData("runs --limit=")]
    [InlineData("cancel ")]
    [InlineData("watch ")]
    [InlineData("fetch ")]
    [InlineData("sweep status ")]
    public async Task Run_NastyValue_IsTakenOrNamed(string line)
    {
        var (words, isArgument) = (line.TrimEnd().Split(' '), line.EndsWith(' '));
        using var cli = new CliHarness();
        cli.Silo.Fault = "it has to stop"; // a silo whose options are taken does not wait for a signal
        foreach (var text in NastyTexts.All)
        {
            string[] typed = isArgument ? [.. words, text] : [.. words[..^1], words[^1] + text];

            var code = await cli.RunAsync(typed);

            Assert.True(code is 0 or 1 or 2, $"{code}");
            Assert.DoesNotContain("LCNN_DEBUG", cli.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", cli.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("maxTrialDuration: \"\uff13m\"\nparameters: {lr: {values: [0.1]}}\n", "sweep.yaml:1:19: maxTrialDuration: expected a time such as 90s, 45m, 1h30m or 2d, got '\uff13m'")]
    [InlineData("parameters:\n  lr: {values: [0.1], when: {momentum: 0.35}}\n  momentum: {range: [0.1, 0.9], step: 0.1}\n", "sweep.yaml:2:40: parameters.lr.when.momentum: 'momentum' is never 0.35")]
    [InlineData("out: \"a\\0b\"\nparameters: {lr: {values: [0.1]}}\n", "sweep.yaml:1:6: out: expected a path")]
    [InlineData("parameters: {lr: {values: [\"\\ud800\"]}}\n", "sweep.yaml:1:")]
    [InlineData("%YAML 99999999999.1\n---\nparameters: {lr: {values: [0.1]}}\n", "sweep.yaml:1:")]
    public async Task SweepStart_BadFile_IsFileLineAndExit2(string file, string expected)
    {
        using var cli = new CliHarness();
        await File.WriteAllTextAsync(Path.Combine(cli.Folder, "sweep.yaml"), file, TestContext.Current.CancellationToken);

        Assert.Equal(2, await cli.RunLineAsync("sweep start sweep.yaml"));

        Assert.Contains(expected, cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("LCNN_DEBUG", cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", cli.Error, StringComparison.Ordinal);
        Assert.Null(cli.Host.Place);
    }
}
