namespace Lcnn.Distributed.Data.Claims;

/// <summary>What came of trying to claim a folder.</summary>
public abstract record ClaimOutcome
{
    private ClaimOutcome()
    {
    }

    /// <summary>The folder is the claimant's.</summary>
    public sealed record Held(FolderClaim Claim) : ClaimOutcome;

    /// <summary>It is another's, who lives.</summary>
    /// <param name="Reason">Who, and what to do.</param>
    public sealed record Refused(string Reason) : ClaimOutcome;

    /// <summary>It is another's, who may be dead: try again until it is known.</summary>
    /// <param name="Reason">Who, and how long that may take.</param>
    public sealed record Undecided(string Reason) : ClaimOutcome;
}
