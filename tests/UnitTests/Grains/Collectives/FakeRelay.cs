using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

/// <summary>A grain that is a function.</summary>
internal sealed class FakeRelay(Func<byte[], Task> deliver) : IParcelRelay
{
    public Task DeliverAsync(byte[] block, CancellationToken cancellationToken) => deliver(block);
}
