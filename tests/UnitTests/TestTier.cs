namespace Lcnn.Distributed.UnitTests;

/// <summary>How much is tried: a sample by default, all of it with LCNN_LONG=1.</summary>
internal static class TestTier
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("LCNN_LONG") == "1";
}
