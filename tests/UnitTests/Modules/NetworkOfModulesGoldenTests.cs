using Lcnn.Distributed.Model.Modules;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Modules;

/// <summary>A network built from the library's modules beside the numbers of the authors' code.</summary>
public sealed class NetworkOfModulesGoldenTests
{
    [Theory]
    [MemberData(nameof(GoldenFolder.Cases), GoldenFolder.Network, MemberType = typeof(GoldenFolder))]
    public void Forward_TrainAndEval_HasTheReferencesLogits(string name)
    {
        using var one = new OneThread();
        var tiny = new TinyNetwork(name);
        using var network = AuthorsNetwork.Load(tiny);
        var report = new GoldenReport();

        network.eval();
        report.Check("fwd.logits_eval", network.call(tiny.Golden["x"][0]), tiny.Golden.Stored("fwd.logits_eval"), Tolerance.Network);
        network.train();
        report.Check("fwd.logits_train", network.call(tiny.Golden["x"][0]), tiny.Golden.Stored("fwd.logits_train"), Tolerance.Network);

        report.AssertWithinTolerance();
    }

    [Theory]
    [MemberData(nameof(GoldenFolder.Cases), GoldenFolder.Network, MemberType = typeof(GoldenFolder))]
    public void Backward_OfEveryLoss_HasTheReferencesTermsAndGradients(string name)
    {
        using var one = new OneThread();
        var tiny = new TinyNetwork(name);
        var report = new GoldenReport();

        foreach (var loss in tiny.Losses)
        {
            using var network = AuthorsNetwork.Load(tiny);
            var (total, gradientNorm) = LossOf(network, tiny, loss, batch: 0);
            total.backward();

            var stored = tiny.Scalars.GetProperty("losses").GetProperty(loss);
            report.Check($"{loss}.total", total.ReadDouble(), stored.GetProperty("total").GetDouble(), Tolerance.Network);
            if (gradientNorm is not null)
            {
                report.Check($"{loss}.gradnorm", gradientNorm.ReadDouble(), stored.GetProperty("gradnorm").GetDouble(), Tolerance.Term);
            }

            Assert.Equal(tiny.Golden.Under($"grad.{loss}.").Order(), network.named_parameters().Select(parameter => parameter.name).Order());
            foreach (var (key, parameter) in network.named_parameters())
            {
                report.Check($"grad.{loss}.{key}", parameter.grad!, tiny.Golden.Stored($"grad.{loss}.{key}"), Tolerance.Network);
            }
        }

        report.AssertWithinTolerance();
    }

    [Theory]
    [MemberData(nameof(GoldenFolder.Cases), GoldenFolder.Steps, MemberType = typeof(GoldenFolder))]
    public void Sgd_OfTorch_LeavesTheReferencesParametersAndBuffers(string name)
    {
        using var one = new OneThread();
        var (tiny, loss) = (new TinyNetwork(name[..name.IndexOf("_sgd_", StringComparison.Ordinal)]), name[(name.IndexOf("_sgd_", StringComparison.Ordinal) + 5)..]);
        var golden = new GoldenFile(name);
        using var network = AuthorsNetwork.Load(tiny);
        using var optimizer = Sgd(network);
        var report = new GoldenReport();

        foreach (var step in golden.Counts("step"))
        {
            optimizer.zero_grad();
            LossOf(network, tiny, loss, step - 1).Total.backward();
            optimizer.step();

            var state = network.state_dict();
            foreach (var key in golden.Under($"step{step}.{loss}."))
            {
                report.Check($"step{step}.{loss}.{key}", state[key], golden.Stored($"step{step}.{loss}.{key}"), Tolerance.Network);
            }
        }

        report.AssertWithinTolerance();
    }

    [Theory]
    [MemberData(nameof(GoldenFolder.Cases), GoldenFolder.Network, MemberType = typeof(GoldenFolder))]
    public void Curvature_AfterEveryIterationCount_HasTheReferencesRayleighQuotients(string name)
    {
        using var one = new OneThread();
        var tiny = new TinyNetwork(name);
        using var network = AuthorsNetwork.Load(tiny);
        network.eval();
        var report = new GoldenReport();

        foreach (var count in tiny.Golden.Counts("curv.it"))
        {
            var samples = ModuleCurvature.Measure(network, tiny.Golden["x"][0], tiny.Golden["y"][0], tiny.Golden["curv.u"], count);
            report.Check($"curv.it{count}.gnorm", tensor(samples.Select(sample => sample.GradientNorm).ToArray()), tiny.Golden.Stored($"curv.it{count}.gnorm"), Tolerance.GradientNorm);
            report.Check(
                $"curv.it{count}.hessian", tensor(samples.Select(sample => sample.RayleighHessianNorm).ToArray()), tiny.Golden.Stored($"curv.it{count}.hessian"), Tolerance.Hessian(count));
        }

        report.AssertWithinTolerance();
    }

    private static (Tensor Total, Tensor? GradientNorm) LossOf(AuthorsNetwork network, TinyNetwork tiny, string loss, int batch)
    {
        var objective = tiny.Objective(loss);
        var images = tiny.Golden["x"][batch].detach().clone().requires_grad_();
        var total = nn.functional.cross_entropy(network.call(images), tiny.Golden["y"][batch]);
        var gradientNorm = objective.HasGradientNorm ? Penalties.GradientNorm(total, images) : null;
        if (objective.HasCurvature)
        {
            total += (Penalties.Beta(network) * objective.BetaWeight) + (Penalties.Gamma(network) * objective.GammaWeight);
        }

        return (gradientNorm is null ? total : total + (gradientNorm * objective.GradientNormWeight), gradientNorm);
    }

    // The golden README's options: no decay of log_beta and log_lipschitz.
    private static SGD Sgd(AuthorsNetwork network)
    {
        var decays = network.named_parameters().ToLookup(parameter => !parameter.name.Contains("log_", StringComparison.Ordinal), parameter => parameter.parameter);
        return optim.SGD(
            [
                new SGD.ParamGroup(decays[true], new SGD.Options { weight_decay = 5e-4, momentum = 0.9, LearningRate = 0.1, InitialLearningRate = 0.1 }),
                new SGD.ParamGroup(decays[false], new SGD.Options { weight_decay = 0, momentum = 0.9, LearningRate = 0.1, InitialLearningRate = 0.1 }),
            ],
            0.1, momentum: 0.9);
    }
}
