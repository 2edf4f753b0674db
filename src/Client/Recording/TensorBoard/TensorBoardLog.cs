using Google.Protobuf;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client.Recording.TensorBoard;

/// <summary>Writes a run for TensorBoard: scalars over steps, and the spec as hyper-parameters. Needs neither TensorFlow nor TorchSharp.</summary>
/// <remarks>Events of one run, one after another. A run that went back to a step replaces what the folder has after it.</remarks>
public sealed class TensorBoardLog : IRunRecorder
{
    private const int Summary = 5;
    private const int SummaryValue = 1;
    private const int Session = 7;
    private const int SessionStart = 1;
    private static readonly TimeSpan _flushEvery = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly Action<string> _warn;
    private EventFile? _file;
    private DateTimeOffset _flushedAt;
    private bool _isBroken;

    /// <summary>Makes the folder; the file in it begins with the run.</summary>
    /// <param name="folder">TensorBoard shows each folder with such files as a run.</param>
    /// <param name="warn">Told once if it cannot be written any more.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    public TensorBoardLog(string folder, Action<string>? warn = null)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _warn = warn ?? (_ => { });
    }

    /// <inheritdoc/>
    public void Record(RunEvent runEvent)
    {
        ArgumentNullException.ThrowIfNull(runEvent);
        if (_isBroken)
        {
            return;
        }

        try
        {
            Write(runEvent);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _isBroken = true;
            _warn($"nothing more is written for TensorBoard to '{_folder}': {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        try
        {
            _file?.Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_isBroken)
            {
                _warn($"the last of it could not be written for TensorBoard to '{_folder}': {exception.Message}");
            }
        }

        _file = null;
        return ValueTask.CompletedTask;
    }

    private void Write(RunEvent runEvent)
    {
        var scalars = RunScalars.Of(runEvent);
        if (scalars.Count > 0)
        {
            Open(runEvent).Append(runEvent.Time, scalars[0].Step, Summary, output =>
            {
                foreach (var scalar in scalars)
                {
                    output.Field(SummaryValue, value => WriteScalar(value, scalar));
                }
            });
        }

        switch (runEvent)
        {
            case RunStarted started:
                Begin(started);
                break;
            case RunCompleted or RunFailed or RunCancelled when _file is not null:
                WriteParameters(runEvent, 0, Hyperparameters.End(runEvent));
                break;
        }

        if (_file is not null && (runEvent is not StepCompleted || runEvent.Time - _flushedAt >= _flushEvery))
        {
            _file.Flush();
            _flushedAt = runEvent.Time;
        }
    }

    private EventFile Open(RunEvent first) => _file ??= new EventFile(_folder, first.Time);

    private void Begin(RunStarted started)
    {
        if (started.ResumedAtStep > 0)
        {
            Open(started).Append(started.Time, started.ResumedAtStep + 1, Session, output => output.Field(1, (long)SessionStart));
        }

        WriteParameters(started, started.ResumedAtStep, Hyperparameters.Begin(started));
    }

    private void WriteParameters(RunEvent runEvent, long step, IEnumerable<byte[]> values) => Open(runEvent).Append(runEvent.Time, step, Summary, output =>
    {
        foreach (var value in values)
        {
            output.Field(SummaryValue, value);
        }
    });

    // summary.proto: a value's tag, and the number itself.
    private static void WriteScalar(CodedOutputStream output, RunScalar scalar)
    {
        output.Field(1, scalar.Tag);
        output.Field(2, (float)scalar.Value);
    }
}
