using System.Text;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Output;

/// <summary>Standard output and standard error for all of the program, its libraries' logs and tables too: neither can fail whoever writes.</summary>
/// <remarks>The first loss is said on the other stream, past its locks: both may be lost at the same moment.</remarks>
internal sealed class StandardStreams
{
    private readonly Stream _output;
    private readonly Stream _error;
    private readonly OutputHealth _health;
    private int _errorLosses;

    public StandardStreams(Stream output, Stream error, OutputHealth health)
    {
        (_output, _error, _health) = (output, error, health);
        Out = Writer(new GuardedStream(output, OnOutputLost));
        Error = Writer(new GuardedStream(error, OnErrorLost));
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    /// <summary>Takes the place of the console's own streams; to be called before anything uses them.</summary>
    public static void Install(OutputHealth health)
    {
        var streams = new StandardStreams(Open(1), Open(2), health);
        Console.SetOut(streams.Out);
        Console.SetError(streams.Error);
        if (streams._output is DescriptorStream)
        {
            new Thread(() => AwaitLoss(health), maxStackSize: 64 * 1024) { IsBackground = true, Name = "reader" }.Start();
        }
    }

    private static Stream Open(int descriptor) =>
        OperatingSystem.IsWindows() ? (descriptor == 1 ? Console.OpenStandardOutput() : Console.OpenStandardError())
        : InheritedDescriptors.IsOpen(descriptor) ? new DescriptorStream(descriptor)
        : new ClosedStream();

    // Without a byte order mark.
    private static StreamWriter Writer(Stream stream) => new(stream, Console.OutputEncoding is UTF8Encoding ? new UTF8Encoding() : Console.OutputEncoding) { AutoFlush = true };

    // A reader that leaves while there is nothing to write is noticed too.
    private static void AwaitLoss(OutputHealth health)
    {
        if (DescriptorPoll.WaitForLoss(1))
        {
            health.LoseReader();
        }
    }

    private void OnOutputLost(IOException exception)
    {
        var isReaderGone = exception is OutputLostException { IsReaderGone: true };
        if (_health.Lose(exception.Message) && (_health.WorksUnseen || !isReaderGone))
        {
            Say(_error, $"warning: {Warning("standard output", exception)}");
        }

        if (isReaderGone)
        {
            _health.LoseReader();
        }
    }

    private void OnErrorLost(IOException exception)
    {
        if (Interlocked.Increment(ref _errorLosses) == 1 && _health.WorksUnseen)
        {
            var warning = Warning("standard error", exception);
            Say(_output, _health.IsJson ? RunEventJson.Serialize(new RunWarning { Message = warning }) : $"warning: {warning}");
        }
    }

    private string Warning(string stream, IOException exception) =>
        $"{stream} cannot be written ({exception.Message}){(_health.WorksUnseen ? "; the work goes on without it" : "")}";

    private static void Say(Stream stream, string line)
    {
        try
        {
            stream.Write(Encoding.UTF8.GetBytes(line + Environment.NewLine));
            stream.Flush();
        }
        catch (IOException)
        {
            // Then nobody is left to be told.
        }
    }
}
