using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lcnn.Distributed.Cli.Commands;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class SweepContractTests
{
    private static readonly ParameterSet _parameters = new(
        [new("lr", 1.0), new("batchSize", 64), new("loss", "ce"), new("augment", true), new("weightDecay", 1e-300)]);

    private static readonly TrialResult _trial = new()
    {
        Number = 3,
        Parameters = _parameters,
        State = TrialState.Completed,
        Metrics = new Dictionary<string, double> { ["testAccuracy"] = 0.5, ["curvature"] = double.NaN },
    };

    private static readonly SweepSpec _spec = new()
    {
        Base = Recipes.For("paper"),
        BaseOptions = ["dataset"],
        Parameters = [ParameterSpec.OneOf("lr", 1.0, 0.5) with { When = [new ParameterCondition("loss", ["ce"])] }, ParameterSpec.WholeBetween("epochs", 1, 9)],
        MaxDuration = TimeSpan.FromMinutes(90.5),
    };

    public static TheoryData<string, SweepEvent> Kinds =>
    [
        ("sweepStarted", new SweepStarted { Spec = _spec, Trials = 4 }),
        ("trialStarted", new TrialStarted { Number = 1, Parameters = _parameters, RunId = "s-1", Attempt = 1 }),
        ("trialReported", new TrialReported { Number = 1, Epoch = 2, Metrics = _trial.Metrics }),
        ("trialPaused", new TrialPaused { Number = 1, Rung = 0, Epochs = 1 }),
        ("trialPromoted", new TrialPromoted { Number = 1, Rung = 1, TargetEpochs = 3 }),
        ("trialResumed", new TrialResumed { Number = 1, RunId = "s-1", Epochs = 1 }),
        ("trialStopped", new TrialStopped { Trial = _trial with { State = TrialState.Stopped }, Reason = "r" }),
        ("trialCompleted", new TrialCompleted { Trial = _trial }),
        ("trialFailed", new TrialFailed { Trial = _trial with { State = TrialState.Failed }, Error = "e", WillRetry = true }),
        ("bestChanged", new BestChanged { Best = _trial, ParetoFront = [1, 3] }),
        ("sweepPaused", new SweepPaused()),
        ("sweepResumed", new SweepResumed()),
        ("trialsAdded", new TrialsAdded { Count = 2, Trials = 6 }),
        ("sweepCompleted", new SweepCompleted { Best = _trial, Trials = [_trial], Seconds = 1.5 }),
        ("sweepFailed", new SweepFailed { Error = "e", Trials = [_trial] }),
        ("sweepWarning", new SweepWarning { Message = "m" }),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Serialize_AnyKind_IsOneLineThatReadsBackTheSame(string name, SweepEvent sweepEvent)
    {
        var line = SweepEventJson.Serialize(sweepEvent with { SweepId = "s", Sequence = 8 });

        var json = JsonNode.Parse(line)!.AsObject();
        Assert.Equal(("event", name), (json.First().Key, (string)json["event"]!));
        Assert.Equal((1, "s", 8L), ((int)json["schema"]!, (string)json["sweepId"]!, (long)json["sequence"]!));
        Assert.DoesNotContain('\n', line);
        var read = SweepEventJson.Deserialize(line);
        Assert.Equal(sweepEvent.GetType(), read.GetType());
        Assert.Equal(line, SweepEventJson.Serialize(read));
        Assert.Equal(name is "sweepCompleted" or "sweepFailed", read.IsFinal);
    }

    [Fact]
    public void Kinds_OfTheContract_AreAllTested() => Assert.Equal(
        typeof(SweepEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => (string)attribute.TypeDiscriminator!),
        Kinds.Select(row => row.Data.Item1));

    [Fact]
    public void Serialize_Completed_HasTheShapeOfTheDocumentation()
    {
        var trial = JsonNode.Parse(SweepEventJson.Serialize(new SweepCompleted { Best = _trial, Trials = [_trial] }))!["trials"]![0]!;

        Assert.Equal(
            """{"lr":1.0,"batchSize":64,"loss":"ce","augment":true,"weightDecay":1E-300}""", trial["parameters"]!.ToJsonString());
        Assert.Equal(("completed", 3), ((string)trial["state"]!, (int)trial["number"]!));
        Assert.Equal("""{"testAccuracy":0.5,"curvature":null}""", trial["metrics"]!.ToJsonString());
        Assert.All(new[] { "epochs", "weightsSha256", "error" }, name => Assert.True(trial.AsObject().ContainsKey(name), name));
    }

    [Fact]
    public void Spec_InJson_ReadsBackTheSame()
    {
        var line = JsonSerializer.Serialize(_spec, RunEventJson.Options);

        var read = JsonSerializer.Deserialize<SweepSpec>(line, RunEventJson.Options)!;

        Assert.Equal(line, JsonSerializer.Serialize(read, RunEventJson.Options));
        Assert.Equal(_spec.Parameters[0].Values, read.Parameters[0].Values);
        Assert.Equal(_parameters, JsonSerializer.Deserialize<ParameterSet>(JsonSerializer.Serialize(_parameters, RunEventJson.Options), RunEventJson.Options));
    }

    [Fact]
    public void RunSpecOptions_Names_AreThoseOfTheCommandLine() => Assert.Equal(
        new TrainOptions().All.Select(option => CamelCase(option.Name)).Except(SweepFileKeys.NotInBase.Keys).Order(),
        RunSpecOptions.AllNames.Order());

    [Fact]
    public void RunSpecOptions_EveryOption_SetsItsFieldAndReadsItBack() => Assert.All(RunSpecOptions.All, option =>
    {
        OptionValue value = option.Kind switch
        {
            OptionKind.Text => option.Known?[^1] ?? "somewhere",
            OptionKind.Flag => true,
            OptionKind.Whole => 8,
            _ => 0.25,
        };

        var spec = option.Set(new RunSpec(), value);

        Assert.Equal(value, option.Get(spec));
        Assert.Equal(option, RunSpecOptions.OfField(option.Field));
        Assert.Equal(value.ToString(), Convert.ToString(typeof(RunSpec).GetProperty(option.Field)!.GetValue(spec), System.Globalization.CultureInfo.InvariantCulture)!.Replace("True", "true", StringComparison.Ordinal));
    });

    [Fact]
    public void SpecOf_TrialWithAnotherOptimizer_StartsFromItsRateAndDecayExceptWhereTheSweepSays()
    {
        var sweep = SweepFile.Parse("base: {weightDecay: 0.1}\nparameters: {optimizer: {values: [sgd, adamw]}, betas: {values: ['0.9,0.95'], when: {optimizer: adamw}}}\n");

        var (sgd, adamW) = (sweep.SpecOf(1, new ParameterSet([new("optimizer", "sgd")])), sweep.SpecOf(2, new ParameterSet([new("optimizer", "adamw"), new("betas", "0.9,0.95")])));

        Assert.Equal(("sgd", 0.1, 0.1), (sgd.Optimizer, sgd.LearningRate, sgd.WeightDecay));
        Assert.Equal(("adamw", 1e-3, 0.1, "0.9,0.95"), (adamW.Optimizer, adamW.LearningRate, adamW.WeightDecay, adamW.Betas));
    }

    [Fact]
    public void Parse_OptimizersWithOptionsOfEachOther_NamesTheTrial()
    {
        var refused = Assert.Throws<InvalidSweepException>(() => SweepFile.Parse("base: {nesterov: true}\nparameters: {optimizer: {values: [sgd, adamw]}}\n"));

        Assert.Matches("a trial with optimizer.adamw cannot run: nesterov: Nesterov's momentum is SGD's", refused.Message);
    }

    [Fact]
    public void SpecOf_TrialWithAnotherNetwork_FollowsItsRecipeExceptForTheBasesOwnOptions()
    {
        var sweep = SweepFile.Parse("base: {dataset: digits, epochs: 3, workers: 1}\nparameters: {arch: {values: [resnet8, resnet8-lcnn]}}\nout: runs/s/\n");

        var plain = sweep.SpecOf(12, new ParameterSet([new("arch", "resnet8")]));

        Assert.Equal(Recipes.Default("digits", "resnet8") with { Epochs = 3, Workers = 1, OutputDirectory = "runs/s/trial-0012" }, plain);
        Assert.Equal(("ce", "curvature"), (plain.Loss, sweep.SpecOf(1, new ParameterSet([new("arch", "resnet8-lcnn")])).Loss));
    }

    [Fact]
    public void SpecOf_SpecOfOnesOwn_ChangesOnlyWhatTheTrialSays()
    {
        var sweep = _spec with { BaseOptions = null, Scheduler = new SchedulerSpec { MaxEpochs = 5 } };

        Assert.Equal(
            sweep.Base with { LearningRate = 1, Epochs = 5, OutputDirectory = "/trial-0001" },
            sweep.SpecOf(1, new ParameterSet([new("lr", 1)])));
    }

    private static string CamelCase(string option)
    {
        var words = option.TrimStart('-').Split('-');
        return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
