using Orleans.Storage;

namespace Lcnn.Distributed.UnitTests.Grains.Storage;

/// <summary>A record in a storage that can be away, lose its answers, and be written by somebody else.</summary>
internal sealed class FakeStorage<TRecord> : IPersistentState<TRecord>
    where TRecord : new()
{
    private int _version;
    private int _knownVersion;
    private TaskCompletionSource _open = Opened();

    public TRecord State { get; set; } = new();

    /// <summary>What is stored.</summary>
    public TRecord Stored { get; private set; } = new();

    /// <summary>Reads that fail before the storage works again.</summary>
    public int ReadFailuresLeft { get; set; }

    /// <summary>Writes that are done but fail.</summary>
    public int AnswersToLose { get; set; }

    /// <summary>Writes that fail before the storage works again.</summary>
    public int WriteFailuresLeft { get; set; }

    /// <summary>How writes fail.</summary>
    public Exception Trouble { get; set; } = new TimeoutException("the storage is away");

    public string Etag => $"{_knownVersion}";

    public bool RecordExists => _version > 0;

    /// <summary>A write from elsewhere.</summary>
    public void WriteElsewhere(TRecord record) => (Stored, _version) = (record, _version + 1);

    public async Task WriteStateAsync()
    {
        await _open.Task;
        if (WriteFailuresLeft-- > 0)
        {
            throw Trouble;
        }

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

    /// <summary>Lets writes wait for <see cref="Release"/>.</summary>
    public void Hold() => _open = new TaskCompletionSource();

    public void Release() => _open.SetResult();

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }
}
