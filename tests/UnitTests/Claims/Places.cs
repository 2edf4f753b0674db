using Lcnn.Distributed.Data.Claims;

namespace Lcnn.Distributed.UnitTests.Claims;

/// <summary>From where a test claims folders.</summary>
internal static class Places
{
    /// <summary>This machine, and a process that has ended.</summary>
    public static ClaimPlace Dead { get; } = ClaimPlace.With(ProcessMark.Current with { Start = "1" });

    /// <summary>Another machine, whose processes cannot be looked at.</summary>
    public static ClaimPlace Elsewhere { get; } = new("process 7 on elsewhere", new ProcessMark("elsewhere", 7, "1"));

    /// <summary>The longest silence of a holder that lives, and a little more.</summary>
    public static TimeSpan Lease { get; } = TimeSpan.FromSeconds(FolderClaim.LeaseSeconds + 1);
}
