using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client.Recording;

/// <summary>Keeps what a run tells in the form of another tool, and is never in the way of the run.</summary>
public interface IRunRecorder : IAsyncDisposable
{
    /// <summary>Takes the next event. Returns at once, and throws nothing: what cannot be kept is said in a warning, once.</summary>
    void Record(RunEvent runEvent);
}
