using Lcnn.Distributed.Grains.Sweeps;
using Orleans.Storage;

namespace Lcnn.Distributed.UnitTests.Grains.Storage;

/// <summary>A record in a storage that can be away, lose its answers, and be written by somebody else.</summary>
internal sealed class FakeStorage : IPersistentState<SweepRecord>
{
    private int _version;
    private int _knownVersion;

    public SweepRecord State { get; set; } = new();

    /// <summary>What is stored.</summary>
    public SweepRecord Stored { get; private set; } = new();

    /// <summary>Reads that fail before the storage works again.</summary>
    public int ReadFailuresLeft { get; set; }

    /// <summary>Writes that are done but fail.</summary>
    public int AnswersToLose { get; set; }

    public string Etag => $"{_knownVersion}";

    public bool RecordExists => _version > 0;

    /// <summary>A write from elsewhere.</summary>
    public void WriteElsewhere(SweepRecord record) => (Stored, _version) = (record, _version + 1);

    public Task WriteStateAsync()
    {
        if (_knownVersion != _version)
        {
            throw new InconsistentStateException("written by another", $"{_version}", Etag);
        }

        (Stored, _version) = (State, _version + 1);
        if (AnswersToLose-- > 0)
        {
            throw new TimeoutException("the answer was lost");
        }

        _knownVersion = _version;
        return Task.CompletedTask;
    }

    public Task ReadStateAsync()
    {
        if (ReadFailuresLeft-- > 0)
        {
            throw new TimeoutException("the storage is away");
        }

        (State, _knownVersion) = (Stored, _version);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync() => throw new NotSupportedException();
}
