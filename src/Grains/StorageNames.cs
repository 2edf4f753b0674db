namespace Lcnn.Distributed.Grains;

/// <summary>Names under which a silo registers its storage.</summary>
public static class StorageNames
{
    /// <summary>Of every grain's state.</summary>
    public const string Grains = "lcnn";
}
