using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.EndToEndTests.Runs;

/// <summary>Two processes differentiate the gradient norm of a batch that neither has whole; finite differences in float64 say what they must get.</summary>
public sealed class SecondDerivativeTests : IDisposable
{
    private const int Samples = 64;
    private const int Seed = 5;
    private const double StepSize = 1e-4; // of unit directions: truncation and rounding both below 1e-6 of the derivatives
    private const double Tolerance = 1e-3; // the processes compute in float32, and the term is a hundred thousand times a mean of squares

    private readonly TemporaryFolder _folder = new();
    private readonly Network _network = Architectures.Build("resnet8-lcnn", new ImageShape(1, 8, 8), 10);
    private readonly Objective _objective = new(LossKind.CurvatureAndGradientNorm, BetaWeight: 1e-3, GammaWeight: 1e-3, GradientNormWeight: 0.1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Gradient_OfTheGradientNormByTwoProcesses_IsWhatFiniteDifferencesGive()
    {
        var completed = await RunEvents.TrainAsync(
        [
            "--dataset", "digits", "--arch", "resnet8-lcnn", "--loss", "curvature+gradnorm", "--batch-norm", "global", "--shards", "4",
            "--workers", "2", "--local-silos", "2", "--train-limit", $"{Samples}", "--batch-size", $"{Samples}", "--epochs", "1", "--seed", $"{Seed}",
            "--beta-weight", "1e-3", "--gamma-weight", "1e-3", "--gradnorm-weight", "0.1", "--momentum", "0.9", "--weight-decay", "0",
            "--curvature-samples", "0", "--out", _folder["run"],
        ]);
        Assert.Equal(64, completed.Weights.Length);
        // After one step the momentum is the gradient.
        var snapshot = SnapshotStore.FindNewest(_folder["run"], Assert.Fail);
        Assert.Equal(1, snapshot.Step);
        var data = (await new DataSetLoader().LoadAsync("digits", null, cancellationToken: TestContext.Current.CancellationToken)).Train;
        var initial = NetworkState.Export(_network.Initialize(Seed)).ToDictionary(tensor => tensor.Name);
        var states = _network.Initialize(Seed, Precision.Extended);
        NetworkState.Import(states, initial, "the initial state");
        foreach (var state in states)
        {
            state.Iterate(); // as at the step's prepare; u and v are constants of the derivative
        }

        using var noGraph = no_grad();
        var owners = states.Select(state => new LayerOwner(state)).ToList();
        var ofTheGradientNorm = 0;
        foreach (var parameter in states.SelectMany(state => state.Parameters).Where(parameter => parameter.Learns))
        {
            var gradient = snapshot.Optimizer[parameter.Key].Values<float>().ToArray();
            var norm = Math.Sqrt(gradient.Sum(value => (double)value * value));
            var start = initial[parameter.Key].Values<float>().ToArray();

            // Along the gradient itself the derivative is its norm.
            var (ahead, behind) = (At(StepSize), At(-StepSize));
            Set(0);

            var difference = ahead.Loss - behind.Loss;
            Assert.True(
                Math.Abs((difference / (2 * StepSize)) - norm) <= Tolerance * norm,
                $"{parameter.Key}: finite differences give {difference / (2 * StepSize)}, the processes {norm}");
            var share = _objective.GradientNormWeight * Math.Abs(ahead.GradientNorm - behind.GradientNorm) / Math.Abs(difference);
            ofTheGradientNorm += share > 0.1 ? 1 : 0;

            StepTerms At(double distance)
            {
                Set(distance);
                return Evaluate(owners, data);
            }

            void Set(double distance)
            {
                using var value = tensor(start.Zip(gradient, (from, slope) => from + (distance / norm * slope)).ToArray(), parameter.Value.shape);
                parameter.Value.copy_(value);
            }
        }

        Assert.True(ofTheGradientNorm > 10, $"only {ofTheGradientNorm} tensors owe a tenth of their derivative to the gradient norm");
        owners.ForEach(owner => owner.Dispose());
    }

    private StepTerms Evaluate(List<LayerOwner> owners, ILabelledImages data)
    {
        var layers = LayerOwner.Evaluate(owners);
        try
        {
            using var computation = new ShardComputation(_network, _objective, layers, Samples, Normalization.Shard);
            using var gradient = computation.Compute(BatchOf(data));
            return StepTerms.From(gradient.Terms, layers.Select(layer => layer.Penalty), _objective);
        }
        finally
        {
            foreach (var layer in layers)
            {
                layer.Dispose();
            }
        }
    }

    private static SampleBatch BatchOf(ILabelledImages data)
    {
        using var scope = NewDisposeScope();
        var (pixels, labels) = (new float[Samples * data.ImageLength], new long[Samples]);
        int[] indices = [.. Enumerable.Range(0, Samples)];
        data.Gather(indices, pixels);
        data.GatherLabels(indices, labels);
        return new SampleBatch(tensor(pixels, [Samples, data.Channels, data.Height, data.Width], dtype: ScalarType.Float64), tensor(labels));
    }
}
