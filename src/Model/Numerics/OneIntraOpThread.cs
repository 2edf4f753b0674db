using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>One intra-op thread for the calling thread until disposed (promise P1), for threads that are not a worker's own.</summary>
internal sealed class OneIntraOpThread : IDisposable
{
    // Setting it also sets the default of threads that start later, hence put back.
    private readonly int _before = get_num_threads();

    public OneIntraOpThread() => set_num_threads(1);

    public void Dispose() => set_num_threads(_before);
}
