namespace Lcnn.Distributed.Contracts.Security;

/// <summary>What a caller may do; each may do what those before it may.</summary>
public enum Role
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Lists, watches and downloads.</summary>
    View = 1,

    /// <summary>Starts, pauses and stops runs and sweeps.</summary>
    Operate = 2,

    /// <summary>Is a part of the cluster: coordinates, trains, reports, stores.</summary>
    Silo = 3,
}
