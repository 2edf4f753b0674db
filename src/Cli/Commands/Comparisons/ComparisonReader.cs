using System.Reflection;
using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Commands.Comparisons;

/// <summary>Reads what a comparison's sweep has made of it.</summary>
internal sealed class ComparisonReader(CompareRequest request, CliServices services)
{
    private const int Images = 6;

    /// <summary>The figures, and the paths of one model of each method.</summary>
    public async Task<(Comparison Comparison, IReadOnlyList<(string Method, string Path)> Models)> ReadAsync(ISweepHandle sweep, ITrialOutcomes outcomes, CancellationToken cancellationToken)
    {
        var trials = await sweep.GetTrialsAsync(cancellationToken);
        var status = await sweep.GetStatusAsync(cancellationToken);
        var figures = new List<TrialFigures>();
        var models = new List<(string Method, string Path)>();
        foreach (var trial in trials)
        {
            var report = trial.State == TrialState.Completed ? await outcomes.ReportOf(trial, cancellationToken) : null;
            figures.Add(FiguresOf(trial, report));
            var method = ComparisonPlan.MethodOf(trial.Parameters);
            if (trial.State == TrialState.Completed && !models.Exists(model => model.Method == method))
            {
                models.Add((method, await outcomes.ModelOf(trial, cancellationToken)));
            }
        }

        var comparison = new Comparison
        {
            Origin = OriginOf(status),
            Methods = [.. request.Methods.Select(method => new MethodFigures(method, [.. figures.Where(trial => trial.Method == method).OrderBy(trial => trial.Seed)]))],
        };
        return (comparison, [.. request.Methods.SelectMany(method => models.Where(model => model.Method == method))]);
    }

    /// <summary>Looks into the networks; null, with a warning, where they or the data are not to be had here.</summary>
    public async Task<ComparisonInsight?> LookAsync(IReadOnlyList<(string Method, string Path)> models, CancellationToken cancellationToken)
    {
        if (models.Count == 0)
        {
            return null;
        }

        try
        {
            var seen = await services.Inspector.InspectAsync(new InspectionRequest([.. models.Select(model => model.Path)], request.Spec.Base.DataDirectory, Images), cancellationToken);
            return new ComparisonInsight(seen.Images, [.. models.Zip(seen.Models, (model, inside) => (model.Method, inside))]);
        }
        catch (Exception exception) when (exception is BadInputException or OperationFailedException or IOException)
        {
            services.Error.WriteLine($"warning: the report has no saliency maps, betas and gammas: {exception.Message}");
            return null;
        }
    }

    private static TrialFigures FiguresOf(TrialEntry trial, RunCompleted? report)
    {
        double Metric(string name) => trial.State == TrialState.Completed ? trial.Metrics.GetValueOrDefault(name, double.NaN) : double.NaN;
        var robustness = report?.Robustness;
        return new TrialFigures
        {
            Number = trial.Number,
            Method = ComparisonPlan.MethodOf(trial.Parameters),
            Seed = ComparisonPlan.SeedOf(trial.Parameters),
            State = trial.State,
            Error = trial.State == TrialState.Completed ? null : trial.Error ?? SweepText.NameOf(trial.State),
            TestAccuracy = Metric("testAccuracy"),
            GradNorm = Metric("gradNorm"),
            HessianNorm = Metric("hessianNorm"),
            Curvature = Metric("curvature"),
            Robust = [.. robustness?.Attacks?.Together.Select(at => new FigureAt(at.Epsilon, at.RobustAccuracy)) ?? []],
            Certified = [.. robustness?.Certificate?.At.Select(at => new FigureAt(at.Epsilon, at.Accuracy)) ?? []],
            GradientChange = [.. robustness?.Noise?.At.Select(at => new FigureAt(at.NoiseNorm, at.RelativeChange)) ?? []],
            Violations = robustness?.Violations.Count ?? 0,
            Epochs = [.. trial.Reports.Select(EpochOf)],
            Seconds = trial.Metrics.GetValueOrDefault("seconds", double.NaN),
            WeightsSha256 = trial.WeightsSha256,
        };
    }

    private static EpochFigures EpochOf(TrialReport report)
    {
        double Metric(string name) => report.Metrics.GetValueOrDefault(name, double.NaN);
        return new EpochFigures(report.Epoch, Metric("trainLoss"), Metric("testLoss"), Metric("testAccuracy"));
    }

    private ComparisonOrigin OriginOf(SweepStatus status)
    {
        var spec = request.Spec.Base;
        return new ComparisonOrigin(
            request.Command,
            typeof(ComparisonReader).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "",
            spec.Architecture, Names.DatasetTitle(spec.Dataset),
            request.Place is RunPlace.Cluster ? "a cluster" : $"{services.Inspector.Processor}, {Format.Counted(services.ProcessorCount, "core")}",
            status.Elapsed.TotalSeconds)
        {
            Epochs = spec.Epochs,
            Attacks = request.Attacks,
        };
    }
}
