using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Measures a model where it was asked to be: in this process, or on workers.</summary>
internal sealed class ModelEvaluator(bool isDebugging) : IEvaluator
{
    public Task<EvaluationReport> EvaluateAsync(EvaluationRequest request, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
    {
        IEvaluator evaluator = request.Place is { } place ? new WorkersEvaluator(place, isDebugging, Console.Error.WriteLine) : new SnapshotEvaluator();
        return evaluator.EvaluateAsync(request, progress, cancellationToken);
    }
}
