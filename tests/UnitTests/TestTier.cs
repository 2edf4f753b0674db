namespace Lcnn.Distributed.UnitTests;

/// <summary>How much is tried: a sample by default, all of it with LCNN_LONG=1.</summary>
internal static class TestTier
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("LCNN_LONG") == "1";

    public static bool IsContinuousIntegration { get; } =
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    public static void SkipUnlessLong() => Assert.SkipUnless(IsLong, "takes minutes: set LCNN_LONG=1");
}
