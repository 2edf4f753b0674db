namespace Lcnn.Distributed.Contracts.Cluster;

/// <summary>What one silo reaches of the store of records; keyed by, and always placed on, that silo.</summary>
[Alias("lcnn.ISiloReachGrain")]
public interface ISiloReachGrain : IGrainWithStringKey
{
    /// <summary>Whether it has just reached the store.</summary>
    [Alias("ReachesStoreAsync")]
    Task<bool> ReachesStoreAsync(CancellationToken cancellationToken);

    /// <summary>Tells it of another silo that does not reach the store while others do, or does again.</summary>
    /// <param name="silo">The other, as <c>SiloAddress.ToParsableString</c> writes it.</param>
    /// <param name="isCutOff">Whether it is cut off.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("NoteAsync")]
    Task NoteAsync(string silo, bool isCutOff, CancellationToken cancellationToken);
}
