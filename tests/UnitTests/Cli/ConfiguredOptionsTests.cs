namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>Options of a silo from the environment and a file, as a manifest gives them.</summary>
public sealed class ConfiguredOptionsTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public ConfiguredOptionsTests()
    {
        _cli.Silo.Fault = "enough";
        _cli.Variables["LCNN_SILO__SILO_PORT"] = "0";
        _cli.Variables["LCNN_SILO__GATEWAY_PORT"] = "0";
    }

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Silo_OptionsFromTheEnvironment_ReachTheSilo()
    {
        _cli.Variables["LCNN_SILO__SLOTS"] = "3";
        _cli.Variables["LCNN_SILO__HttpPort"] = "0"; // as .NET has it
        _cli.Variables["LCNN_SILO__STALL_TIMEOUT"] = "7.5";
        _cli.Variables["LCNN_SILO__INSECURE"] = "true";
        _cli.Variables["LCNN_SILO__RUN_ROOTS"] = ".";
        _cli.Variables["LCNN_SILO__NAME"] = ""; // says nothing
        _cli.Variables["LCNN_SILO__CLUSTER"] = "redis://:secret@host?cluster=lab";

        Assert.Equal(1, await _cli.RunLineAsync("silo"));

        var options = _cli.Silo.Options;
        Assert.Equal((3, 0, TimeSpan.FromSeconds(7.5), true), (options.Slots, options.HttpPort, options.StallTimeout, options.Insecure));
        Assert.Equal((_cli.Folder, Environment.MachineName), (options.RunRoots, options.Name));
        Assert.Equal("redis://:***@host:6379?cluster=lab", _cli.Silo.Request!.Address.ToString());
        Assert.DoesNotContain("visible to everybody", _cli.Error, StringComparison.Ordinal); // an environment is not
    }

    [Fact]
    public async Task Silo_SameOptionInSeveralPlaces_CommandLineThenEnvironmentThenFile()
    {
        File.WriteAllText(Path.Combine(_cli.Folder, "silo.json"), """
            {
                // all that a file says
                "silo": { "slots": 1, "name": "of the file", "http-port": 0, "stall_timeout": 9, "runRoots": [".", "/"], "insecure": false },
                "other": 3,
            }
            """);
        _cli.Variables["LCNN_CONFIG"] = "silo.json";
        _cli.Variables["LCNN_SILO__SLOTS"] = "2";
        _cli.Variables["LCNN_SILO__NAME"] = "of the environment";

        Assert.Equal(1, await _cli.RunLineAsync("silo --slots 4"));

        var options = _cli.Silo.Options;
        Assert.Equal((4, "of the environment", TimeSpan.FromSeconds(9), false), (options.Slots, options.Name, options.StallTimeout, options.Insecure));
        Assert.Equal((0, $"{_cli.Folder},/"), (options.HttpPort, options.RunRoots));
    }

    [Fact]
    public async Task Silo_BadValues_AreNamedByWhereTheyStand()
    {
        _cli.Variables["LCNN_SILO__SLOTS"] = "many";
        _cli.Variables["LCNN_SILO__INSECURE"] = "yes";
        _cli.Variables["LCNN_SILO__STALL_TIMEOUT"] = "0";
        _cli.Variables["LCNN_SILO__SLOT"] = "1";
        _cli.Variables["LCNN_SILO__DRAIN_TIMEOUT"] = "1e9";
        File.WriteAllText(Path.Combine(_cli.Folder, "silo.json"), """{ "silo": { "devices": "gpu", "http-port": {}, "frobnicate": 1 } }""");

        Assert.Equal(2, await _cli.RunLineAsync("silo --config silo.json"));

        var file = Path.Combine(_cli.Folder, "silo.json");
        string[] expected =
        [
            "error: LCNN_SILO__INSECURE: expected true or false, got 'yes'",
            "error: LCNN_SILO__SLOT: a silo has no such option; did you mean that of '--slots'?",
            $"error: silo.http-port in '{file}': expected a text, a number, true, false, or an array of such",
            $"error: silo.frobnicate in '{file}': a silo has no such option",
            "error: LCNN_SILO__SLOTS: expected a whole number, got 'many'",
            $"error: silo.devices in '{file}': expected auto, cpu, or GPUs as cuda:0,cuda:1, got 'gpu'",
            "error: LCNN_SILO__STALL_TIMEOUT: expected one second to one day, got 0",
            "error: LCNN_SILO__DRAIN_TIMEOUT: expected 0 seconds to one day, got 1e9",
        ];
        Assert.Equal(expected.Order(), _cli.ErrorLines.SkipLast(1).Order());
        Assert.Null(_cli.Silo.Request);
    }

    [Theory]
    [InlineData("", "is no JSON: line 1")]
    [InlineData("{ \"silo\": ", "is no JSON: line 1")]
    [InlineData("[]", "expected an object with an object \"silo\" in")]
    [InlineData("{ \"silos\": {} }", "expected an object with an object \"silo\" in")]
    [InlineData("{ \"silo\": 3 }", "expected an object with an object \"silo\" in")]
    [InlineData(null, "cannot be read: ")]
    public async Task Silo_FileThatIsNone_IsNamed(string? content, string expected)
    {
        if (content is not null)
        {
            File.WriteAllText(Path.Combine(_cli.Folder, "silo.json"), content);
        }

        Assert.Equal(2, await _cli.RunLineAsync("silo --config silo.json"));

        Assert.StartsWith("error: --config: ", _cli.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains(expected, _cli.ErrorLines[0], StringComparison.Ordinal);
    }
}
