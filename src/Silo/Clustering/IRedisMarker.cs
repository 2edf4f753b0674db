namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>The marker that a cluster leaves in its Redis.</summary>
internal interface IRedisMarker
{
    /// <summary>Puts the marker there if there is none.</summary>
    /// <returns>The marker that is there now.</returns>
    Task<string> EnsureAsync();

    /// <summary>The marker; null when it is gone.</summary>
    Task<string?> ReadAsync();
}
