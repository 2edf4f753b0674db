using System.Text.Json;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Training;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>Five steps of each optimizer on the reduced networks, against torch.optim (tests/golden/optimizers/make_optimizer_golden.py).</summary>
public sealed class OptimizerGoldenTests
{
    private const int StepsEachEpoch = 1;

    private static readonly JsonElement _cases = GoldenFolder.ReadJson(GoldenFolder.Optimizers, "optimizers.json");

    public static TheoryData<string> Cases { get; } = [.. _cases.EnumerateObject().Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void FiveSteps_OfEachCase_LeaveTorchsWeightsBuffersStateAndAverage(string name)
    {
        using var one = new OneThread();
        var (settings, golden, report) = (_cases.GetProperty(name), new GoldenFile(name, GoldenFolder.Optimizers), new GoldenReport());
        var (network, optimizer) = (NetworkOf(settings), OptimizerOf(settings));
        var (states, averages) = (network.Initialize(seed: 0), settings.TryGetProperty("ema", out var decay) ? network.Initialize(seed: 0) : null);
        golden.LoadState(states);
        var objective = ObjectiveOf(settings);
        using var trainer = new LocalTrainer(network, states, objective, optimizer, averages, averages is null ? 0 : decay.GetDouble());
        double? most = settings.TryGetProperty("clip", out var clip) ? clip.GetDouble() : null;

        var losses = new List<double>();
        for (var step = 1; step <= 5; step++)
        {
            var batch = (step - 1) % 3;
            var options = new StepOptions(new OptimizerStep(RateOf(settings, step), step), objective, MaxGradientNorm: most);
            losses.Add(trainer.Step(golden["x"][batch], golden["y"][batch], options).Loss);
        }

        report.Check("losses", [.. losses], Doubles(golden, "losses"), Tolerance.Network);
        report.Check("rates", [.. Enumerable.Range(1, 5).Select(step => RateOf(settings, step))], Doubles(golden, "rates"), new Tolerance(1e-9));
        Compare("after.", NetworkState.Export(states));
        Compare("optimizer.", NetworkState.ExportOptimizer(states, optimizer.StateSuffixes));
        Compare("average.", averages is null ? [] : NetworkState.Export(averages));
        report.AssertWithinTolerance();

        void Compare(string prefix, IReadOnlyList<SafeTensor> ours)
        {
            var byKey = ours.ToDictionary(tensor => tensor.Name);
            var stored = golden.Under(prefix).ToList();
            Assert.Empty(stored.Except(byKey.Keys));
            Assert.All(byKey.Keys.Except(stored), key => Assert.Matches(@"\.(_u|_v|num_batches_tracked)$", key)); // an average's are the network's
            foreach (var key in stored)
            {
                report.Check(prefix + key, ToTensor(byKey[key]), golden.Stored(prefix + key), Tolerance.Network);
            }
        }
    }

    [Fact]
    public void Average_Evaluated_ScoresAsTorchsAveragedModel()
    {
        using var one = new OneThread();
        var (settings, golden, report) = (_cases.GetProperty("averaged"), new GoldenFile("averaged", GoldenFolder.Optimizers), new GoldenReport());
        var network = NetworkOf(settings);
        var states = network.Initialize(seed: 0);
        var average = golden.Under("after.").ToDictionary(key => key, key => golden.Stored((golden.Has("average." + key) ? "average." : "after.") + key));
        NetworkState.Import(states, average, "average");
        using var training = new EffectiveTraining(network, states, ObjectiveOf(settings));

        report.Check("average_logits_eval", training.Evaluate(golden["x"][0]), golden.Stored("average_logits_eval"), Tolerance.Network);
        report.AssertWithinTolerance();
    }

    private static double[] Doubles(GoldenFile golden, string key) => Array.ConvertAll(golden.Stored(key).Values<float>().ToArray(), value => (double)value);

    private static TorchSharp.torch.Tensor ToTensor(SafeTensor tensor) => tensor.DType == ElementType.I64
        ? TorchSharp.torch.tensor(tensor.Values<long>().ToArray(), [.. tensor.Shape])
        : TorchSharp.torch.tensor(tensor.Values<float>().ToArray(), [.. tensor.Shape]);

    private static Network NetworkOf(JsonElement settings)
    {
        var sizes = settings.GetProperty("sizes");
        int Get(string size) => sizes.GetProperty(size).GetInt32();
        int[] GetAll(string name) => [.. sizes.GetProperty(name).EnumerateArray().Select(size => size.GetInt32())];
        return ResidualNetwork.Build(new ImageShape(Get("cin"), Get("im"), Get("im")), Get("classes"), GetAll("widths"), GetAll("blocks"));
    }

    private static Objective ObjectiveOf(JsonElement settings)
    {
        double Get(string constant) => settings.GetProperty("constants").GetProperty(constant).GetDouble();
        return new Objective(TinyNetwork.LossOf(settings.GetProperty("loss").GetString()!), Get("beta"), Get("gamma"), Get("gnorm"));
    }

    private static Optimizer OptimizerOf(JsonElement settings)
    {
        double Get(string name) => settings.GetProperty(name).GetDouble();
        return settings.GetProperty("optimizer").GetString() == "adamw"
            ? new AdamW(settings.GetProperty("betas")[0].GetDouble(), settings.GetProperty("betas")[1].GetDouble(), Get("eps"), Get("weightDecay"))
            : new Sgd(Get("momentum"), Get("weightDecay"), settings.TryGetProperty("nesterov", out var nesterov) && nesterov.GetBoolean());
    }

    // A step of the golden runs is an epoch of one step.
    private static double RateOf(JsonElement settings, int step) => LearningRateSchedule.At(
        "constant", settings.GetProperty("lr").GetDouble(), step - 1, StepsEachEpoch, epochs: 5, settings.TryGetProperty("warmupSteps", out var steps) ? steps.GetInt32() : 0);
}
