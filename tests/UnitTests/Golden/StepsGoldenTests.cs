using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.UnitTests.Golden;

public sealed class StepsGoldenTests
{
    private const string Separator = "_sgd_";

    public static MatrixTheoryData<string, int> Sharded { get; } = new(GoldenFolder.Files(GoldenFolder.Steps), [2, 4]);

    [Theory]
    [MemberData(nameof(GoldenFolder.CasesInBothForms), GoldenFolder.Steps, MemberType = typeof(GoldenFolder))]
    public void Sgd_EveryStep_LeavesTheReferencesParametersBuffersAndLosses(string name, Form form) => Check(name, form, shards: 1);

    /// <summary>How many workers have the shards does not show in a bit: WorkerCountOnDigitsTests.</summary>
    [Theory]
    [MemberData(nameof(Sharded))]
    public void Sgd_GlobalBatchNormOverShards_LeavesTheReferencesParametersBuffersAndLosses(string name, int shards) => Check(name, Form.Effective, shards);

    private static void Check(string name, Form form, int shards)
    {
        using var one = new OneThread();
        var cut = name.IndexOf(Separator, StringComparison.Ordinal);
        var (tiny, loss) = (new TinyNetwork(name[..cut]), name[(cut + Separator.Length)..]);
        var golden = new GoldenFile(name);
        var losses = tiny.Scalars.GetProperty("losses").GetProperty(loss).GetProperty("total_at_steps");
        var report = new GoldenReport();

        using var training = tiny.Start(loss, form, shards);
        foreach (var step in golden.Counts("step"))
        {
            // The golden README's rate; it is not in scalars.json.
            var options = new StepOptions(new OptimizerStep(LearningRate: 0.1, step), tiny.Objective(loss));
            var terms = training.Step(tiny.Golden["x"][step - 1], tiny.Golden["y"][step - 1], options);
            report.Check($"loss before step {step}", terms.Loss, losses[step - 1].GetDouble(), Tolerance.Network);
            CheckState(golden, $"step{step}.{loss}.", training, report);
        }

        var after = $"after{golden.Counts("step")[^1]}.{loss}.logits_eval";
        report.Check(after, training.Evaluate(tiny.Golden["x"][0]), golden.Stored(after), Tolerance.Network);
        report.AssertWithinTolerance();
    }

    private static void CheckState(GoldenFile golden, string prefix, ITraining training, GoldenReport report)
    {
        var state = training.States
            .SelectMany(layer => layer.Parameters.Select(parameter => KeyValuePair.Create(parameter.Key, parameter.Value)).Concat(layer.Buffers))
            .ToDictionary();
        var stored = golden.Under(prefix).ToHashSet();

        Assert.Subset(state.Keys.ToHashSet(), stored);
        // Singular vectors are stored for some losses and steps only, all else always.
        Assert.All(state.Keys.Except(stored), key => Assert.EndsWith("weight.0._", key[..^1]));
        foreach (var key in stored)
        {
            report.Check(prefix + key, state[key], golden.Stored(prefix + key), Tolerance.Network);
        }
    }
}
