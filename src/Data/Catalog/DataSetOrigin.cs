namespace Lcnn.Distributed.Data.Catalog;

/// <summary>Where a data set was found.</summary>
public enum DataSetOrigin
{
    /// <summary>In none of the places that were searched.</summary>
    NotFound,
    /// <summary>Inside this assembly.</summary>
    Embedded,
    /// <summary>In the folder the user named.</summary>
    DataDirectory,
    /// <summary>In the folder of Debian's package.</summary>
    System,
    /// <summary>In the cache folder.</summary>
    Cache,
}
