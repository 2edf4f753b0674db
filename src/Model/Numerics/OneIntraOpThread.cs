using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>One intra-op thread for the calling thread until disposed (promise P1), for threads that are not a worker's own.</summary>
/// <remarks>
/// The number is the calling thread's, but setting it also sets the default of others, which libtorch gives a thread at its first
/// kernel or question, even over a number set before. Hence the question first, and the number put back at the end.
/// </remarks>
internal sealed class OneIntraOpThread : IDisposable
{
    private readonly int _before = get_num_threads();

    public OneIntraOpThread() => set_num_threads(1);

    /// <summary>One intra-op thread for the rest of the calling thread's life.</summary>
    public static void Claim()
    {
        get_num_threads();
        set_num_threads(1);
    }

    public void Dispose() => set_num_threads(_before);
}
