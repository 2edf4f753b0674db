using System.Text;
using Lcnn.Distributed.Cli.Output;

namespace Lcnn.Distributed.UnitTests.Cli.Output;

public sealed class StandardStreamsTests : IDisposable
{
    private readonly OutputHealth _health = new();
    private readonly FullDisk _output = new();
    private readonly FullDisk _error = new();
    private readonly StandardStreams _streams;

    public StandardStreamsTests() => _streams = new StandardStreams(_output, _error, _health);

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Output_DiskFullAndThenNot_HoldsWholeLinesOnly()
    {
        _streams.Out.WriteLine("one");
        _output.Fail(new OutputLostException("full", isReaderGone: false));
        _streams.Out.Write("two ");
        _output.Recover();

        _streams.Out.WriteLine("and a half");
        _streams.Out.WriteLine("three");

        Assert.Equal(["one", "three"], _output.Lines);
        Assert.Equal("full", _health.Loss);
    }

    [Fact]
    public void Output_LostAgainAndAgain_IsWarnedOfOnce()
    {
        _health.WorkUnseen(isJson: false);
        _output.Fail(new OutputLostException("full", isReaderGone: false));

        _streams.Out.WriteLine("one");
        _streams.Out.WriteLine("two");

        Assert.Equal(["warning: standard output cannot be written (full); the work goes on without it"], _error.Lines);
        Assert.False(_health.ReaderGone.IsCancellationRequested);
    }

    [Fact]
    public void Output_ReaderGoneFromACommandThatShows_IsNothingToTell()
    {
        _output.Fail(new OutputLostException("Broken pipe", isReaderGone: true));

        _streams.Out.WriteLine("one");

        Assert.True(_health.ReaderGone.IsCancellationRequested);
        Assert.Empty(_error.Lines);
    }

    [Theory]
    [InlineData(false, "warning: standard error cannot be written (full); the work goes on without it")]
    [InlineData(true, "\"event\":\"warning\"")]
    public void Error_Lost_IsSaidOnStandardOutputInItsFormat(bool isJson, string expected)
    {
        _health.WorkUnseen(isJson);
        _error.Fail(new OutputLostException("full", isReaderGone: false));

        _streams.Error.WriteLine("one");
        _streams.Error.WriteLine("two");

        Assert.Contains(expected, Assert.Single(_output.Lines), StringComparison.Ordinal);
        Assert.Null(_health.Loss);
    }

    [Fact]
    public void Both_Lost_LetTheWorkGoOn()
    {
        _health.WorkUnseen(isJson: true);
        _output.Fail(new OutputLostException("full", isReaderGone: false));
        _error.Fail(new OutputLostException("full", isReaderGone: false));

        _streams.Out.WriteLine("one");
        _streams.Error.WriteLine("two");

        Assert.Empty(_output.Lines);
        Assert.Empty(_error.Lines);
    }

    private sealed class FullDisk : WriteOnlyStream
    {
        private readonly MemoryStream _written = new();
        private IOException? _failure;

        public IReadOnlyList<string> Lines =>
            Encoding.UTF8.GetString(_written.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        public void Fail(IOException failure) => _failure = failure;

        public void Recover() => _failure = null;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (_failure is not null)
            {
                throw _failure;
            }

            _written.Write(buffer);
        }
    }
}
