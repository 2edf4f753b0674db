using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Demonstrations;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>Work that fails as work on bad data does.</summary>
internal sealed class Unavailable : IEvaluator, IModelInspector, IMoons, IPredictor, IModelExchange, IDiagnostics, IDatasetLocator, IStepBenchmark, IAllReduceBenchmark, INetworkBenchmark, IScalingBenchmark, IPingBenchmark, ISweepBenchmark, IDataTools
{
    public Task<EvaluationReport> EvaluateAsync(EvaluationRequest request, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken) => throw Error("evaluation");

    public string Processor => "a processor";

    public Task<InspectionReport> InspectAsync(InspectionRequest request, CancellationToken cancellationToken) => throw Error("the look into models");

    public Task<ExaminationReport> ExamineAsync(ExaminationRequest request, CancellationToken cancellationToken) => throw Error("the look at samples");

    public Task<MoonsReport> RunAsync(TwoMoonsDemonstration demonstration, CancellationToken cancellationToken) => throw Error("the demonstration");

    public Task<PredictionReport> PredictAsync(PredictionRequest request, CancellationToken cancellationToken) => throw Error("the prediction");

    public Task<ImportReport> ImportAsync(ImportRequest request, CancellationToken cancellationToken) => throw Error("the import");

    public Task<ExportReport> ExportAsync(ExportRequest request, CancellationToken cancellationToken) => throw Error("the export");

    public Task<DiagnosticReport> InspectAsync(CancellationToken cancellationToken) => throw Error("diagnostics");

    public IReadOnlyList<DatasetEntry> List(string? dataDirectory) => throw Error("the list of data sets");

    public Task<StepBenchmarkReport> MeasureAsync(StepBenchmarkRequest request, CancellationToken cancellationToken) => throw Error("the benchmark");

    public Task<PingReport> MeasureAsync(PingRequest request, Action<string> progress, CancellationToken cancellationToken) => throw Error("the benchmark");

    public Task<SweepBenchmarkReport> MeasureAsync(SweepBenchmarkRequest request, Action<string> progress, CancellationToken cancellationToken) => throw Error("the benchmark");

    public Task<ScalingReport> MeasureAsync(ScalingRequest request, Action<string> progress, CancellationToken cancellationToken) => throw Error("the benchmark");

    public Task<AllReduceReport> MeasureAsync(AllReduceRequest request, CancellationToken cancellationToken) => throw Error("the benchmark");

    public NetworkBenchmarkReport Simulate(NetworkBenchmarkRequest request, CancellationToken cancellationToken) => throw Error("the benchmark");

    public Task ServeAsync(TextReader input, TextWriter output, CancellationToken cancellationToken) => throw Error("the benchmark");

    public Task<PackReport> PackAsync(RunSpec source, string target, IProgress<int> decoded, CancellationToken cancellationToken) => throw Error("the data set");

    public Task<DataReport> DescribeAsync(RunSpec source, bool verify, CancellationToken cancellationToken) => throw Error("the data set");

    public Task<SheetReport> DrawAsync(RunSpec source, string target, int perClass, CancellationToken cancellationToken) => throw Error("the data set");

    private static BadInputException Error(string what) => new($"{what} cannot be had");
}
