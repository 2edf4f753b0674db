using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Shows how far an evaluation is; safe for concurrent calls.</summary>
internal interface IEvaluationDisplay : IProgress<EvaluationProgress>, IAsyncDisposable
{
    /// <summary>Live on a terminal, else a line every few seconds.</summary>
    static IEvaluationDisplay Create(CliServices services, bool isJson) => services.IsTerminal && !isJson
        ? new LiveEvaluation(services.Console, services.Clock)
        : new EvaluationLines(services.Error, services.Clock);
}
