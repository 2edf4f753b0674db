using Lcnn.Distributed.Cli.Commands;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Stands in for work that this build cannot do, and says so.</summary>
internal sealed class Unavailable : IEvaluator, IDiagnostics, IDatasetLocator, IStepBenchmark
{
    public Task<EvaluationReport> EvaluateAsync(EvaluationRequest request, CancellationToken cancellationToken) =>
        throw Error("evaluation");

    public Task<DiagnosticReport> InspectAsync(CancellationToken cancellationToken) => throw Error("diagnostics");

    public IReadOnlyList<DatasetEntry> List(string? dataDirectory) => throw Error("the list of data sets");

    public Task<StepBenchmarkReport> MeasureAsync(StepBenchmarkRequest request, CancellationToken cancellationToken) =>
        throw Error("the step benchmark");

    private static BadInputException Error(string what) => new($"{what} is not part of this build");
}
