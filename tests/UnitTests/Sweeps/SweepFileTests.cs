using System.Text.Json.Nodes;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class SweepFileTests
{
    private const string Example = """
        base: {dataset: digits, arch: resnet8-lcnn, epochs: 3, workers: 1, seed: 3}
        parameters:
          lr: {logRange: [0.01, 0.2]}
          batchSize: {values: [64, 128]}
        sampler: random            # grid | random | tpe
        scheduler: {kind: asha, reduction: 3, minEpochs: 1}
        goal: {maximize: testAccuracy}
        maxTrials: 20
        maxConcurrent: 2
        """;

    private const string ExampleAsJson = """
        {
        	"base": {"dataset": "digits", "arch": "resnet8-lcnn", "epochs": 3, "workers": 1, "seed": 3},
        	"parameters": {"lr": {"logRange": [0.01, 0.2]}, "batchSize": {"values": [64, 128]}},
        	"sampler": "random",
        	"scheduler": {"kind": "asha", "reduction": 3, "minEpochs": 1},
        	"goal": {"maximize": "testAccuracy"},
        	"maxTrials": 20,
        	"maxConcurrent": 2
        }
        """;

    private const string Everything = """
        name: all keys
        base: {preset: paper, dataset: digits, arch: resnet8-lcnn, epochs: 9}
        parameters:
          loss: {values: [curvature, gradnorm]}
          betaWeight: {logRange: [1.0e-4, 1], count: 5, when: {loss: curvature}}
          momentum: {range: [0, 0.9], step: 0.3}
          trainLimit: {int: [64, 1024], log: true, count: 3, when: {loss: [curvature, gradnorm]}}
        sampler: {kind: tpe, seed: 5, startupTrials: 4, candidates: 12}
        scheduler: {kind: median, minEpochs: 2, maxEpochs: 6, startupTrials: 3, reduction: 3}
        goal: [{maximize: testAccuracy}, {minimize: curvature}]
        maxTrials: 7
        maxConcurrent: 3
        maxDuration: 1h30m
        maxTrialDuration: 90s
        maxEpochs: 40
        maxRetries: 0
        out: runs/all
        """;

    [Theory]
    [InlineData(Example, "sweep.yaml")]
    [InlineData(ExampleAsJson, "sweep.json")]
    public void Parse_TheShapeOfTheDocumentation_IsReadExactly(string text, string name)
    {
        var spec = SweepFile.Parse(text, name);

        Assert.Equal(Recipes.Default() with { Epochs = 3, Workers = 1, Seed = 3 }, spec.Base);
        Assert.Equal(["dataset", "arch", "epochs", "workers", "seed"], spec.BaseOptions!);
        Assert.Equivalent(new[] { ParameterSpec.LogBetween("lr", 0.01, 0.2), ParameterSpec.OneOf("batchSize", 64, 128) }, spec.Parameters, strict: true);
        Assert.Equal(new SamplerSpec { Kind = "random" }, spec.Sampler);
        Assert.Equal(new SchedulerSpec { Kind = "asha", Reduction = 3, MinEpochs = 1 }, spec.Scheduler);
        Assert.Equal([new GoalSpec("testAccuracy", IsMaximized: true)], spec.Goals);
        Assert.Equal((20, 2, 3L), (spec.MaxTrials, spec.MaxConcurrent, spec.SamplerSeed()));
    }

    [Fact]
    public void Parse_AListOfTrials_IsReadInOrder()
    {
        var spec = SweepFile.Parse("""
            base: {epochs: 1}
            sampler: list
            trials:
              - {method: standard, seed: 1}
              - {method: lcnn, seed: 1, lr: 0.2}
            """);

        Assert.Equal(("list", 2), (spec.Sampler.Kind, spec.PlannedTrials()));
        Assert.Equal(["method=standard, seed=1", "method=lcnn, seed=1, lr=0.2"], spec.Trials.Select(trial => trial.ToString()));
        Assert.Equal("resnet8-lcnn", spec.SpecOf(2, spec.Trials[1]).Architecture);
        Assert.Empty(spec.Warnings());
    }

    [Fact]
    public void Parse_EveryKey_IsRead()
    {
        var spec = SweepFile.Parse(Everything);

        Assert.Equal(Recipes.Paper("digits", "resnet8-lcnn") with { Epochs = 9 }, spec.Base);
        Assert.Equal(new SamplerSpec { Kind = "tpe", Seed = 5, StartupTrials = 4, Candidates = 12 }, spec.Sampler);
        Assert.Equal(new SchedulerSpec { Kind = "median", MinEpochs = 2, MaxEpochs = 6, StartupTrials = 3 }, spec.Scheduler);
        Assert.Equal([new GoalSpec("testAccuracy", true), new GoalSpec("curvature", false)], spec.Goals);
        Assert.Equal((TimeSpan.FromMinutes(90), TimeSpan.FromSeconds(90)), (spec.MaxDuration, spec.MaxTrialDuration));
        Assert.Equal(("all keys", 7, 3, 40L, 0, "runs/all"), (spec.Name, spec.MaxTrials, spec.MaxConcurrent, spec.MaxEpochs, spec.MaxRetries, spec.OutputDirectory));
        Assert.Equal((true, 3, 64.0), (spec.Parameters[3].IsLog, spec.Parameters[3].Count, spec.Parameters[3].Low));
        Assert.Equal(["curvature", "gradnorm"], spec.Parameters[3].When[0].Values.Select(value => value.Text));
    }

    [Theory]
    [MemberData(nameof(MalformedSweeps.Yaml), MemberType = typeof(MalformedSweeps))]
    public void Parse_MalformedYaml_SaysWhatAndWhere(string text, string expected) => AssertRefused(WithParameters(text), "sweep.yaml", expected);

    [Theory]
    [MemberData(nameof(MalformedSweeps.Json), MemberType = typeof(MalformedSweeps))]
    public void Parse_MalformedJson_SaysWhatAndWhere(string text, string expected) => AssertRefused(text, "sweep.json", expected);

    [Fact]
    public void Parse_ManyProblems_NamesEachOnceInOrderOfPlace()
    {
        const string text = """
            base: {dataset: digit, epochs: 0, workers: 9, shards: 2}
            parameters:
              lr: {logRange: [0, 1]}
              arch: {values: [resnet9]}
              momentum: {values: [0.5], when: {arch: vgg11, lrr: 1}}
            sampler: rnd
            colour: red
            maxConcurrent: 0
            """;

        var problems = Assert.Throws<InvalidSweepException>(() => SweepFile.Parse(text, "a/b.yaml")).Problems;

        Assert.Equal(
            [
                "1 base.dataset", "1 base.epochs", "1 base.workers", "3 parameters.lr.logRange", "4 parameters.arch.values[0]",
                "5 parameters.momentum.when.arch", "5 parameters.momentum.when.lrr", "6 sampler", "7 colour", "8 maxConcurrent",
            ],
            problems.Select(problem => $"{problem.Line} {problem.Path}"));
        Assert.StartsWith("a/b.yaml:1:17: base.dataset: expected one of", problems[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_AFile_IsReadAndNamedInItsProblems()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "sweep.yaml");
        await File.WriteAllTextAsync(path, "\uFEFF" + Example, TestContext.Current.CancellationToken);
        Assert.Equal(20, (await SweepFile.ReadAsync(path, TestContext.Current.CancellationToken)).MaxTrials);

        await File.WriteAllBytesAsync(path, [0x6E, 0xFF, 0xFE], TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<InvalidSweepException>(() => SweepFile.ReadAsync(path, TestContext.Current.CancellationToken));
        Assert.StartsWith($"{path}:1:1: expected UTF-8 text", refused.Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(path, new string('#', SweepFile.MaxBytes + 1), TestContext.Current.CancellationToken);
        refused = await Assert.ThrowsAsync<InvalidSweepException>(() => SweepFile.ReadAsync(path, TestContext.Current.CancellationToken));
        Assert.Contains("at most 1048576 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_Keys_AreThoseOfTheReader()
    {
        var schema = JsonNode.Parse(SweepFile.Schema)!;

        Assert.Equal(SweepFileKeys.Root, KeysOf(schema));
        Assert.Equal(SweepFileKeys.Parameter.Order(), KeysOf(schema["$defs"]!["parameter"]!).Order());
        Assert.Equal(SweepFileKeys.Sampler, KeysOf(schema["$defs"]!["sampler"]!));
        Assert.Equal(SweepFileKeys.Scheduler, KeysOf(schema["$defs"]!["scheduler"]!));
        Assert.Equal(SweepFileKeys.Goal, KeysOf(schema["$defs"]!["goal"]!));
        Assert.Equal(RunSpecOptions.AllNames.Append(RunSpecOptions.Network.Name), KeysOf(schema["properties"]!["base"]!));
        Assert.Equal(
            RunSpecOptions.All.Where(option => option.IsSweepable).Select(option => option.Name),
            Texts(schema["properties"]!["parameters"]!["propertyNames"]!["anyOf"]![0]!["enum"]!));
    }

    [Fact]
    public void Schema_NamesAndBounds_AreThoseOfTheContract()
    {
        var schema = JsonNode.Parse(SweepFile.Schema)!;
        var options = schema["properties"]!["base"]!["properties"]!;

        Assert.All(RunSpecOptions.All.Where(option => option.Known is not null), option => Assert.Equal(
            option.Known!, Texts(option.TakesPathBeside ? options[option.Name]!["anyOf"]![0]!["enum"]! : options[option.Name]!["enum"]!)));
        Assert.All(RunSpecOptions.All.Where(option => double.IsFinite(option.Maximum)), option => Assert.Equal(
            (option.Minimum, option.Maximum),
            ((double)options[option.Name]![option.IsMinimumOpen ? "exclusiveMinimum" : "minimum"]!, (double)options[option.Name]!["maximum"]!)));
        Assert.Equal(SweepNames.Samplers, Texts(schema["$defs"]!["sampler"]!["properties"]!["kind"]!["enum"]!));
        Assert.Equal(SweepNames.Schedulers, Texts(schema["$defs"]!["scheduler"]!["properties"]!["kind"]!["enum"]!));
        Assert.Equal(SweepNames.Metrics, Texts(schema["$defs"]!["goal"]!["properties"]!["maximize"]!["enum"]!));
        Assert.Equal(SweepNames.Metrics, Texts(schema["$defs"]!["goal"]!["properties"]!["minimize"]!["enum"]!));
    }

    private static void AssertRefused(string text, string name, string expected)
    {
        var problem = Assert.Single(Assert.Throws<InvalidSweepException>(() => SweepFile.Parse(text, name)).Problems);

        Assert.Contains(expected, problem.ToString(), StringComparison.Ordinal);
        Assert.StartsWith($"{name}:", problem.ToString(), StringComparison.Ordinal);
    }

    private static string WithParameters(string text) =>
        text.Contains(": ", StringComparison.Ordinal) && text.EndsWith('\n') ? text + "parameters: {lr: {values: [0.1]}}\n" : text;

    private static IEnumerable<string> KeysOf(JsonNode schema) => schema["properties"]!.AsObject().Select(entry => entry.Key);

    private static IEnumerable<string> Texts(JsonNode list) => list.AsArray().Select(item => (string)item!);
}
