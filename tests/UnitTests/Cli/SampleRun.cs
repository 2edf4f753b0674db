using Lcnn.Distributed.Cli.Reports;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Histories;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>A run that has everything that a report can show.</summary>
internal static class SampleRun
{
    private static readonly DateTimeOffset _start = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private static RobustnessFigures Figures(string name)
    {
        RobustAt[] at = [new RobustAt(0.1, 0.72, []), new RobustAt(0.25, 0.5, [])];
        var attacks = new AttackFigures("l2", 100, 7, null, null, IsClipped: true, 0.9, [new AttackResult("autoattack", at, [name])], at);
        var certificate = new CertificateFigures(name, 100, 12, 30, 40, 50, null, [new LayerShare("1.0.3", 4, 2, 1, 3, 9, 0.6)], 0.001, 0.002, 3, [new CertifiedAccuracy(0.1, 0.25), new CertifiedAccuracy(0.25, 0)]);
        return new RobustnessFigures(attacks, certificate, null, []);
    }

    public static ReportedRun Of(string name)
    {
        var spec = Recipes.Default() with { OutputDirectory = "/runs/a" };
        List<long> steps = [.. Enumerable.Range(0, 50).Select(step => (2L * step) + 1)];
        SeriesColumn Column(string field, Func<long, double> value) =>
            new(field, [.. steps.Select(step => 0.9 * value(step))], [.. steps.Select(step => 1.1 * value(step))], [.. steps.Select(value)]);
        var epochs = Enumerable.Range(1, 4).Select(epoch => new EpochCompleted
        {
            Epoch = epoch,
            Step = 25 * epoch,
            TrainLoss = 2.0 / epoch,
            TestLoss = 2.1 / epoch,
            TestAccuracy = 0.5 + (0.1 * epoch),
            Beta = new ValueRange(4, 5),
            Gamma = new ValueRange(9, 10 + epoch),
            CurvatureBound = 1e6 / epoch,
            CurvatureShares = [new LayerShare("1.0.3", 4, 2, 1, 3, 6e5 / epoch, 0.6), new LayerShare("2.0.3", 5, 2, 1, 3, 4e5 / epoch, 0.4)],
            Layers = [new LayerSharpness("1.0.3", 4, 9), new LayerSharpness("2.0.3", 5, 10 + epoch)],
            StepTimes = new StepTimes(0.02, 0.005, 0.01, 0.002, 0.003 / epoch, 0.001),
            Time = _start.AddSeconds(epoch),
            RunId = "run-1",
        }).ToList();
        var ranks = Enumerable.Range(0, 2).Select(rank => new RankReport { Rank = rank, Samples = 100, ComputeSeconds = 3, ForwardSeconds = 1, OwnerSeconds = 0.5, WaitSeconds = 0.2, DataSeconds = 0.1, TimedSamples = 80, StepSeconds = 2, Threads = 2 });
        var history = new StoredHistory
        {
            RunId = "run-1",
            Series = new SeriesWindow
            {
                RunId = "run-1",
                LastStep = 100,
                Width = 2,
                Steps = steps,
                Times = steps,
                Columns =
                [
                    Column("loss", step => 2.3 / step), Column("crossEntropy", step => 2.2 / step), Column("betaTerm", _ => 30), Column("gammaTerm", _ => 20), Column("gradientNorm", _ => double.NaN),
                    Column("learningRate", step => 0.1 / step), Column("samplesPerSecond", step => 900 + step), Column("trainAccuracy", _ => 0.9), Column("epoch", step => 1 + (step / 25)),
                ],
            },
            Events =
            [
                new RunStarted { RunId = "run-1", Spec = spec, ParameterCount = 77_098, TrainSamples = 1437, Time = _start },
                .. epochs,
                new GenerationChanged { RunId = "run-1", Generation = 2, Reason = $"rank 1 was lost: {name}", Time = _start.AddSeconds(3) },
                new RunWarning { RunId = "run-1", Message = name, Time = _start.AddSeconds(4) },
                new RunCompleted { RunId = "run-1", Spec = spec, TestAccuracy = 0.9, TestLoss = 0.4, Curvature = 3.2, HessianNorm = 2, GradNorm = 0.6, CurvatureSamples = 100, Ranks = [.. ranks], WeightsSha256 = "00ff", SamplesPerSecond = 1000, Time = _start.AddSeconds(5), Robustness = Figures(name) },
            ],
        };
        byte[] dot = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
        ExaminedImage Image(int place) => new(place, name, "another class", 0.99, dot, dot);
        return new ReportedRun(name, "/runs/a", history, new ExaminationReport(
            100, ["zero", name], [[48, 2], [3, 47]], [Image(3), Image(17)], [Image(5)], [new LayerSharpness("1.0.3", 4.2, 9.8), new LayerSharpness("2.0.3", 5.1, null)]));
    }
}
