using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>One intra-op thread for the calling thread (the setting is per thread), and a scope that frees the test's tensors.</summary>
internal sealed class OneThread : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public OneThread() => set_num_threads(1);

    public void Dispose() => _scope.Dispose();
}
