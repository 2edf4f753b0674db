using Lcnn.Distributed.Cli.Services;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>How far an evaluation is, in a line that redraws itself and goes when it is done.</summary>
internal sealed class LiveEvaluation : IEvaluationDisplay
{
    private readonly EvaluationText _text;
    private readonly LiveScreen _screen;
    private string _line = "reading the data set";

    public LiveEvaluation(IAnsiConsole console, TimeProvider clock)
    {
        _text = new EvaluationText(clock);
        _screen = new LiveScreen(console, clock, (_, _) => new Text(_line));
    }

    public void Report(EvaluationProgress value) => _screen.Update(
        () =>
        {
            _line = _text.Of(value);
            return null;
        },
        isUrgent: false);

    public async ValueTask DisposeAsync() => await _screen.CloseAsync(leavesView: false);
}
