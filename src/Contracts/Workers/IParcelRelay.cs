namespace Lcnn.Distributed.Contracts.Workers;

/// <summary>The grain transport: takes blocks of parcels where no stream gets through. Keyed as the worker it belongs to.</summary>
[Alias("lcnn.IParcelRelay")]
public interface IParcelRelay : IGrainWithStringKey
{
    /// <summary>Takes one block; a repeated one changes nothing.</summary>
    /// <param name="block">At most 1 MiB with its header, as the sender's transport wrote it. Neither side changes it before the call is back.</param>
    [Alias("DeliverAsync")]
    Task DeliverAsync([Immutable] byte[] block, CancellationToken cancellationToken);
}
