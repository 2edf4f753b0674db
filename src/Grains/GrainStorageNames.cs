namespace Lcnn.Distributed.Grains;

/// <summary>Names under which grains ask for storage.</summary>
public static class GrainStorageNames
{
    /// <summary>The one store of all our records: Redis where there is one, else the memory of silos.</summary>
    public const string Lcnn = "lcnn";
}
